// What fixes promised to save, remembered from the moment they are applied until the next build has shown what they did
// save. Not told where the text went back to what it was, or where nothing was promised.
import type { BuildRecord } from '../build/model';
import { translated } from '../describe/translate';
import { comparePromise } from '../rules/promise';
import type { Session } from './session';

/** What an applied fix tells through `workspace/executeCommand`; any editor sends it. */
export const fixApplied = 'strata.fixApplied';

const promised = new WeakMap<Session, Map<string, number>>();

/** @param args the Dockerfile's URI and the bytes that were promised, as the code action carries them */
export function noteFix(session: Session, args: readonly unknown[]): void {
  const [uri, bytes] = args;
  if (typeof uri !== 'string' || typeof bytes !== 'number' || !(bytes > 0)) return;
  const open = promised.get(session) ?? new Map<string, number>();
  promised.set(session, open);
  open.set(uri, (open.get(uri) ?? 0) + bytes);
}

/** The sentence after a build; null when nothing was promised or nothing can be said. */
export function promiseKept(
  session: Session,
  uri: string,
  before: BuildRecord | null,
  after: BuildRecord,
  baseLayers: number,
): string | null {
  const open = promised.get(session);
  const bytes = open?.get(uri);
  if (bytes === undefined || !before?.image || !after.image) return null;
  open?.delete(uri);
  return before.text === after.text
    ? null
    : translated(comparePromise(before.image, after.image, bytes, baseLayers).sentence);
}
