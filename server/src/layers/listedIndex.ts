// A layer's index from the table of contents that it carries (eStargz and zstd:chunked write the same JSON): names, sizes,
// modes, owners, links, xattrs. Where bodies lie in the tar it does not tell, so such an index is not kept; how bytes are
// had with it is listedFile.ts. Null for a table that leaves something open: then the layer itself is read.
import type { Digest } from '../primitives/digest';
import { newTarEntry, setName, type TarEntry } from '../primitives/tarEntry';
import { blockSize, type TarKind, tarKinds } from '../primitives/tarHeader';
import { LayerIndexBuilder } from './indexLayer';
import { defaultIndexLimits, type IndexLimits } from './indexLimits';
import type { LayerIndex } from './model';

const kinds: Readonly<Record<string, TarKind>> = {
  dir: tarKinds.directory,
  reg: tarKinds.file,
  symlink: tarKinds.symlink,
  hardlink: tarKinds.hardlink,
  char: tarKinds.char,
  block: tarKinds.block,
  fifo: tarKinds.fifo,
};

/** Throws StrataError('hostile') beyond the limits. */
export function indexListing(
  json: string,
  diffId: Digest,
  limits: IndexLimits = defaultIndexLimits,
): LayerIndex | null {
  const entries = listedEntries(json);
  if (!entries) return null;
  const builder = new LayerIndexBuilder(limits);
  const entry = newTarEntry();
  for (const [position, one] of entries.entries()) {
    if (one === null || typeof one !== 'object') return null;
    const listed = one as Record<string, unknown>;
    // The further pieces of a file that came before.
    if (listed.type === 'chunk') continue;
    if (!fill(entry, listed)) return null;
    entry.bodyOffset = position * blockSize;
    builder.add(entry);
  }
  return { ...builder.finish(diffId), listed: true };
}

/** The entries of a table, unchecked; null for what is no table. */
export function listedEntries(json: string): unknown[] | null {
  try {
    const table = JSON.parse(json) as { version?: unknown; entries?: unknown } | null;
    return table?.version === 1 && Array.isArray(table.entries) ? table.entries : null;
  } catch {
    return null;
  }
}

function fill(entry: TarEntry, listed: Record<string, unknown>): boolean {
  const kind =
    typeof listed.type === 'string' && Object.hasOwn(kinds, listed.type) ? kinds[listed.type] : undefined;
  const { name, linkName = '' } = listed;
  if (kind === undefined || !isName(name) || !isName(linkName)) return false;
  const numbers = [listed.size, listed.mode, listed.uid, listed.gid, listed.devMajor, listed.devMinor].map(
    whole,
  );
  const [size, mode, uid, gid, deviceMajor, deviceMinor] = numbers;
  if (numbers.includes(null)) return false;
  const time = listed.modtime === undefined ? 0 : Date.parse(String(listed.modtime));
  const xattrs = readXattrs(listed.xattrs);
  if (Number.isNaN(time) || xattrs === undefined) return false;
  setName(entry, Buffer.from(name, 'utf8'));
  const link = Buffer.from(linkName, 'utf8');
  Object.assign(entry, { kind, xattrs, linkBytes: link, linkStart: 0, linkEnd: link.length });
  Object.assign(entry, { mode: mode! & 0o7777, uid, gid, deviceMajor, deviceMinor });
  entry.size = kind === tarKinds.file ? size! : 0;
  entry.mtime = Math.floor(time / 1000);
  return true;
}

/** JSON cannot hold bytes that are not UTF-8: what stands in their place is not the name. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\ufffd');
}

/** 0 for what is left out; null for what is no whole number of 0 or more. */
function whole(value: unknown): number | null {
  if (value === undefined) return 0;
  return isCount(value) ? value : null;
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Null for none, undefined for what is no list of them. Values are base64. */
function readXattrs(value: unknown): TarEntry['xattrs'] | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return undefined;
  const found = new Map<string, Uint8Array>();
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') return undefined;
    found.set(name, Buffer.from(text, 'base64'));
  }
  return found.size === 0 ? null : found;
}
