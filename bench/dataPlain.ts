// The references of the in-memory figures: the same questions answered the obvious way, with a Map of whole paths. The
// maps of the layers are made before the clock runs.
import { plainType, rowPath } from '../server/src/layers/entry';
import { type LayerIndex, rowTypes } from '../server/src/layers/model';
import { nameReader } from '../server/src/layers/nameTable';

export interface PlainEntry {
  path: string;
  type: number;
  bytes: number;
  mode: number;
  uid: number;
  gid: number;
  mtime: number;
  link: number;
}

/** A layer as objects; parents come before children. */
export function plainLayer(index: LayerIndex): PlainEntry[] {
  const name = nameReader(index.names);
  const paths: string[] = [];
  for (let row = 0; row < index.count; row++) {
    const parent = index.parent[row]!;
    paths.push(
      parent < 0 ? rowPath(index, row) : Buffer.from(`${paths[parent]}/${name(index.name[row]!)}`).toString(),
    );
  }
  return paths.map((path, row) => ({
    path,
    type: index.type[row]! === rowTypes.whiteout ? -1 : plainType(index.type[row]!),
    bytes: index.size[row]!,
    mode: index.mode[row]!,
    uid: index.uid[row]!,
    gid: index.gid[row]!,
    mtime: index.mtime[row]!,
    link: index.link[row]!,
  }));
}

type State = Map<string, PlainEntry & { layer: number }>;

/** The merged view, and the bytes of each layer that a later one hides. Whiteouts here delete single files. */
export function plainState(layers: readonly PlainEntry[][]): { state: State; wasted: number[] } {
  const state: State = new Map();
  const wasted = layers.map(() => 0);
  layers.forEach((entries, layer) => {
    for (const entry of entries) {
      const before = state.get(entry.path);
      if (before) wasted[before.layer]! += before.bytes;
      if (entry.type < 0) state.delete(entry.path);
      else state.set(entry.path, { ...entry, layer });
    }
  });
  return { state, wasted };
}

/** Bytes below each directory. */
export function plainTotals(layers: readonly PlainEntry[][]): Map<string, number> {
  const totals = new Map<string, number>();
  for (const { path, bytes } of plainState(layers).state.values()) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const above = path.slice(0, at);
      totals.set(above, (totals.get(above) ?? 0) + bytes);
    }
  }
  return totals;
}

/** Paths that differ between two states, sorted. */
export function plainDiff(a: readonly PlainEntry[][], b: readonly PlainEntry[][]): string[] {
  const from = plainState(a).state;
  const to = plainState(b).state;
  const changed: string[] = [];
  for (const [path, entry] of to) {
    const before = from.get(path);
    if (
      !before ||
      before.type !== entry.type ||
      before.bytes !== entry.bytes ||
      before.mode !== entry.mode ||
      before.mtime !== entry.mtime
    ) {
      changed.push(path);
    }
  }
  for (const path of from.keys()) if (!to.has(path)) changed.push(path);
  return changed.sort();
}
