// From a directory's path to its row, quickly: tars go through a tree in order, so that the directory of an entry is
// nearly always the one of the entry before, or near it. Parents that the tar does not list become `implied` rows.
import { isNothing } from '../primitives/cleanPath';
import { displayBytes } from '../primitives/nameText';
import { rowTypes } from './model';
import type { NameInterner } from './nameTable';
import type { RowTable } from './rowTable';
import { nameKind } from './whiteout';

const slash = 0x2f;

export class DirectoryCursor {
  /** What `rowOf` gives for a path inside AUFS's own folders. */
  readonly leftover = -2;

  private readonly rows: RowTable;
  private readonly names: NameInterner;
  private readonly replaceByDirectory: (row: number) => number;
  /** The path of the last call, and for each of its parts where it ends and which row it is. */
  private path = new Uint8Array(4096);
  private length = 0;
  private readonly partEnds: number[] = [];
  private readonly partRows: number[] = [];
  /** `rows.replaced` at the last call: while it stays the same, those rows still stand. */
  private replaced = 0;

  /** @param replaceByDirectory called when an entry lies below a row that is no directory; returns the one that takes its place */
  constructor(rows: RowTable, names: NameInterner, replaceByDirectory: (row: number) => number) {
    this.rows = rows;
    this.names = names;
    this.replaceByDirectory = replaceByDirectory;
  }

  /** Row of the path of the last call. */
  get row(): number {
    return this.partRows[this.partRows.length - 1] ?? -1;
  }

  /**
   * Where the name starts of a path that lies right in the directory of the last call, and has nothing to clean then;
   * -1 for any other path. Nearly all files of a tar follow one of their directory.
   */
  nameStart(bytes: Uint8Array, start: number, end: number): number {
    const { path, length } = this;
    const name = start + length + 1;
    if (length === 0 || name >= end || bytes[name - 1] !== slash) return -1;
    if (this.replaced !== this.rows.replaced || this.row === this.leftover) return -1;
    // From the back: paths of one tree differ there.
    for (let i = length - 1; i >= 0; i--) if (path[i] !== bytes[start + i]) return -1;
    for (let i = name; i < end; i++) if (bytes[i] === slash) return -1;
    return isNothing(bytes, name, end) ? -1 : name;
  }

  /** Row of a clean path, never empty; its parts are made where they are missing. */
  rowOf(bytes: Uint8Array, start: number, end: number): number {
    const same = this.sharedBytes(bytes, start, end);
    const depth = this.sharedParts(bytes, start, end, same);
    let at = start + (depth === 0 ? 0 : this.partEnds[depth - 1]! + 1);
    let row = depth === 0 ? -1 : this.partRows[depth - 1]!;
    this.partEnds.length = depth;
    this.partRows.length = depth;
    while (at < end) {
      let partEnd = at;
      while (partEnd < end && bytes[partEnd] !== slash) partEnd++;
      row = row === this.leftover ? row : this.child(row, bytes, at, partEnd);
      this.partEnds.push(partEnd - start);
      this.partRows.push(row);
      at = partEnd + 1;
    }
    this.remember(bytes, start, end, same);
    this.replaced = this.rows.replaced;
    return row;
  }

  private sharedBytes(bytes: Uint8Array, start: number, end: number): number {
    const { path } = this;
    const length = Math.min(this.length, end - start);
    let same = 0;
    while (same < length && path[same] === bytes[start + same]) same++;
    return same;
  }

  /** How many parts at the front are those of the last path; none when one of them may have been replaced since. */
  private sharedParts(bytes: Uint8Array, start: number, end: number, same: number): number {
    if (this.replaced !== this.rows.replaced) return 0;
    const { partEnds } = this;
    let depth = partEnds.length;
    for (; depth > 0; depth--) {
      const partEnd = partEnds[depth - 1]!;
      if (partEnd <= same && (start + partEnd === end || bytes[start + partEnd] === slash)) break;
    }
    return depth;
  }

  private child(parent: number, bytes: Uint8Array, start: number, end: number): number {
    if (nameKind(bytes, start, end) === 'leftover') return this.leftover;
    const { rows, names } = this;
    const other = displayBytes(bytes, start, end);
    const name = other ? names.intern(other, 0, other.length) : names.intern(bytes, start, end);
    const row = rows.enter(parent, name, rowTypes.implied);
    if (rows.isNew) return row;
    switch (rows.type[row]) {
      case rowTypes.directory:
      case rowTypes.opaqueDirectory:
      case rowTypes.implied:
        return row;
      case rowTypes.whiteout:
        // Deleted below and made anew here.
        rows.type[row] = rowTypes.opaqueDirectory;
        return row;
      default:
        return this.replaceByDirectory(row);
    }
  }

  private remember(bytes: Uint8Array, start: number, end: number, same: number): void {
    const length = end - start;
    if (length > this.path.length) {
      const path = new Uint8Array(length * 2);
      path.set(this.path);
      this.path = path;
    }
    for (let i = same; i < length; i++) this.path[i] = bytes[start + i]!;
    this.length = length;
  }
}
