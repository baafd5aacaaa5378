// Reads a build context: what the builder will see after the ignore file, once as a whole and then by what changed.
// Bounded in entries and in time; links are never followed. Which files are taken out is for walkRules.ts.
import * as path from 'node:path';
import type { Host } from '../primitives/host';
import { findPath } from './contextOrder';
import { type ContextRules, findIgnoreFile, type IgnoreFile } from './ignoreFile';
import type { ContextEntry, ContextSnapshot } from './model';
import { silentMount } from './silentMounts';
import { type Earlier, type Walk, type WalkedFolder, walkFolder } from './walkFolders';
import { walkRules } from './walkRules';

export interface WalkLimits {
  /** Files, folders and links that the builder sees; 1,000,000 when not given. */
  entries?: number;
  /** 60,000 when not given. */
  ms?: number;
  /** How long a file system may take to answer at all; 5,000 when not given. */
  answerMs?: number;
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
    /** A bound ended it, as it would end the next one. */
    stopped: boolean;
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
  const silent = await whyNotWalked(host, request);
  if (silent !== null) return unwalked(request, silent);
  const ignore = await ignoreFileOf(host, request);
  const snapshot = await walkWith(host, request, ignore, null);
  return request.previous ? withSameEntries(snapshot, request.previous) : snapshot;
}

/**
 * The context after changes of some files: only their folders, and those above them, are read again. Paths are relative to
 * the root, with slashes; a path may be new, changed or gone. A changed ignore file leads to a whole walk. A context that is
 * too large stays as it was read, for each change would cost the whole bound again.
 */
export async function rescan(
  host: Host,
  snapshot: WalkedContext,
  changedPaths: Iterable<string>,
  signal?: AbortSignal,
): Promise<WalkedContext> {
  const { request, ignore, top, whole, stopped } = snapshot.walked;
  const silent = await whyNotWalked(host, request);
  if (silent !== null) return unwalked(request, silent);
  const now = await ignoreFileOf(host, request);
  const isSame = now?.path === ignore?.path && now?.text === ignore?.text;
  if (stopped && isSame) return snapshot;
  const known = whole && isSame;
  const changed = new Set<string>(['']);
  for (const one of changedPaths) {
    for (let at = one.indexOf('/'); at >= 0; at = one.indexOf('/', at + 1)) changed.add(one.slice(0, at));
    changed.add(one);
  }
  const earlier = known ? { entries: snapshot.entries, top, changed } : null;
  return walkWith(host, { ...request, signal }, now, earlier);
}

function ignoreFileOf(host: Host, { root, dockerfile, rules }: WalkRequest): Promise<IgnoreFile | null> {
  return findIgnoreFile(host, { context: root, dockerfile, rules });
}

/** What a walk would wait for without an end, a sentence; null for nothing. */
async function whyNotWalked(host: Host, { root, dockerfile, limits }: WalkRequest): Promise<string | null> {
  const folders = new Set([root.replace(/(?<=.)\/+$/, ''), path.dirname(dockerfile)]);
  const silent = await silentMount(host, [...folders], limits?.answerMs);
  return silent === null ? null : `${silent} does not answer: the build context was not read.`;
}

/** What is known of a context that was not read. */
function unwalked(request: WalkRequest, problem: string): WalkedContext {
  const { signal: _, previous: __, ...kept } = request;
  return {
    root: request.root,
    entries: [],
    find: () => undefined,
    ignored: { files: 0, bytes: 0, folders: [] },
    ignoreFile: null,
    problems: [problem],
    complete: false,
    walked: { request: kept, ignore: null, top: emptyFolder(), whole: false, stopped: false },
  };
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
  for (const one of foreign.slice(0, mostNamed))
    problems.push(`Nothing is known of ${one.path}: its name is no text, or permission is denied.`);
  return {
    root: request.root,
    entries,
    find: (one) => findPath(entries, one),
    ignored: { files: top.ignoredFiles, bytes: top.ignoredBytes, folders: pruned },
    ignoreFile: ignore?.path ?? null,
    problems,
    complete,
    walked: {
      request: kept,
      ignore,
      top,
      whole: walk.stopped === null && refusal === null,
      stopped: walk.stopped !== null,
    },
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
  return { ...snapshot, entries, find: (one) => findPath(entries, one) };
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
