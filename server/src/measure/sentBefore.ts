// What a builder has of a context already, by the records of its builds: where it does not look at a file again, an edit
// stays unseen. Reads nothing.
import type { RecordedPart } from '../build/model';
import type { CacheHistory } from '../forecast/cacheHistory';

/**
 * What of the context BuildKit has from the last build, by path. Its client sends a file again only when its size, mode or
 * time changed (fsutil, sameFile), so that an edit which keeps them stays unseen; and a folder that is there already keeps
 * in the cache's eyes the mode that it came with (diskwriter.go tells nobody of a new one) [T: BuildKit 0.34]. What a
 * build does not ask for is gone after it. Other builders read everything anew.
 */
export function sentBefore({ past, rules }: CacheHistory): ReadonlyMap<string, RecordedPart> {
  const sent = new Map<string, RecordedPart>();
  if (rules !== 'buildkit') return sent;
  const folders = new Map<string, RecordedPart>();
  for (const { cache } of past) {
    if (!cache || cache.contents.length === 0) continue;
    sent.clear();
    for (const { parts } of cache.contents) for (const part of parts ?? []) sent.set(part.from, part);
    const above = new Set<string>();
    for (const path of sent.keys()) {
      for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
        above.add(path.slice(0, at));
    }
    for (const path of folders.keys()) if (!above.has(path) && !sent.has(path)) folders.delete(path);
    for (const part of sent.values()) if (part.type === 'directory') folders.set(part.from, part);
  }
  return new Map([...folders, ...sent]);
}
