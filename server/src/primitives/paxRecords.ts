// The records of a PAX extended header (typeflags x and g): `<length> <key>=<value>\n` (POSIX pax, "pax Extended
// Header"). Reads what layers use: names, sizes, owners, times, xattrs and the apparent size of sparse files.
// It does not know which entry they belong to; tarScanner.ts applies them.
import { StrataError } from './errors';

/** Null: the record was written empty, which takes back a global one. Undefined: there was none. */
export interface PaxRecords {
  path?: Uint8Array | null;
  linkpath?: Uint8Array | null;
  size?: number | null;
  uid?: number | null;
  gid?: number | null;
  mtime?: number | null;
  /** Apparent size of a sparse file: GNU.sparse.size (0.0, 0.1) or GNU.sparse.realsize (1.0). */
  sparseSize?: number;
  /** GNU.sparse.name: the header itself bears a made-up one. */
  sparseName?: Uint8Array;
  /** Any GNU.sparse record was there. */
  sparse?: boolean;
  /** By name without `SCHILY.xattr.`. */
  xattrs?: Map<string, Uint8Array>;
}

const xattrPrefix = 'SCHILY.xattr.';
const libarchivePrefix = 'LIBARCHIVE.xattr.';

/** Throws StrataError('unreadable') for records that are not well-formed; `position` is for the message. */
export function parsePaxRecords(body: Uint8Array, position: number): PaxRecords {
  const records: PaxRecords = {};
  for (let at = 0; at < body.length; ) {
    // Some writers fill up with NULs.
    if (body[at] === 0) break;
    let length = 0;
    let i = at;
    for (; i < body.length && i - at < 12 && body[i] !== 0x20; i++) {
      const digit = body[i]! - 0x30;
      if (digit < 0 || digit > 9) throw malformed(position);
      length = length * 10 + digit;
    }
    const end = at + length;
    const equals = body.indexOf(0x3d, i);
    if (body[i] !== 0x20 || end > body.length || end <= i || body[end - 1] !== 0x0a)
      throw malformed(position);
    if (equals <= i + 1 || equals >= end) throw malformed(position);
    // Keys are ASCII but for the xattrs' own names.
    const key = Buffer.from(body.buffer, body.byteOffset + i + 1, equals - i - 1).toString('utf8');
    apply(records, key, body.slice(equals + 1, end - 1), position);
    at = end;
  }
  return records;
}

/**
 * What a global header says of all that follow: owners and times. Engines read layers with Go's archive/tar, which
 * applies none of it; a name or a size for all entries would make another tar of it, and xattrs would be merged and
 * compared again for each entry.
 */
export function globalPax({ uid, gid, mtime }: PaxRecords): PaxRecords {
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ...(mtime === undefined ? {} : { mtime }),
  };
}

/** The records for an entry: its own, and of the global ones those that it does not name. */
export function mergePax(global: PaxRecords | null, own: PaxRecords | null): PaxRecords | null {
  if (!global || !own) return own ?? global;
  const xattrs =
    global.xattrs || own.xattrs ? new Map([...(global.xattrs ?? []), ...(own.xattrs ?? [])]) : undefined;
  return { ...global, ...own, ...(xattrs ? { xattrs } : {}) };
}

function apply(records: PaxRecords, key: string, value: Uint8Array, position: number): void {
  const none = value.length === 0;
  switch (key) {
    case 'path':
    case 'linkpath':
      // The kernel has no NUL in a path: two names that differ behind one would be two entries for us alone.
      if (value.includes(0)) throw malformed(position);
      records[key] = none ? null : value;
      return;
    case 'size':
    case 'uid':
    case 'gid':
    case 'mtime':
      records[key] = none ? null : decimal(value, key === 'mtime', position);
      return;
    case 'GNU.sparse.size':
    case 'GNU.sparse.realsize':
      records.sparse = true;
      records.sparseSize = decimal(value, false, position);
      return;
    case 'GNU.sparse.name':
      if (value.includes(0)) throw malformed(position);
      records.sparse = true;
      if (!none) records.sparseName = value;
      return;
    default:
      if (key.startsWith('GNU.sparse.')) records.sparse = true;
      else if (key.startsWith(xattrPrefix)) xattr(records, key.slice(xattrPrefix.length), value);
      else if (key.startsWith(libarchivePrefix)) libarchiveXattr(records, key, value);
  }
}

function xattr(records: PaxRecords, name: string, value: Uint8Array): void {
  records.xattrs ??= new Map();
  records.xattrs.set(name, value);
}

/** libarchive writes both forms, this one with the name URL-encoded and the value in base64. */
function libarchiveXattr(records: PaxRecords, key: string, value: Uint8Array): void {
  const encoded = key.slice(libarchivePrefix.length);
  const name = encoded.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  if (records.xattrs?.has(name)) return;
  xattr(records, name, Buffer.from(Buffer.from(value).toString('latin1'), 'base64'));
}

/** Digits, and for times a sign and a fraction. */
function decimal(value: Uint8Array, isTime: boolean, position: number): number {
  const text = Buffer.from(value).toString('latin1');
  if (!(isTime ? /^-?\d{1,20}(\.\d*)?$/ : /^\d{1,20}$/).test(text)) throw malformed(position);
  const number = Number(text);
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER) throw malformed(position);
  return number;
}

function malformed(position: number): StrataError {
  return new StrataError(
    'unreadable',
    `The tar is damaged: the extended header at byte ${position} is not well-formed.`,
  );
}
