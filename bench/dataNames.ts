// Names for the benchmark's images: those that this machine really has below /usr and node_modules, and copies of them
// with every letter turned, so that a copy has as many different names as the original and shares none with it. The
// same machine gives the same list each time. What is written under the names, dataTar.ts decides.
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';

export interface NamedEntry {
  path: string;
  kind: 'file' | 'directory' | 'symlink';
  /** Of the real file. */
  bytes: number;
  mode: number;
  /** Target of a link, else ''. */
  link: string;
  /** The real file. */
  source: string;
}

/** About `count` entries, parents before children. */
export function namedEntries(count: number, root: string): NamedEntry[] {
  const real = [...walk('/usr', 'usr'), ...walk(path.join(root, 'node_modules'), 'app/node_modules')];
  if (count < real.length) return sample(real, count);
  const all: NamedEntry[] = [];
  for (let copy = 0; all.length < count; copy++) {
    for (const entry of real) {
      if (all.length === count) break;
      all.push(copy === 0 ? entry : turned(entry, copy));
    }
  }
  return all;
}

function* walk(folder: string, name: string): Generator<NamedEntry> {
  yield entryOf(folder, name);
  const children = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const child of children) {
    // What is no UTF-8, or would be a whiteout in a layer.
    if (child.name.includes('\ufffd') || child.name.startsWith('.wh.')) continue;
    const source = path.join(folder, child.name);
    if (child.isDirectory()) yield* walk(source, `${name}/${child.name}`);
    else if (child.isFile() || child.isSymbolicLink()) yield entryOf(source, `${name}/${child.name}`);
  }
}

function entryOf(source: string, name: string): NamedEntry {
  const stat = lstatSync(source);
  const kind = stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'symlink' : 'file';
  const link = kind === 'symlink' ? readlinkSync(source) : '';
  return { path: name, kind, bytes: kind === 'file' ? stat.size : 0, mode: stat.mode & 0o7777, link, source };
}

/** Whole directories, chosen by a hash of their path, with the directories that lead to them. */
function sample(real: readonly NamedEntry[], count: number): NamedEntry[] {
  const wanted = count / real.length;
  const kept = new Set<string>();
  for (const { path: name } of real) {
    if (hash(path.posix.dirname(name)) >= wanted) continue;
    for (let at = name; at !== '.' && !kept.has(at); at = path.posix.dirname(at)) kept.add(at);
  }
  return real.filter((entry) => kept.has(entry.path));
}

/** FNV-1a as a part of 1. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  // The low bits are better mixed than the high ones.
  return (Math.imul(value, 0x9e3779b1) >>> 0) / 2 ** 32;
}

function turned(entry: NamedEntry, copy: number): NamedEntry {
  const name = entry.path
    .split('/')
    .map((part) => turn(part, copy))
    .join('/');
  return { ...entry, path: `srv/copy${copy}/${name}`, link: turn(entry.link, copy) };
}

/** Each letter of the stem moved on by `by`; endings stay, as every project has its .js and .h. */
function turn(name: string, by: number): string {
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const letters = stem.replace(/[a-z]/gi, (letter) => {
    const first = letter < 'a' ? 65 : 97;
    return String.fromCharCode(first + ((letter.charCodeAt(0) - first + by) % 26));
  });
  return letters + name.slice(stem.length);
}
