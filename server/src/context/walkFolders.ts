// The walk itself: folder by folder, in order, never into a folder that the ignore file takes out whole, and not again
// into one that is known from an earlier walk. Who asks for it and with which ignore file is for walk.ts.
import { StrataError } from '../primitives/errors';
import type { FolderEntry, Host } from '../primitives/host';
import { placeOf, sortNames } from './contextOrder';
import type { FolderMatch } from './ignoreMatch';
import type { ContextEntry } from './model';
import type { WalkRules } from './walkRules';

/** What the walk found out about one folder that it entered; shared between snapshots while nothing in it changes. */
export interface WalkedFolder {
  /** Files that the ignore file took out here and below, and their bytes. */
  ignoredFiles: number;
  ignoredBytes: number;
  /** Folders in this one that were not entered, by path. */
  pruned: string[];
  /** Sentences; each means that something of this folder is not known. */
  problems: string[];
  /** Folders in this one that were entered, by name. */
  folders: Map<string, WalkedFolder>;
  /** How many entries of the context lie below it. */
  entries: number;
}

export interface Earlier {
  entries: readonly ContextEntry[];
  top: WalkedFolder;
  /** Folders to read again, by path, with all those above them. */
  changed: ReadonlySet<string>;
}

export interface Walk {
  host: Host;
  root: string;
  rules: WalkRules;
  signal: AbortSignal | undefined;
  /** Why it stopped before the end, a sentence. */
  stopped: string | null;
  mostEntries: number;
  /** By the host's clock. */
  deadline: number;
  earlier: Earlier | null;
  entries: ContextEntry[];
}

/** Walks a folder that is entered: its entries go to `walk.entries`. Throws StrataError('cancelled'). */
export async function walkFolder(
  walk: Walk,
  path: string,
  match: FolderMatch,
  /** The ignore file takes the folder itself out. */
  ignored: boolean,
  known: WalkedFolder | undefined,
): Promise<WalkedFolder> {
  const first = walk.entries.length;
  const folder: WalkedFolder = {
    ...{ ignoredFiles: 0, ignoredBytes: 0, entries: 0 },
    ...{ pruned: [], problems: [], folders: new Map() },
  };
  for (const found of await listed(walk, path, folder, ignored)) {
    if (walk.stopped !== null) break;
    const below = path === '' ? found.name : `${path}/${found.name}`;
    if (found.type === 'directory') await meetFolder(walk, folder, below, found, match, known);
    else meetFile(walk, folder, below, found, match);
  }
  folder.entries = walk.entries.length - first;
  return folder;
}

async function listed(
  walk: Walk,
  path: string,
  folder: WalkedFolder,
  ignored: boolean,
): Promise<FolderEntry[]> {
  if (walk.signal?.aborted) throw new StrataError('cancelled', 'Reading the build context was cancelled.');
  if (walk.host.now() > walk.deadline) {
    walk.stopped = 'Reading the build context took too long and was stopped.';
    return [];
  }
  try {
    const entries = await walk.host.files.readFolder(path === '' ? walk.root : `${walk.root}/${path}`);
    if (entries === null && path === '') folder.problems.push(`There is no folder ${walk.root}.`);
    return sortNames(entries ?? []);
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    // BuildKit passes over a folder that it may not read when the ignore file takes it out anyway.
    if (!ignored) folder.problems.push(error.message);
    return [];
  }
}

async function meetFolder(
  walk: Walk,
  parent: WalkedFolder,
  path: string,
  found: FolderEntry,
  match: FolderMatch,
  knownParent: WalkedFolder | undefined,
): Promise<void> {
  const { matched, below } = walk.rules.matcher.enter(path, match);
  if (matched && !walk.rules.enters(path)) {
    parent.pruned.push(path);
    return;
  }
  const known = knownParent?.folders.get(found.name);
  if (isFull(walk)) return;
  const place = walk.entries.length;
  const own = entryOf(walk, path, found);
  const entry = matched ? { ...own, mode: walk.rules.enteredMode ?? own.mode } : own;
  walk.entries.push(entry);
  const reused = known && reuse(walk, entry, known);
  const folder = reused ? known : await walkFolder(walk, path, below, matched, known);
  parent.folders.set(found.name, folder);
  parent.ignoredFiles += folder.ignoredFiles;
  parent.ignoredBytes += folder.ignoredBytes;
  // A folder that is taken out is there for what is kept in it, and only then.
  if (matched && folder.entries === 0) walk.entries.length = place;
}

/** Copies what an earlier walk found below a folder, when nothing there can have changed. */
function reuse(walk: Walk, entry: ContextEntry, known: WalkedFolder): boolean {
  const { earlier } = walk;
  if (!earlier || earlier.changed.has(entry.path)) return false;
  const place = placeOf(earlier.entries, entry.path);
  const before = earlier.entries[place];
  // A folder without an entry held nothing that the builder sees: whatever came since changed the folder's time too,
  // but that time is not kept.
  if (before?.path !== entry.path || before.mtimeMs !== entry.mtimeMs) return false;
  if (before.inode !== entry.inode) return false;
  for (let at = place + 1; at <= place + known.entries; at++) walk.entries.push(earlier.entries[at]!);
  return true;
}

function meetFile(
  walk: Walk,
  parent: WalkedFolder,
  path: string,
  found: FolderEntry,
  match: FolderMatch,
): void {
  if (walk.rules.matcher.matches(path, match)) {
    parent.ignoredFiles++;
    if (found.type === 'file') parent.ignoredBytes += found.size;
    return;
  }
  if (found.type === 'unknown' && !isForeign(found.name)) {
    parent.problems.push(`Nothing is known of ${path}: its name is no text, or permission is denied.`);
    return;
  }
  if (!isFull(walk)) walk.entries.push(entryOf(walk, path, found));
}

/** A name that is not UTF-8 comes with U+FFFD; only the lines that take such a file are the worse for it. */
function isForeign(name: string): boolean {
  return name.includes('\ufffd');
}

function isFull(walk: Walk): boolean {
  if (walk.entries.length < walk.mostEntries) return false;
  const most = walk.mostEntries.toLocaleString('en');
  walk.stopped = `The build context has more than ${most} files and folders; the rest was not read.`;
  return true;
}

function entryOf(walk: Walk, path: string, found: FolderEntry): ContextEntry {
  const windows = walk.host.os === 'windows';
  const type = found.type === 'socket' ? 'file' : (found.type as ContextEntry['type']);
  const empty = found.type === 'socket' || (type === 'file' && walk.rules.arrivesEmpty(path));
  return {
    path,
    type,
    size: type === 'file' && !empty ? found.size : 0,
    // fsutil/stat.go: everything from Windows is executable.
    mode: windows ? (found.mode | 0o111) & 0o755 : found.mode,
    link: windows ? (found.link?.replaceAll('\\', '/') ?? null) : found.link,
    mtimeMs: found.mtimeMs,
    // No hard links come from there (fsutil/stat_windows.go: setUnixOpt does nothing).
    inode: windows ? 0 : found.inode,
    ...(empty ? { arrivesEmpty: true } : {}),
  };
}
