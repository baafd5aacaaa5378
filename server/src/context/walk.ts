// Reads a build context: what the builder will see after the ignore file, once as a whole and then by what changed.
// Bounded in entries and in time; links are never followed. Which files are taken out is for walkRules.ts.
import type { Host } from '../primitives/host';
import { findPath } from './contextOrder';
import { type ContextRules, findIgnoreFile, type IgnoreFile } from './ignoreFile';
import type { ContextEntry, ContextSnapshot } from './model';
import { type Earlier, type Walk, type WalkedFolder, walkFolder } from './walkFolders';
import { walkRules } from './walkRules';

export interface WalkLimits {
  /** Files, folders and links that the builder sees; 1,000,000 when not given. */
  entries?: number;
  /** 60,000 when not given. */
  ms?: number;
}

export interface WalkRequest {
  /** Absolute folder. */
  root: string;
  /** Absolute path of the Dockerfile: an ignore file may stand beside it. */
  dockerfile: string;
  rules: ContextRules;
  signal?: AbortSignal;
  limits?: WalkLimits;
  /** An earlier snapshot of the same context: its entries are used again where nothing changed, which spares memory. */
  previous?: ContextSnapshot;
}

/** A snapshot that `rescan` can bring up to date. */
export interface WalkedContext extends ContextSnapshot {
  readonly walked: {
    request: Omit<WalkRequest, 'signal' | 'previous'>;
    ignore: IgnoreFile | null;
    top: WalkedFolder;
    /** It went to its end. */
    whole: boolean;
  };
}

const mostEntries = 1_000_000;
const longestMs = 60_000;
/** Files whose names cannot be read are told one by one up to this many. */
const mostNamed = 5;

/**
 * Walks the context. A folder that cannot be read, an ignore file that the builder refuses, a bound that was reached: all
 * are told in `problems`. Throws StrataError('cancelled').
 */
export async function walkContext(host: Host, request: WalkRequest): Promise<WalkedContext> {
  const ignore = await findIgnoreFile(host, {
    context: request.root,
    dockerfile: request.dockerfile,
    rules: request.rules,
  });
  const snapshot = await walkWith(host, request, ignore, null);
  return request.previous ? withSameEntries(snapshot, request.previous) : snapshot;
}

/**
 * The context after changes of some files: only their folders, and those above them, are read again. Paths are relative to
 * the root, with slashes; a path may be new, changed or gone. A changed ignore file leads to a whole walk.
 */
export async function rescan(
  host: Host,
  snapshot: WalkedContext,
  changedPaths: Iterable<string>,
  signal?: AbortSignal,
): Promise<WalkedContext> {
  const { request, ignore, top, whole } = snapshot.walked;
  const now = await findIgnoreFile(host, {
    context: request.root,
    dockerfile: request.dockerfile,
    rules: request.rules,
  });
  const known = whole && now?.path === ignore?.path && now?.text === ignore?.text;
  const changed = new Set<string>(['']);
  for (const path of changedPaths) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) changed.add(path.slice(0, at));
    changed.add(path);
  }
  const earlier = known ? { entries: snapshot.entries, top, changed } : null;
  return walkWith(host, { ...request, signal }, now, earlier);
}

async function walkWith(
  host: Host,
  request: WalkRequest,
  ignore: IgnoreFile | null,
  earlier: Earlier | null,
): Promise<WalkedContext> {
  const { signal, previous: _, ...kept } = request;
  const rules = walkRules(ignore, request.rules, host.os === 'windows');
  const walk: Walk = {
    host,
    root: request.root.replace(/(?<=.)\/+$/, ''),
    rules,
    signal,
    stopped: null,
    mostEntries: request.limits?.entries ?? mostEntries,
    deadline: host.now() + (request.limits?.ms ?? longestMs),
    earlier,
    entries: [],
  };
  // The build fails before it sees a file; walking on without the patterns would enter what they keep out.
  const refused = rules.problem() !== null;
  const top = refused ? emptyFolder() : await walkFolder(walk, '', rules.matcher.top, false, earlier?.top);
  const pruned: string[] = [];
  const problems: string[] = [];
  gather(top, pruned, problems);
  const refusal = rules.problem();
  if (refusal !== null) problems.unshift(refusal);
  if (walk.stopped !== null) problems.push(walk.stopped);
  const entries = refusal === null ? walk.entries : [];
  const complete = problems.length === 0;
  const foreign = entries.filter(({ type }) => type === 'unknown');
  for (const { path } of foreign.slice(0, mostNamed))
    problems.push(`Nothing is known of ${path}: its name is no text, or permission is denied.`);
  return {
    root: request.root,
    entries,
    find: (path) => findPath(entries, path),
    ignored: { files: top.ignoredFiles, bytes: top.ignoredBytes, folders: pruned },
    ignoreFile: ignore?.path ?? null,
    problems,
    complete,
    walked: { request: kept, ignore, top, whole: walk.stopped === null && refusal === null },
  };
}

function emptyFolder(): WalkedFolder {
  return { ignoredFiles: 0, ignoredBytes: 0, pruned: [], problems: [], folders: new Map(), entries: 0 };
}

function gather(folder: WalkedFolder, pruned: string[], problems: string[]): void {
  pruned.push(...folder.pruned);
  problems.push(...folder.problems);
  for (const inner of folder.folders.values()) gather(inner, pruned, problems);
}

/** Equal entries become the very same objects, so that the earlier snapshot costs nothing beside this one. */
function withSameEntries(snapshot: WalkedContext, previous: ContextSnapshot): WalkedContext {
  let at = 0;
  const before = previous.entries;
  const entries = snapshot.entries.map((entry) => {
    // Both are in the same order: what was removed since is passed over.
    let place = at;
    while (place < before.length && before[place]!.path !== entry.path && place - at < 64) place++;
    const same = before[place];
    if (same?.path !== entry.path) return entry;
    at = place + 1;
    return isSame(same, entry) ? same : entry;
  });
  return { ...snapshot, entries, find: (path) => findPath(entries, path) };
}

function isSame(a: ContextEntry, b: ContextEntry): boolean {
  return (
    a.type === b.type &&
    a.size === b.size &&
    a.mode === b.mode &&
    a.link === b.link &&
    a.mtimeMs === b.mtimeMs &&
    a.inode === b.inode &&
    a.arrivesEmpty === b.arrivesEmpty
  );
}
