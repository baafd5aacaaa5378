// The changes of a diff as columns, in the order of the tree: 16 bytes a change, where objects take twenty times
// that. An object is made of a change when somebody looks at it. What changed is decided in diff.ts.
import { changedParts } from './compareRows';
import { entryReader, isDirectoryType } from './entry';
import {
  type Change,
  type ChangedPart,
  type ChangeKind,
  type Entry,
  type LayerIndex,
  rowTypes,
} from './model';
import type { PathTrie } from './pathTrie';
import { inRanges } from './steps';

/** What `ChangeRows.kind` counts. */
export const changeKinds: readonly ChangeKind[] = ['added', 'modified', 'removed'];

/** A side of a diff: its layers, and by change which of them holds the path (negative for none) and in which row. */
export interface ChangeSide {
  layers: readonly LayerIndex[];
  layer: LayerColumn;
  row: Int32Array;
}

/** Positions of layers, or -1. */
export type LayerColumn = Int8Array | Int32Array;

/** A column for positions of so many layers: images hardly ever have more than 127. */
export function layerColumn(layers: number, length: number): LayerColumn {
  return layers <= 0x7f ? new Int8Array(length) : new Int32Array(length);
}

export class ChangeRows {
  readonly count: number;
  readonly trie: PathTrie;
  /** Node of the path in `trie`. */
  readonly node: Int32Array;
  /** Position in `changeKinds`. */
  readonly kind: Uint8Array;
  /** Bits of compareRows; 0 for added and removed. */
  private readonly mask: Uint8Array;
  private readonly before: ChangeSide;
  private readonly after: ChangeSide;
  private readonly readers = new Map<LayerIndex, (row: number, path: string) => Entry>();

  private constructor(
    trie: PathTrie,
    node: Int32Array,
    mask: Uint8Array,
    before: ChangeSide,
    after: ChangeSide,
  ) {
    this.trie = trie;
    this.node = node;
    this.count = node.length;
    this.mask = mask;
    this.before = before;
    this.after = after;
    this.kind = new Uint8Array(this.count);
  }

  /** @param node each once, in the order of the tree; the sides have as many */
  static *inSteps(
    trie: PathTrie,
    node: Int32Array,
    mask: Uint8Array,
    before: ChangeSide,
    after: ChangeSide,
  ): Generator<void, ChangeRows> {
    const rows = new ChangeRows(trie, node, mask, before, after);
    yield* inRanges(rows.count, (from, to) => {
      for (let i = from; i < to; i++) rows.kind[i] = before.layer[i]! < 0 ? 0 : after.layer[i]! < 0 ? 2 : 1;
    });
    return rows;
  }

  /** What a change is about: bytes that it stores, or takes away. */
  bytesAt(at: number): number {
    const { layers, layer, row } = this.shown(at);
    const index = layers[layer[at]!]!;
    return index.type[row[at]!] === rowTypes.file ? index.size[row[at]!]! : 0;
  }

  /** The same of all changes. */
  *bytes(): Generator<void, Float64Array> {
    const bytes = new Float64Array(this.count);
    yield* inRanges(this.count, (from, to) => {
      for (let at = from; at < to; at++) bytes[at] = this.bytesAt(at);
    });
    return bytes;
  }

  /** Whether the side that shows has a directory there. */
  isDirectory(at: number): boolean {
    const { layers, layer, row } = this.shown(at);
    return isDirectoryType(layers[layer[at]!]!.type[row[at]!]!);
  }

  /** Position of the layer that holds the version that shows, among those of its side. */
  layerAt(at: number): number {
    return this.shown(at).layer[at]!;
  }

  what(at: number): ChangedPart[] {
    return changedParts(this.mask[at]!);
  }

  /** Reads many changes or few; see PathTrie.pathReader. */
  reader(many: boolean): (at: number) => Change {
    const pathOf = this.trie.pathReader(many);
    return (at) => {
      const path = pathOf(this.node[at]!);
      return {
        path,
        change: changeKinds[this.kind[at]!]!,
        before: this.entry(this.before, at, path),
        after: this.entry(this.after, at, path),
        what: this.what(at),
      };
    };
  }

  private shown(at: number): ChangeSide {
    return this.after.layer[at]! < 0 ? this.before : this.after;
  }

  private entry({ layers, layer, row }: ChangeSide, at: number, path: string): Entry | null {
    const from = layer[at]!;
    if (from < 0) return null;
    const index = layers[from]!;
    // One index can stand at two places of a stack; the place is not in the reader's key.
    let reader = this.readers.get(index);
    if (!reader) {
      reader = entryReader(index, from);
      this.readers.set(index, reader);
    }
    return { ...reader(row[at]!, path), fromLayer: from };
  }
}
