// The distinct names in a tree of paths, by number: those of the largest layer as its index has them, in that index's own
// memory, and behind them what other layers add. Which paths there are, pathTrie.ts knows.
import { isAscii } from 'node:buffer';
import { hashPair } from './hashPair';
import type { LayerIndex, NameTable } from './model';
import { nameReader } from './nameTable';
import { atOnce, inRanges } from './steps';

/** How many that come next are tried before one is looked up. */
const guesses = 8;
/** Names of one piece of `manyReader`. */
const namesOfPiece = 1024;

export class PathNames {
  private readonly first: NameTable;
  /** Numbers that stand for names of `first`; the empty name is 0. */
  private readonly firstCount: number;
  private bytes = new Uint8Array(0);
  private ends = new Uint32Array(1);
  private moreCount = 1;
  /** Open addressing over numbers; 0 is a free slot, for the empty name is not looked up. Null while nothing needs it. */
  private slots: Uint32Array | null = null;

  /** @param first a table of distinct texts */
  constructor(first: NameTable = { bytes: new Uint8Array(0), ends: new Uint32Array(1) }) {
    this.first = first;
    this.firstCount = first.ends.length;
  }

  get count(): number {
    return this.firstCount + this.moreCount - 1;
  }

  /** Forgets how to look up. */
  rest(): void {
    this.slots = null;
  }

  /** Gives each name of an index's rows its number here; texts that are no row's name stay 0. */
  *internAll({ names, name, count }: LayerIndex): Generator<void, Uint32Array> {
    const { bytes, ends } = names;
    const ids = new Uint32Array(ends.length);
    // Targets of links are in the table too, but only the names of rows are parts of paths.
    const isPart = new Uint8Array(ends.length);
    yield* inRanges(count, (from, to) => {
      for (let row = from; row < to; row++) isPart[name[row]!] = 1;
    });
    yield* this.prepare(ends.length);
    let next = 1;
    yield* inRanges(ends.length, (from, to) => {
      for (let id = Math.max(1, from); id < to; id++) {
        if (isPart[id] === 0) continue;
        const start = ends[id - 1]!;
        const end = ends[id]!;
        let found = next;
        while (found < next + guesses && !this.is(found, bytes, start, end)) found++;
        if (found === next + guesses) {
          const slot = this.slotOf(bytes, start, end);
          found = this.slots![slot]!;
          if (found === 0) {
            found = this.append(bytes, start, end, bytes.length - start, ends.length - id);
            this.slots![slot] = found;
          }
        }
        ids[id] = found;
        next = found + 1;
      }
    });
    return ids;
  }

  /** Number of a name; -1 when it is none of these. */
  find(source: Uint8Array, start: number, end: number): number {
    if (start === end) return 0;
    if (this.slots === null) atOnce(this.prepare(0));
    return this.slots![this.slotOf(source, start, end)]! || -1;
  }

