// A tar as a place whose files lie where its headers said: read by position. How the headers are gone through is
// archive.ts, and packedArchive.ts for a tar that had to be unpacked.
import type { Host } from '../primitives/host';
import { finder, type Member } from './archiveMembers';
import { maxDocumentBytes, type Place, storedBlob, tooLarge } from './place';

export interface Archive extends Place {
  /** What a person should know of how it is read; null when there is nothing. */
  readonly note: string | null;
  has(path: string): boolean;
  /** Removes what was unpacked. Neither files nor layers may be read afterwards. */
  close(): Promise<void>;
}

/**
 * The archive of a plain tar whose members are known.
 * @param signal ends what is read of it while an image is opened; layers have signals of their own
 * @param unpacked where the tar was unpacked from, and how what was made for it is removed
 */
export function plainArchive(
  host: Host,
  path: string,
  members: ReadonlyMap<string, Member>,
  signal: AbortSignal | undefined,
  unpacked?: { origin: string; remove: () => Promise<void> },
): Archive {
  const find = finder(members);
  return {
    note: null,
    has: (name) => find(name) !== null,
    async read(name) {
      const found = find(name);
      if (!found) return null;
      signal?.throwIfAborted();
      if (found.size > maxDocumentBytes) throw tooLarge(name, found.size);
      const opened = await host.files.open(path);
      try {
        return await opened.read(found.at, found.size);
      } finally {
        await opened.close();
      }
    },
    async blob(name) {
      const found = find(name);
      signal?.throwIfAborted();
      return found && storedBlob(host, path, found.at, found.size, unpacked?.origin);
    },
    close: unpacked?.remove ?? (async () => {}),
  };
}
