// The rows of a layer's index while it is built: growing columns, and a way from (parent, name) to a row.
// It knows nothing of tar or whiteouts; indexLayer.ts decides what a row means.
import { hashPair } from './hashPair';
import type { Column } from './model';
import { zeros } from './zeros';

export class RowTable {
  count = 0;
  /** How many rows have taken the place of an older one of the same (parent, name). */
  replaced = 0;
  parent = new Int32Array(1024);
  name = new Uint32Array(1024);
  type = new Uint8Array(1024);
  size = new Float64Array(1024);
  mode = new Uint16Array(1024);
  uid = new Uint32Array(1024);
  gid = new Uint32Array(1024);
  mtime = new Float64Array(1024);
  link = new Uint32Array(1024);
  xattrs = new Uint32Array(1024);
  block = new Float64Array(1024);
  /** Open addressing; row + 1, 0 for a free slot. */
  private slots = new Uint32Array(2048);

  /** Row of a child; -1 when there is none. */
  find(parent: number, name: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    for (let slot = hashPair(parent, name) & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot]! - 1;
      if (row < 0 || (this.name[row] === name && this.parent[row] === parent)) return row;
    }
  }

  /** Whether the row of the last `enter` was made by it. */
  isNew = false;

  /** Row of a child, new where there is none. */
  enter(parent: number, name: number, type: number): number {
    if (this.count === this.parent.length) this.grow();
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = hashPair(parent, name) & mask;
    for (let row = slots[slot]! - 1; row >= 0; row = slots[slot]! - 1) {
      if (this.name[row] === name && this.parent[row] === parent) {
        this.isNew = false;
        return row;
      }
      slot = (slot + 1) & mask;
    }
    slots[slot] = this.count + 1;
    this.isNew = true;
    return this.append(parent, name, type);
  }

  /** A new row, all zero but for its place; it is the one that `find` gives from now on. */
  add(parent: number, name: number, type: number): number {
    if (this.count === this.parent.length) this.grow();
    const row = this.append(parent, name, type);
    this.place(row);
    return row;
  }

  private append(parent: number, name: number, type: number): number {
    const row = this.count++;
    this.parent[row] = parent;
    this.name[row] = name;
    this.type[row] = type;
    return row;
  }

  /** The parents with the given rows left out: `keep[row]` is 0 or 1. Columns are packed in place. */
  drop(keep: Uint8Array): Int32Array {
    const moved = new Int32Array(this.count);
    let next = 0;
    for (let row = 0; row < this.count; row++) {
      moved[row] = keep[row] === 1 ? next++ : -1;
      if (keep[row] === 0) continue;
      const to = next - 1;
      const parent = this.parent[row]!;
      this.parent[to] = parent < 0 ? -1 : moved[parent]!;
      for (const column of this.columns()) column[to] = column[row]!;
    }
    this.count = next;
    return moved;
  }

  /** Puts the newest row where its (parent, name) is looked up, in place of an older row of the same. */
  private place(row: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    const parent = this.parent[row]!;
    const name = this.name[row]!;
    let slot = hashPair(parent, name) & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const other = slots[slot]! - 1;
      if (this.name[other] === name && this.parent[other] === parent) {
        this.replaced++;
        break;
      }
    }
    slots[slot] = row + 1;
  }

  private columns(): (Float64Array | Uint32Array | Uint16Array | Uint8Array)[] {
    const { name, type, size, mode, uid, gid, mtime, link, xattrs, block } = this;
    return [name, type, size, mode, uid, gid, mtime, link, xattrs, block];
  }

  private grow(): void {
    const length = this.count * 2;
    this.parent = grown(this.parent, new Int32Array(length));
    this.name = grown(this.name, new Uint32Array(length));
    this.type = grown(this.type, new Uint8Array(length));
    this.size = grown(this.size, new Float64Array(length));
    this.mode = grown(this.mode, new Uint16Array(length));
    this.uid = grown(this.uid, new Uint32Array(length));
    this.gid = grown(this.gid, new Uint32Array(length));
    this.mtime = grown(this.mtime, new Float64Array(length));
    this.link = grown(this.link, new Uint32Array(length));
    this.xattrs = grown(this.xattrs, new Uint32Array(length));
    this.block = grown(this.block, new Float64Array(length));
    this.slots = new Uint32Array(length * 2);
    for (let row = 0; row < this.count; row++) this.place(row);
  }
}

/** The narrowest column that holds the first `count` values exactly; all zeros take no memory of their own. */
export function narrow(values: Float64Array | Uint32Array | Uint16Array, count: number): Column {
  let most = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (value > most) most = value;
    else if (value < 0) return Float64Array.from(values.subarray(0, count));
    if (value !== Math.floor(value)) return Float64Array.from(values.subarray(0, count));
  }
  if (most === 0) return zeros(count);
  if (most <= 0xff) return copied(values, new Uint8Array(count));
  if (most <= 0xffff) return copied(values, new Uint16Array(count));
  if (most <= 0xffffffff) return copied(values, new Uint32Array(count));
  return copied(values, new Float64Array(count));
}

function copied(values: ArrayLike<number>, column: Column): Column {
  for (let i = 0; i < column.length; i++) column[i] = values[i]!;
  return column;
}

function grown<T extends { set(values: T): void }>(old: T, fresh: T): T {
  fresh.set(old);
  return fresh;
}
