// Bytes that nobody can see: of each file, every version but the one in the merged view (docs: "What a size means").
// A path that N layers wrote wastes N-1. Hard links hold no bytes of their own, but keep the file's bytes visible.
import type { HiddenBytes, WastedFile } from '../image/model';
import type { SameContent } from './compareRows';
import { HiddenBytesCounter } from './hiddenBytes';
import { type LayerIndex, rowTypes } from './model';
import { PathTrie } from './pathTrie';
import { type Inode, Stack } from './stack';

export interface Waste {
  /** By layer: bytes of its files that a later layer hides. */
  wastedBytes: number[];
  /** Largest first, at most `maxFiles`. */
  files: WastedFile[];
  /** All of it, by who wrote it and who hid it. */
  hidden: HiddenBytes[];
  /** Bytes of the files in the merged view. */
  visibleBytes: number;
  /** Visible bytes over all bytes; 1 for an image without any. */
  efficiency: number;
}

export interface WasteOptions {
  sameContent?: SameContent;
  maxFiles?: number;
}

/** Waste of an image, given by its layers, oldest first. */
export function wasteOf(indexes: readonly LayerIndex[], options: WasteOptions = {}): Waste {
  const stack = new Stack(new PathTrie(indexes));
  const counter = new WasteCounter(stack, options);
  for (const index of indexes) counter.push(index);
  return counter.result();
}

/** 1 for an image without bytes: there is nothing to waste. */
export function efficiencyOf(visibleBytes: number, unpackedBytes: number): number {
  return unpackedBytes === 0 ? 1 : visibleBytes / unpackedBytes;
}

const defaultMaxFiles = 1000;

/** Counts while a stack is built, so that one pass serves several questions. */
export class WasteCounter {
  private readonly stack: Stack;
  private readonly options: WasteOptions;
  private readonly wastedBytes: number[] = [];
  private readonly hidden = new HiddenBytesCounter();
  private files: (Omit<WastedFile, 'path'> & { node: number })[] = [];
  /** Paths that lead to a file's bytes, where they are more than its own: by layer, then row. */
  private readonly references: Map<number, number>[] = [];
  private readonly pending: { node: number; layer: number; row: number; written: boolean }[] = [];

  constructor(stack: Stack, options: WasteOptions = {}) {
    this.stack = stack;
    this.options = options;
  }

  /** Pushes a layer onto the stack. */
  push(index: LayerIndex): void {
    this.stack.push(index, this.observer);
    this.settle();
  }

  /** What to hand to `stack.push` when others observe too; call `settle` after it. */
  readonly observer = {
    write: (node: number, _row: number, layer: number, row: number): void => {
      if (layer >= 0) this.pending.push({ node, layer, row, written: true });
    },
    remove: (node: number, layer: number, row: number): void => {
      this.pending.push({ node, layer, row, written: false });
    },
  };

  settle(): void {
    const layer = this.stack.layers.length - 1;
    this.wastedBytes.push(0);
    this.references.push(new Map());
    this.countLinks(layer);
    for (const hidden of this.pending) {
      const inode = this.stack.inode(hidden.layer, hidden.row);
      if (inode) this.release(inode, hidden, layer);
    }
    this.pending.length = 0;
    this.bound();
  }

  result(): Waste {
    const { layers } = this.stack;
    let unpacked = 0;
    for (const index of layers) unpacked += index.unpackedBytes;
    const wasted = this.wastedBytes.reduce((sum, bytes) => sum + bytes, 0);
    const visibleBytes = unpacked - wasted;
    const pathOf = this.stack.trie.pathReader(false);
    this.sortFiles();
    return {
      wastedBytes: this.wastedBytes,
      files: this.files.slice(0, this.maxFiles).map(({ node, ...file }) => ({ path: pathOf(node), ...file })),
      hidden: this.hidden.result(this.stack.trie),
      visibleBytes,
      efficiency: efficiencyOf(visibleBytes, unpacked),
    };
  }

  /** Whether more than one path leads to the bytes of a file's row. */
  isLinked(layer: number, row: number): boolean {
    return (this.references[layer]?.get(row) ?? 1) > 1;
  }

  private get maxFiles(): number {
    return this.options.maxFiles ?? defaultMaxFiles;
  }

  private countLinks(layer: number): void {
    const index = this.stack.layers[layer]!;
    if (!index.type.includes(rowTypes.hardlink)) return;
    for (let row = 0; row < index.count; row++) {
      if (index.type[row] !== rowTypes.hardlink) continue;
      const inode = this.stack.inode(layer, row);
      if (!inode) continue;
      const references = this.references[inode.layer]!;
      references.set(inode.row, (references.get(inode.row) ?? 1) + 1);
    }
  }

  /** One path less leads to the bytes; when it was the last, they are wasted. */
  private release(inode: Inode, hidden: { node: number; written: boolean }, layer: number): void {
    const references = this.references[inode.layer]!;
    const left = (references.get(inode.row) ?? 1) - 1;
    if (left > 0) {
      references.set(inode.row, left);
      return;
    }
    const bytes = this.stack.layers[inode.layer]!.size[inode.row]!;
    if (bytes === 0) return;
    this.wastedBytes[inode.layer]! += bytes;
    const how = hidden.written ? this.howWritten(hidden.node, inode) : 'deleted';
    const file = { bytes, writtenBy: inode.layer, hiddenBy: layer, how };
    this.files.push({ node: hidden.node, ...file });
    const special = (this.stack.layers[inode.layer]!.mode[inode.row]! & 0o7000) !== 0;
    this.hidden.add(this.stack.trie, hidden.node, { ...file, special });
  }

  /**
   * Copied up: the layer holds the same file again, with another mode, owner or xattrs or with nothing changed at all.
   * A time that differs means that the file was written, unless `sameContent` knows better.
   */
  private howWritten(node: number, before: Inode): WastedFile['how'] {
    const { stack, options } = this;
    const layer = stack.layer[node]!;
    const row = stack.row[node]!;
    const after = stack.inode(layer, row);
    if (!after) return 'overwritten';
    const a = stack.layers[before.layer]!;
    const b = stack.layers[after.layer]!;
    if (a.size[before.row] !== b.size[after.row]) return 'overwritten';
    const known = options.sameContent?.({ index: a, row: before.row }, { index: b, row: after.row }) ?? null;
    const same = known ?? a.mtime[before.row] === b.mtime[after.row];
    return same ? 'copied-up' : 'overwritten';
  }

  private bound(): void {
    if (this.files.length < 4 * this.maxFiles) return;
    this.sortFiles();
    this.files.length = this.maxFiles;
  }

  private sortFiles(): void {
    this.files.sort((a, b) => b.bytes - a.bytes || a.writtenBy - b.writtenBy || a.node - b.node);
  }
}
