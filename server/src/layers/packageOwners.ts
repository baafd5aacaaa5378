// Which package each path of an image belongs to: by the lists of its package managers, where they can be read, else by
// the path. A path that two packages claim belongs to none.
import type { Layer } from '../image/model';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { type Body, bodyOf, plainPieces, streamPieces, takeBodies } from './bodies';
import { rowPath } from './entry';
import { openPlainLayer } from './layerBytes';
import { type LayerIndex, rowTypes } from './model';
import { type PackageListKind, packageListKind, readPackageList } from './packageLists';
import { type PackageName, packageOfPath } from './packagePaths';

/** A list as the newest layer has it that holds it. */
export interface PackageList {
  layer: number;
  row: number;
  path: string;
  kind: PackageListKind;
}

const maxLists = 20_000;
const maxListBytes = 16 * 2 ** 20;
const maxBytes = 128 * 2 ** 20;
/** How far a compressed layer is unpacked for them. */
const maxUnpacked = 1024 * 2 ** 20;
/** Paths that are kept, of some 100 bytes each. */
const maxPaths = 1_500_000;
/** Folders that systems have moved below /usr since: a list may still name them without it. */
const movedFolders = /^usr\/((?:bin|sbin|lib|lib32|lib64|libx32)\/)/;

export function packageLists(indexes: readonly LayerIndex[]): PackageList[] {
  const found = new Map<string, PackageList>();
  let bytes = 0;
  for (let layer = indexes.length - 1; layer >= 0; layer--) {
    const index = indexes[layer]!;
    const named = listNames(index);
    for (let row = 0; row < index.count && found.size < maxLists; row++) {
      if (named[index.name[row]!] === 0 || index.type[row] !== rowTypes.file) continue;
      const size = index.size[row]!;
      if (size === 0 || size > maxListBytes || bytes + size > maxBytes) continue;
      const path = rowPath(index, row);
      const kind = packageListKind(path);
      if (!kind || found.has(path)) continue;
      found.set(path, { layer, row, path, kind });
      bytes += size;
    }
  }
  return [...found.values()];
}

/** By name id: 1 for names that a list can have. */
function listNames({ names: { bytes, ends } }: LayerIndex): Uint8Array {
  const named = new Uint8Array(ends.length);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let id = 1; id < ends.length; id++) {
    const last = bytes[ends[id]! - 1];
    // `.list` and `installed` and `.md5sums` and `RECORD` end in these; most names end otherwise.
    if (last !== 0x74 && last !== 0x64 && last !== 0x73 && last !== 0x44) continue;
    const name = text.toString('latin1', ends[id - 1]!, ends[id]!);
    if (/(?:\.list|\.md5sums)$|^(?:installed|RECORD)$/.test(name)) named[id] = 1;
  }
  return named;
}

export class PackageOwners {
  private readonly packages: PackageName[] = [];
  private readonly ids = new Map<string, number>();
  /** By path: the package, or -1 where several claim it. */
  private readonly owners = new Map<string, number>();

  readonly add = (owner: PackageName, path: string): void => {
    const id = this.idOf(owner);
    const known = this.owners.get(path);
    if (known === undefined) {
      if (this.owners.size < maxPaths) this.owners.set(path, id);
    } else if (known !== id) this.owners.set(path, -1);
  };

  /** @param isDirectory lists name the folders of others too, so that a folder that only one names says nothing */
  ownerOf(path: string, isDirectory = false): PackageName | null {
    const listed = isDirectory ? undefined : (this.owners.get(path) ?? this.moved(path));
    if (listed !== undefined && listed >= 0) return this.packages[listed]!;
    return packageOfPath(path);
  }

  private moved(path: string): number | undefined {
    return movedFolders.test(path) ? this.owners.get(path.replace(movedFolders, '$1')) : undefined;
  }

  private idOf(owner: PackageName): number {
    const key = `${owner.manager} ${owner.name}`;
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    this.ids.set(key, this.packages.length);
    return this.packages.push(owner) - 1;
  }
}

/**
 * Reads the lists of one layer. Returns how many could not be read. Throws StrataError('cancelled') or an abort only.
 * @param lists all of this layer
 */
export async function readPackageLists(
  host: Host,
  layer: Layer,
  index: LayerIndex,
  lists: readonly PackageList[],
  owners: PackageOwners,
  signal?: AbortSignal,
): Promise<number> {
  const { blob } = layer;
  if (!blob) return lists.length;
  const byRow = new Map(lists.map((list) => [list.row, list]));
  const sparse = new Set(index.sparse);
  const bodies: Body[] = lists
    .filter(({ row }) => !sparse.has(row))
    .map(({ row }) => bodyOf(index, row))
    .sort((a, b) => a.offset - b.offset);
  let read = 0;
  try {
    const file = await openPlainLayer(host, blob, signal);
    const near = file ? bodies : bodies.filter(({ end }) => end <= maxUnpacked);
    try {
      if (near.length > 0)
        await takeBodies(
          near,
          file ? plainPieces(file, near, signal) : streamPieces(blob, signal),
          (body) => {
            const parts: Uint8Array[] = [];
            return {
              // A piece is only lent.
              add: (part) => void parts.push(part.slice()),
              end() {
                const { kind, path } = byRow.get(body.row)!;
                readPackageList(kind, path, Buffer.concat(parts).toString('utf8'), owners.add);
                read++;
              },
            };
          },
        );
    } finally {
      await file?.close();
    }
  } catch (error) {
    if (isCancelled(error) || signal?.aborted || !(error instanceof StrataError)) throw error;
  }
  return lists.length - read;
}