  /** Makes ready for look-ups, in steps. @param more names that may yet be added */
  *prepare(more: number): Generator<void> {
    if (this.slots !== null && this.slots.length >= 2 * (this.count + more)) return;
    const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * (this.count + more))));
    const mask = slots.length - 1;
    yield* inRanges(this.count, (from, to) => {
      for (let id = Math.max(1, from); id < to; id++) {
        let slot = hash(this.bytesOf(id), this.startOf(id), this.endOf(id)) & mask;
        while (slots[slot] !== 0) slot = (slot + 1) & mask;
        slots[slot] = id;
      }
    });
    this.slots = slots;
  }

  /** Whether a number stands for a text; false for numbers that are not given out yet. */
  is(id: number, source: Uint8Array, start: number, end: number): boolean {
    if (id === 0 || id >= this.count) return false;
    let at = this.startOf(id);
    if (this.endOf(id) - at !== end - start) return false;
    const bytes = this.bytesOf(id);
    for (let i = start; i < end; i++, at++) if (bytes[at] !== source[i]) return false;
    return true;
  }

  /** Order of two names by their bytes, which is the order of their characters. */
  compare(a: number, b: number): number {
    if (a === b) return 0;
    const bytesA = this.bytesOf(a);
    const bytesB = this.bytesOf(b);
    let i = this.startOf(a);
    let j = this.startOf(b);
    const endA = this.endOf(a);
    const endB = this.endOf(b);
    for (; i < endA && j < endB; i++, j++) {
      const difference = bytesA[i]! - bytesB[j]!;
      if (difference !== 0) return difference;
    }
    return endA - i - (endB - j);
  }

  /** Reads names by number. */
  reader(): (id: number) => string {
    const first = nameReader(this.first);
    const more = nameReader(this.more());
    return (id) => (id < this.firstCount ? first(id) : more(id - this.firstCount + 1));
  }

  /** Reads many: a piece of the table is made a string when one of its names is read, and names are slices of it. */
  manyReader(): (id: number) => string {
    const { bytes, ends } = this.first;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const one = this.reader();
    const last = this.firstCount;
    // Null for a piece that holds more than ASCII: its names are read one by one.
    const pieces: (string | null)[] = new Array(Math.ceil(last / namesOfPiece)).fill('');
    const starts = new Uint32Array(pieces.length);
    const read = (piece: number): string | null => {
      const start = ends[Math.max(1, piece * namesOfPiece) - 1]!;
      const end = ends[Math.min(last, (piece + 1) * namesOfPiece) - 1]!;
      starts[piece] = start;
      return isAscii(bytes.subarray(start, end)) ? buffer.toString('latin1', start, end) : null;
    };
    return (id) => {
      if (id === 0 || id >= last) return one(id);
      const piece = (id / namesOfPiece) | 0;
      let text = pieces[piece] as string | null;
      if (text === '') {
        text = read(piece);
        pieces[piece] = text;
      }
      const start = starts[piece]!;
      return text === null ? one(id) : text.slice(ends[id - 1]! - start, ends[id]! - start);
    };
  }

  private more(): NameTable {
    return { bytes: this.bytes, ends: this.ends.subarray(0, this.moreCount) };
  }

  private bytesOf(id: number): Uint8Array {
    return id < this.firstCount ? this.first.bytes : this.bytes;
  }

  private startOf(id: number): number {
    const more = id - this.firstCount;
    return more < 0 ? this.first.ends[id - 1]! : this.ends[more]!;
  }

  private endOf(id: number): number {
    const more = id - this.firstCount;
    return more < 0 ? this.first.ends[id]! : this.ends[more + 1]!;
  }

  /** Where a name is, or would be. */
  private slotOf(source: Uint8Array, start: number, end: number): number {
    const slots = this.slots!;
    const mask = slots.length - 1;
    let slot = hash(source, start, end) & mask;
    for (let id = slots[slot]!; id !== 0 && !this.is(id, source, start, end); id = slots[slot]!) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** @param restBytes and restNames what may yet be added, this name among it: more room is never taken */
  private append(
    source: Uint8Array,
    start: number,
    end: number,
    restBytes: number,
    restNames: number,
  ): number {
    const used = this.ends[this.moreCount - 1]!;
    const length = end - start;
    if (used + length > this.bytes.length) {
      const wanted = Math.max(length, Math.min(restBytes, Math.max(4096, used)));
      const grown = new Uint8Array(used + wanted);
      grown.set(this.bytes.subarray(0, used));
      this.bytes = grown;
    }
    if (this.moreCount === this.ends.length) {
      const grown = new Uint32Array(this.moreCount + Math.min(restNames, Math.max(256, this.moreCount)));
      grown.set(this.ends);
      this.ends = grown;
    }
    const { bytes } = this;
    for (let i = 0; i < length; i++) bytes[used + i] = source[start + i]!;
    this.ends[this.moreCount++] = used + length;
    return this.count - 1;
  }
}

/** FNV-1a, with its upper bits mixed into the lower ones; seeded, so that no image can be made to collide. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = seed;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return hashPair(h, 0);
}

const seed = hashPair(0, 1);
