// Manifests, indexes and configs that are malformed, huge, or lie, in the forms that have them.
import type { HostileCase } from './hostileArchives';
import { hostileConfigs } from './hostileConfigs';
import { storedCase } from './hostileDocument';
import { hostileIndexes } from './hostileIndexes';
import { hostileSaved } from './hostileSaved';

/** The document cases, each in its forms. */
export async function documents(): Promise<HostileCase[]> {
  const cases: HostileCase[] = [];
  for (const { name, forms, changes, expect } of [...hostileSaved, ...hostileIndexes, ...hostileConfigs]) {
    for (const form of forms) {
      cases.push({ name: `${name}: ${form}`, ...(await storedCase(form, changes, expect)) });
    }
  }
  return cases;
}
