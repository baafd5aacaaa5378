// Names interned as bytes: each distinct name once, found again by its bytes, without making a string of it.
// A string for each entry of a layer would cost more than all the rest of its index (docs/performance.md).
import { isAscii } from 'node:buffer';
import type { NameTable } from './model';

const namesOfBlock = 256;

/** Reads texts of a table by id. Keep the reader: making one costs more than reading with it. */
export function nameReader(names: NameTable): (id: number) => string {
  const { ends } = names;
  const buffer = Buffer.from(names.bytes.buffer, names.bytes.byteOffset, names.bytes.byteLength);
  return (id) => (id === 0 ? '' : buffer.toString('utf8', ends[id - 1], ends[id]));
}

/** Order of two texts by their bytes, which is the order of their characters. */
export function compareNames(names: NameTable, a: number, b: number): number {
  if (a === b) return 0;
  const { bytes, ends } = names;
  let i = a === 0 ? 0 : ends[a - 1]!;
  let j = b === 0 ? 0 : ends[b - 1]!;
  const endA = ends[a]!;
  const endB = ends[b]!;
  for (; i < endA && j < endB; i++, j++) {
    const difference = bytes[i]! - bytes[j]!;
    if (difference !== 0) return difference;
  }
  return endA - i - (endB - j);
}

/**
 * Reads many texts of a table: all are made one string, of which each text is a slice. It takes a pass over the table,
 * and the slices keep that string.
 */
export function manyNamesReader(names: NameTable): (id: number) => string {
  const { bytes, ends } = names;
  const one = nameReader(names);
  // A string cannot be longer than 2^29 characters or so.
  if (bytes.length > 2 ** 28) return one;
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const isWide = new Uint8Array(ends.length);
  for (let first = 1, at = 0; first < ends.length; first += namesOfBlock) {
    const last = Math.min(ends.length, first + namesOfBlock);
    const end = ends[last - 1]!;
    const start = at;
    at = end;
    // Few names are anything but ASCII.
    if (isAscii(bytes.subarray(start, end))) continue;
    for (let id = first; id < last; id++) {
      if (!isAscii(bytes.subarray(ends[id - 1]!, ends[id]!))) isWide[id] = 1;
    }
  }
  return (id) => (id === 0 ? '' : isWide[id] === 1 ? one(id) : all.slice(ends[id - 1]!, ends[id]!));
}

/** Collects distinct names. */
export class NameInterner {
  private bytes: Uint8Array;
  private ends: Uint32Array;
  private used: number;
  private count: number;
  /** Open addressing over ids; 0 is a free slot, for id 0 is not looked up. Null until the first look-up. */
  private slots: Uint32Array | null = null;
  /** By id, while there are slots: another text is told by it, and the table grows without a look at the texts. */
  private hashes = new Uint32Array(0);

  /** @param first a table of distinct texts to go on from: it keeps its ids, and its memory is shared until it grows */
  constructor(first?: NameTable) {
    this.bytes = first?.bytes ?? new Uint8Array(4096);
    this.ends = first?.ends ?? new Uint32Array(256);
    this.used = first?.bytes.length ?? 0;
    this.count = first?.ends.length ?? 1;
  }

  /** Forgets how to look up, which the next look-up builds anew. */
  rest(): void {
    this.slots = null;
    this.hashes = new Uint32Array(0);
  }

  /** Id of a text, which is kept if it is new. */
  intern(source: Uint8Array, start: number, end: number): number {
    if (start === end) return 0;
    if (this.slots === null || this.count * 2 > this.slots.length) this.slots = this.hashed();
    const { slots, hashes } = this;
    const mask = slots.length - 1;
    const own = hash(source, start, end);
    let slot = own & mask;
    for (let id = slots[slot]!; id !== 0; id = slots[slot]!) {
      if (hashes[id] === own && this.is(id, source, start, end)) return id;
      slot = (slot + 1) & mask;
    }
    slots[slot] = this.count;
    hashes[this.count] = own;
    return this.append(source, start, end);
  }

  internText(text: string): number {
    const bytes = Buffer.from(text, 'utf8');
    return this.intern(bytes, 0, bytes.length);
  }

  /** Id of a text that is here already; -1 when it is not. */
  find(source: Uint8Array, start: number, end: number): number {
    if (start === end) return 0;
    this.slots ??= this.hashed();
    const { slots, hashes } = this;
    const mask = slots.length - 1;
    const own = hash(source, start, end);
    let slot = own & mask;
    for (let id = slots[slot]!; id !== 0; id = slots[slot]!) {
      if (hashes[id] === own && this.is(id, source, start, end)) return id;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** The table so far; `exact` copies it into arrays of its size. Later names may or may not be seen in it. */
  table(exact = false): NameTable {
    const bytes = this.bytes.subarray(0, this.used);
    const ends = this.ends.subarray(0, this.count);
    return exact ? { bytes: bytes.slice(), ends: ends.slice() } : { bytes, ends };
  }

  /** Whether an id is that of a text; false for ids that are not given out yet. */
  is(id: number, source: Uint8Array, start: number, end: number): boolean {
    if (id === 0 || id >= this.count) return false;
    const { bytes, ends } = this;
    let at = ends[id - 1]!;
    if (ends[id]! - at !== end - start) return false;
    for (let i = start; i < end; i++, at++) if (bytes[at] !== source[i]) return false;
    return true;
  }

  private append(source: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (this.used + length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.used + length));
      grown.set(this.bytes.subarray(0, this.used));
      this.bytes = grown;
    }
    if (this.count === this.ends.length) {
      const grown = new Uint32Array(this.ends.length * 2);
      grown.set(this.ends);
      this.ends = grown;
    }
    const { bytes, used } = this;
    for (let i = 0; i < length; i++) bytes[used + i] = source[start + i]!;
    this.used += length;
    this.ends[this.count] = this.used;
    return this.count++;
  }

  /** Slots for twice as many texts as there are, and their hashes. */
  private hashed(): Uint32Array {
    let length = 1024;
    while (length < this.count * 4) length *= 2;
    // The table is made anew before it is more than half full.
    const hashes = new Uint32Array(length / 2 + 1);
    const first = this.slots === null ? 1 : this.count;
    hashes.set(this.hashes.subarray(0, first));
    for (let id = first; id < this.count; id++) {
      hashes[id] = hash(this.bytes, this.ends[id - 1]!, this.ends[id]!);
    }
    const slots = new Uint32Array(length);
    const mask = slots.length - 1;
    for (let id = 1; id < this.count; id++) {
      let slot = hashes[id]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.hashes = hashes;
    return slots;
  }
}

/**
 * FNV-1a, with its upper bits mixed into the lower ones, which choose the slot. Names that an attacker picks to
 * collide make a scan slow (1 million names probing each other), so a seed of this process is mixed in.
 */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = seed;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

const seed = Math.floor(Math.random() * 2 ** 32) | 0;
