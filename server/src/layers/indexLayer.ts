// From tar entries to a LayerIndex: which row a name is, what whiteouts and repeated names do to it, and the bounds.
// Pure: entries come from a TarScanner, whoever drives it. What a row does to lower layers is stack.ts.
import { cleanPath, isClean } from '../primitives/cleanPath';
import type { Digest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import { displayBytes, textOfName } from '../primitives/nameText';
import type { TarEntry } from '../primitives/tarEntry';
import { blockSize, tarKinds } from '../primitives/tarHeader';
import { DirectoryCursor } from './directoryCursor';
import { isDirectoryType } from './entry';
import { bytesOfFiles, defaultIndexLimits, defaultNameBytes, type IndexLimits } from './indexLimits';
import { type LayerIndex, rowTypes } from './model';
import { NameInterner } from './nameTable';
import { Oddities } from './oddities';
import { packIndex } from './packIndex';
import { narrow, RowTable } from './rowTable';
import { nameKind, whiteoutPrefixLength } from './whiteout';
import { xattrFingerprint } from './xattrFingerprint';

/** Files of eStargz itself, at the root of its tars (stargz-snapshotter, docs/estargz.md). */
const estargzNames = new Set(['stargz.index.json', '.prefetch.landmark', '.no.prefetch.landmark']);

const slash = 0x2f;

/** Names are counted now and then: between two counts they can grow by two paths for each entry. */
const countNamesEach = 4096;

export class LayerIndexBuilder {
  private readonly limits: IndexLimits;
  private readonly names = new NameInterner();
  private readonly rows = new RowTable();
  private readonly directories: DirectoryCursor;
  /** Rows that a later entry of the same tar put out of being, with all below them. */
  private readonly dead: number[] = [];
  private readonly sparse = new Set<number>();
  private added = 0;
  private readonly oddities = new Oddities();

  constructor(limits: IndexLimits = defaultIndexLimits) {
    this.limits = limits;
    this.directories = new DirectoryCursor(this.rows, this.names, (row) =>
      this.replace(row, rowTypes.implied),
    );
  }

  /** Takes an entry. Throws StrataError('hostile') beyond the limits. */
  add(entry: TarEntry): void {
    let { nameBytes: bytes, nameStart: start, nameEnd: end } = entry;
    while (end > start && bytes[end - 1] === slash) end--;
    while (start < end && bytes[start] === slash) start++;
    while (end - start >= 2 && bytes[start] === 0x2e && bytes[start + 1] === slash) start += 2;
    let base = this.directories.nameStart(bytes, start, end);
    if (base < 0 && !isClean(bytes, start, end)) {
      const clean = cleanPath(bytes, start, end);
      if (clean.escaped) this.oddities.note('names that leave the image were taken as inside it', entry);
      bytes = clean.bytes;
      start = 0;
      end = bytes.length;
    }
    if (start === end) return; // the root itself
    if (end - start > this.limits.maxPathBytes) {
      throw new StrataError(
        'hostile',
        `The layer has a path of ${end - start} bytes; the limit is ${this.limits.maxPathBytes}.`,
      );
    }
    const linkBytes = entry.linkEnd - entry.linkStart;
    if (linkBytes > this.limits.maxPathBytes) {
      throw new StrataError(
        'hostile',
        `The layer has a link to a path of ${linkBytes} bytes; the limit is ${this.limits.maxPathBytes}.`,
      );
    }
    if (++this.added % countNamesEach === 0) this.checkNames();
    let parent = -1;
    if (base >= 0) parent = this.directories.row;
    else {
      base = end;
      while (base > start && bytes[base - 1] !== slash) base--;
      if (base > start) parent = this.directories.rowOf(bytes, start, base - 1);
      if (parent === this.directories.leftover) return;
    }
    this.addAt(entry, parent, bytes, base, end);
    if (this.rows.count > this.limits.maxEntries) {
      throw new StrataError(
        'hostile',
        `The layer has more than ${this.limits.maxEntries} entries.`,
        'Raise the limit if you trust the image.',
      );
    }
  }

  private checkNames(): void {
    const { maxNameBytes = defaultNameBytes } = this.limits;
    if (this.names.table().bytes.length > maxNameBytes) {
      throw new StrataError('hostile', `The layer has more than ${maxNameBytes} bytes of file names.`);
    }
  }

  /** The index. Throws StrataError('hostile') for sizes beyond all measure. The builder must not be used afterwards. */
  finish(diffId: Digest, problems: readonly string[] = []): LayerIndex {
    this.dropDead();
    const { rows } = this;
    const { count } = rows;
    const unpackedBytes = bytesOfFiles(rows);
    return packIndex({
      diffId,
      count,
      unpackedBytes,
      parent: rows.parent.slice(0, count),
      name: narrow(rows.name, count),
      names: this.names.table(true),
      type: rows.type.slice(0, count),
      size: narrow(rows.size, count),
      mode: narrow(rows.mode, count),
      uid: narrow(rows.uid, count),
      gid: narrow(rows.gid, count),
      mtime: narrow(rows.mtime, count),
      link: narrow(rows.link, count),
      xattrs: narrow(rows.xattrs, count),
      block: narrow(rows.block, count),
      sparse: Uint32Array.from(this.sparse).sort(),
      problems: [...problems, ...this.oddities.texts()],
    });
  }

  private addAt(entry: TarEntry, parent: number, bytes: Uint8Array, base: number, end: number): void {
    switch (nameKind(bytes, base, end)) {
      case 'plain':
        if (parent === -1 && estargzNames.has(textOfName(bytes, base, end))) return;
        this.fill(this.rowFor(parent, this.shown(bytes, base, end), entry), entry);
        return;
      case 'whiteout':
        this.whiteout(parent, this.shown(bytes, base + whiteoutPrefixLength, end));
        return;
      case 'opaque':
        this.opaque(parent);
        return;
      case 'invalid':
        this.oddities.note('whiteouts without a name were ignored', entry);
        return;
      case 'leftover':
    }
  }

  /** The row that an entry is, new or an earlier one of the same path: the last entry counts. */
  private rowFor(parent: number, name: number, entry: TarEntry): number {
    const { rows } = this;
    const row = rows.enter(parent, name, entry.kind);
    if (rows.isNew) return row;
    const was = rows.type[row]!;
    const isDirectory = entry.kind === tarKinds.directory;
    if (was === rowTypes.whiteout) {
      // "Whiteout files only apply to resources in lower layers" (layer.md): deleted below and made anew here.
      rows.type[row] = isDirectory ? rowTypes.opaqueDirectory : entry.kind;
      return row;
    }
    if (isDirectoryType(was)) {
      if (!isDirectory) {
        this.oddities.note('directories were replaced within the layer', entry);
        return this.replace(row, entry.kind);
      }
      if (was === rowTypes.implied) rows.type[row] = rowTypes.directory;
      return row;
    }
    this.oddities.note('paths are in the layer more than once; the last one counts', entry);
    rows.type[row] = isDirectory ? rowTypes.opaqueDirectory : entry.kind;
    return row;
  }

  /** A new row in the place of one whose children must not become its own. */
  private replace(row: number, type: number): number {
    this.dead.push(row);
    return this.rows.add(this.rows.parent[row]!, this.rows.name[row]!, type);
  }

  private fill(row: number, entry: TarEntry): void {
    const { rows } = this;
    rows.size[row] = entry.size;
    rows.mode[row] = entry.mode;
    rows.uid[row] = entry.uid;
    rows.gid[row] = entry.gid;
    rows.mtime[row] = entry.mtime;
    rows.block[row] = entry.bodyOffset / blockSize;
    rows.xattrs[row] = entry.xattrs ? this.names.internText(xattrFingerprint(entry.xattrs)) : 0;
    rows.link[row] =
      entry.kind === tarKinds.file || entry.kind === tarKinds.directory ? 0 : this.linkOf(entry);
    if (entry.sparse) this.sparse.add(row);
    else this.sparse.delete(row);
  }

  private linkOf(entry: TarEntry): number {
    const { linkBytes: bytes, linkStart: start, linkEnd: end } = entry;
    switch (entry.kind) {
      case tarKinds.symlink:
        return this.shown(bytes, start, end);
      case tarKinds.hardlink: {
        if (isClean(bytes, start, end)) return this.shown(bytes, start, end);
        const clean = cleanPath(bytes, start, end).bytes;
        return this.shown(clean, 0, clean.length);
      }
      case tarKinds.char:
      case tarKinds.block:
        return this.names.internText(`${entry.deviceMajor}:${entry.deviceMinor}`);
      default:
        return 0;
    }
  }

  private whiteout(parent: number, name: number): void {
    const row = this.rows.find(parent, name);
    if (row < 0) this.rows.add(parent, name, rowTypes.whiteout);
    else if (isDirectoryType(this.rows.type[row]!)) this.rows.type[row] = rowTypes.opaqueDirectory;
  }

  private opaque(directory: number): void {
    const { rows } = this;
    if (directory >= 0) rows.type[directory] = rowTypes.opaqueDirectory;
    else if (rows.find(-1, 0) < 0) rows.add(-1, 0, rowTypes.opaqueDirectory);
  }

  private shown(bytes: Uint8Array, start: number, end: number): number {
    const other = displayBytes(bytes, start, end);
    return other ? this.names.intern(other, 0, other.length) : this.names.intern(bytes, start, end);
  }

  private dropDead(): void {
    if (this.dead.length === 0) return;
    const { rows } = this;
    const keep = new Uint8Array(rows.count).fill(1);
    for (const row of this.dead) keep[row] = 0;
    for (let row = 0; row < rows.count; row++) {
      const parent = rows.parent[row]!;
      if (parent >= 0 && keep[parent] === 0) keep[row] = 0;
    }
    const moved = rows.drop(keep);
    const sparse = [...this.sparse].map((row) => moved[row]!).filter((row) => row >= 0);
    this.sparse.clear();
    for (const row of sparse) this.sparse.add(row);
  }
}
