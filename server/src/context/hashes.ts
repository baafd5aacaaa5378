// sha256 of the context's files, each computed once: kept by path, size, time and inode, in memory and in a file. What a
// cache key is made of them is for the forecast.
import type { Digest } from '../primitives/digest';
import { sha256 } from '../primitives/digest';
import { isCancelled } from '../primitives/errors';
import type { Host } from '../primitives/host';
import type { ContextEntry } from './model';

export interface Hashes {
  /**
   * Digests of the regular files among the entries, by path; null for one that cannot be read. The root is an absolute
   * folder. Throws StrataError('cancelled').
   */
  digestsOf(
    root: string,
    entries: Iterable<ContextEntry>,
    signal?: AbortSignal,
  ): Promise<Map<string, Digest | null>>;
  /** Writes what is new to the file. A disk that refuses costs the next start some time and nothing else. */
  save(): Promise<void>;
}

interface Kept {
  size: number;
  mtimeMs: number;
  inode: number;
  digest: Digest;
}

const header = 'strata file digests 1';
const mostKept = 300_000;
const largestFile = 128 * 1024 * 1024;
/** Large files are read by awaited calls, and while one waits for the disk another is hashed. */
const atOnce = 4;
/** A file that was written this short before it was hashed may be written again without another time. */
const freshMs = 50;
const emptyDigest = sha256('');

/** By root, then by path below it: a lookup costs no new text. */
type KeptFiles = Map<string, Map<string, Kept>>;

/** Without `file`, or when it cannot be read, nothing outlives the process. */
export function createHashes(host: Host, options: { file?: string } = {}): Hashes {
  let kept: KeptFiles | null = null;
  let unsaved = 0;

  const compute = async (
    full: string,
    entry: ContextEntry,
    below: Map<string, Kept>,
    signal: AbortSignal | undefined,
  ): Promise<Digest | null> => {
    const { path, size, mtimeMs, inode } = entry;
    try {
      const read = await host.files.digest(full, signal);
      // Written meanwhile: the digest is that of the new file, which the next walk will see.
      if (read.size === size && Math.abs(host.now() - mtimeMs) > freshMs) {
        below.set(path, { size, mtimeMs, inode, digest: read.digest });
        unsaved++;
      }
      return read.digest;
    } catch (error) {
      if (isCancelled(error)) throw error;
      return null;
    }
  };
  return {
    async digestsOf(root, entries, signal) {
      kept ??= await readKept(host, options.file);
      const base = root.replace(/(?<=.)\/+$/, '');
      const below = kept.get(base) ?? new Map<string, Kept>();
      // Set anew, it stands last: the root used longest ago stands first, and goes first.
      kept.delete(base);
      kept.set(base, below);
      const digests = new Map<string, Digest | null>();
      const unknown: ContextEntry[] = [];
      for (const entry of entries) {
        if (entry.type !== 'file') continue;
        const known = entry.arrivesEmpty ? emptyDigest : digestIn(below, entry);
        if (known) digests.set(entry.path, known);
        else unknown.push(entry);
      }
      let next = 0;
      const work = async (): Promise<void> => {
        while (next < unknown.length) {
          const entry = unknown[next++]!;
          digests.set(entry.path, await compute(`${base}/${entry.path}`, entry, below, signal));
        }
      };
      await Promise.all(Array.from({ length: Math.min(atOnce, unknown.length) }, work));
      shrink(kept);
      return digests;
    },
    async save() {
      if (options.file === undefined || kept === null || unsaved === 0) return;
      unsaved = 0;
      try {
        await host.files.writeWhole(options.file, textOf(kept));
      } catch {
        // The digests are computed again next time.
      }
    },
  };
}

function digestIn(
  below: ReadonlyMap<string, Kept>,
  { path, size, mtimeMs, inode }: ContextEntry,
): Digest | null {
  const known = below.get(path);
  const same = known && known.size === size && known.mtimeMs === mtimeMs && known.inode === inode;
  return same ? known.digest : null;
}

/** Drops what was computed first of the root that was used longest ago. */
function shrink(kept: KeptFiles): void {
  let count = 0;
  for (const below of kept.values()) count += below.size;
  for (const [root, below] of kept) {
    for (const path of below.keys()) {
      if (count <= mostKept) return;
      below.delete(path);
      count--;
    }
    kept.delete(root);
  }
}

function textOf(kept: KeptFiles): string {
  const rows = [header];
  for (const [root, below] of kept) {
    rows.push(JSON.stringify(root));
    for (const [path, { size, mtimeMs, inode, digest }] of below) {
      rows.push(`${digest.slice(7)} ${size} ${mtimeMs} ${inode} ${JSON.stringify(path)}`);
    }
  }
  return `${rows.join('\n')}\n`;
}

const row = /^(?:([0-9a-f]{64}) (\d{1,16}) (-?\d{1,16}(?:\.\d{1,20})?) (\d{1,20}) )?(".*")$/;

/** A file of another version, or one that was cut or changed, counts as none. */
async function readKept(host: Host, file: string | undefined): Promise<KeptFiles> {
  const kept: KeptFiles = new Map();
  if (file === undefined) return kept;
  try {
    const stat = await host.files.stat(file);
    if (stat?.kind !== 'file' || stat.size > largestFile) return kept;
    const rows = (await host.files.readText(file))?.split('\n') ?? [];
    if (rows[0] !== header || rows.at(-1) !== '' || rows.length > 2 * mostKept) return kept;
    let below = new Map<string, Kept>();
    for (const text of rows.slice(1, -1)) {
      const [, hex, size, mtimeMs, inode, quoted] = row.exec(text) ?? [];
      if (quoted === undefined) return new Map();
      const path = JSON.parse(quoted) as string;
      if (hex === undefined) {
        below = new Map();
        kept.set(path, below);
      } else {
        const numbers = { size: Number(size), mtimeMs: Number(mtimeMs), inode: Number(inode) };
        below.set(path, { ...numbers, digest: `sha256:${hex}` });
      }
    }
    return kept;
  } catch {
    return new Map();
  }
}
