// What the lines of a Dockerfile take from the build context just now, as a builder's cache sees it. Reads the context and
// the files that are taken, nothing else; what cannot be told is left out.
import { relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { BuildRules, RecordedContent, RecordedPart } from '../build/model';
import { mostContentParts } from '../build/validateCache';
import { contentKey, contentParts, selectAll } from '../context/contentKey';
import type { Selected } from '../context/contentSelect';
import { createHashes, type Hashes } from '../context/hashes';
import type { ContextEntry, ContextSnapshot } from '../context/model';
import { walkContext } from '../context/walk';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { type ContextSource, contextSources } from '../forecast/contextSources';
import { type Digest, sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';

/** Beyond this, hashing costs more than a build should wait for; the lines stay open then. */
const mostBytes = 8 * 1024 ** 3;

export interface ContextRequest {
  dockerfile: Dockerfile;
  /** Absolute path of the Dockerfile. */
  path: string;
  /** Absolute folder of the context. */
  context: string;
  choice: BuildChoice;
  rules: BuildRules;
  extraArguments: readonly string[];
  /** Hashes that are kept between calls; without them all is read anew. */
  hashes?: Hashes;
  /** Files as the builder has them already, by path: one with the same size, mode and time is not sent again. */
  sent?: ReadonlyMap<string, RecordedPart>;
  signal?: AbortSignal;
}

export interface ReadContent extends RecordedContent {
  /** Paths in the context whose edit BuildKit's client will not see: their size, time and mode are as they were. */
  missed: string[];
}

/**
 * What the lines take with each of several choices, in their order; the context is walked once. Empty when no line takes a
 * file, when the context is no folder of this machine, and when not all of it can be read.
 * @throws StrataError 'cancelled'
 */
export async function readContentsOf(
  host: Host,
  request: Omit<ContextRequest, 'choice'>,
  choices: readonly BuildChoice[],
): Promise<ReadContent[][]> {
  const { dockerfile, rules, extraArguments, path, context, signal } = request;
  const asked = choices.map((choice) => contextSources(dockerfile, choice, extraArguments, rules));
  const nothing = asked.map(() => []);
  if (asked.flat().length === 0 || /^(?:[a-z+]+:\/\/|git@)|^-$/i.test(context)) return nothing;
  const snapshot = await walkContext(host, { root: context, dockerfile: path, rules, signal });
  if (!snapshot.complete) return nothing;
  const options = {
    hashes: request.hashes ?? createHashes(host),
    sent: request.sent,
    // The text that is asked about may not be saved yet, and `COPY . .` takes it along.
    texts: new Map([[relative(context, path).replaceAll('\\', '/'), dockerfile.text]]),
    signal,
  };
  const found: ReadContent[][] = [];
  for (const sources of asked) found.push(await contentsIn(snapshot, sources, options));
  return found;
}

export interface ContentOptions {
  hashes: Hashes;
  sent?: ReadonlyMap<string, RecordedPart>;
  /** What files will hold when the build runs, by path in the context. */
  texts?: ReadonlyMap<string, string>;
  signal?: AbortSignal;
}

/**
 * The same from a snapshot that is at hand.
 * @throws StrataError 'cancelled'
 */
export async function contentsIn(
  snapshot: ContextSnapshot,
  sources: readonly ContextSource[],
  options: ContentOptions,
): Promise<ReadContent[]> {
  const { hashes, sent = new Map(), texts = new Map(), signal } = options;
  const digests = new Map<string, Digest | null>();
  const missed = new Set<string>();
  let bytes = 0;
  /** False for what would be too much: others may still fit. */
  const read = async (selected: readonly Selected[]): Promise<boolean> => {
    const wanted = new Map<string, ContextEntry>();
    for (const { entry } of selected) {
      if (entry.type === 'file' && !digests.has(entry.path)) wanted.set(entry.path, entry);
    }
    let more = 0;
    for (const { size } of wanted.values()) more += size;
    if (bytes + more > mostBytes) return false;
    bytes += more;
    const found = await hashes.digestsOf(snapshot.root, wanted.values(), signal);
    for (const [path, entry] of wanted) {
      const before = sent.get(path);
      const isKept = before !== undefined && isSent(entry, before);
      const digest = found.get(path) ?? null;
      if (isKept && digest !== before.digest && !texts.has(path)) missed.add(path);
      digests.set(path, isKept ? before.digest : digest);
    }
    return true;
  };
  let left = mostContentParts;
  const found: ReadContent[] = [];
  for (const source of sources) {
    // Of a large context each source costs some hundred ms, and somebody may be typing.
    await setImmediate();
    if (signal?.aborted) throw new StrataError('cancelled', 'Reading the build context was cancelled.');
    const selected = selectAll(snapshot, source);
    if (selected === null || !(await read(selected))) continue;
    const parts = contentParts(selected, digests)?.map((part) => {
      const before = part.type === 'directory' ? sent.get(part.from) : undefined;
      if (before?.type === 'directory') {
        if (before.mode !== part.mode) missed.add(part.from);
        return { ...part, mode: before.mode };
      }
      const text = part.type === 'file' ? texts.get(part.from) : undefined;
      return text === undefined
        ? part
        : { ...part, digest: sha256(text), size: Buffer.byteLength(text, 'utf8') };
    });
    if (!parts) continue;
    const isKept = parts.length <= left;
    if (isKept) left -= parts.length;
    const kept = isKept
      ? parts.map((part) => ({ ...part, mtimeMs: snapshot.find(part.from)?.mtimeMs ?? 0 }))
      : null;
    const unseen = parts.flatMap(({ from }) => (missed.has(from) ? [from] : []));
    found.push({ instruction: source.instruction, key: contentKey(parts), parts: kept, missed: unseen });
  }
  return found;
}

/** Not sent again by BuildKit's client, whatever is in it now. */
function isSent(entry: ContextEntry, before: RecordedPart): boolean {
  return (
    before.type === entry.type &&
    before.size === entry.size &&
    before.mode === entry.mode &&
    before.mtimeMs === entry.mtimeMs
  );
}
