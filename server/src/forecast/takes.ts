// What one COPY or ADD takes, whole: where its words lead, brought together with the files that are known there. How the
// copier goes about it is context/take.ts.
import type { ArchiveFinding } from '../context/archive';
import type { FileTree } from '../context/fileTree';
import type { ContextSnapshot, Taken } from '../context/model';
import { type TakeRequest, takeFromContext, takeFromTree } from '../context/take';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { isOn } from '../dockerfile/switches';
import { expandInstructionWords } from '../dockerfile/variables';
import { type CopySource, type SourceTree, sourcesOf } from './copySources';

/** The files that a forecast may look at. One object stands for one state of them: what is computed is kept by it. */
export interface ContextFacts {
  snapshot: ContextSnapshot | null;
  /** By path in the context: what ADD finds in it. A file that is not here may be an archive. */
  archives: ReadonlyMap<string, ArchiveFinding>;
  /**
   * All files of a stage or an image, when they are known and the next build will find them so; null when not: then
   * what is copied from there is unknown.
   */
  filesOf?(tree: SourceTree): FileTree | null;
  /** All files that lie below a line when it runs, with the same certainty; null when they are not known. */
  filesBelow?(instruction: Instruction): FileTree | null;
}

/** What an instruction takes from the build context: for `strata context --line N`. */
export function takeOf(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  snapshot: ContextSnapshot,
  archives: ContextFacts['archives'] = noArchives,
): Taken {
  return takeWith(dockerfile, instruction, choice, { snapshot, archives });
}

/** By the files: what was taken of them, by what was asked. A keystroke in another line asks the same again. */
const kept = new WeakMap<FileTree, Kept>();

interface Kept {
  byRequest: Map<string, { archives: TakeRequest['archives']; taken: Taken }>;
  /** That all of them hold. */
  entries: number;
}

/** Lines of the longest Dockerfiles and of their states a few keystrokes ago: with fewer, each keystroke takes all anew. */
const mostRequests = 5_000;
/** About 100 bytes each. */
const mostEntries = 3_000_000;

function once(tree: FileTree, request: TakeRequest, take: () => Taken): Taken {
  let known = kept.get(tree);
  if (!known || known.byRequest.size > mostRequests || known.entries > mostEntries) {
    known = { byRequest: new Map(), entries: 0 };
    kept.set(tree, known);
  }
  const { archives, ...rest } = request;
  const key = JSON.stringify(rest);
  const found = known.byRequest.get(key);
  if (found && found.archives === archives) return found.taken;
  const taken = take();
  known.byRequest.set(key, { archives, taken });
  known.entries += taken.entries.length;
  return taken;
}

/** By instruction: a line is asked again for each line that copies to the same place. */
const latest = new WeakMap<Instruction, { choice: BuildChoice; facts: ContextFacts | null; taken: Taken }>();

/** The same from whatever is known. */
export function takeWith(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  facts: ContextFacts | null,
): Taken {
  const last = latest.get(instruction);
  if (last && last.choice === choice && last.facts === facts) return last.taken;
  const taken = takeAnew(dockerfile, instruction, choice, facts);
  latest.set(instruction, { choice, facts, taken });
  return taken;
}

function takeAnew(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  facts: ContextFacts | null,
): Taken {
  if (instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') return unknown('it copies nothing');
  const sources = sourcesOf(dockerfile, instruction, choice);
  if (sources.length === 0) return unknown('it names no source');
  const remote = sources.find(({ kind }) => kind === 'url' || kind === 'git');
  if (remote)
    return unknown(
      `what ${remote.kind === 'git' ? 'the repository' : 'the URL'} gives is known only when it is fetched`,
    );
  const tree = sources.find(isTree);
  if (tree?.kind === 'unknown') return unknown(tree.why);
  const request = takeRequestOf(dockerfile, instruction, choice, sources, facts);
  if (request === null) return unknown('the destination holds a variable that only the build knows');
  if (!tree) return once(noFiles, request, () => takeFromTree(noFiles, request, ''));
  if (tree.kind === 'context') {
    const snapshot = facts?.snapshot;
    if (!snapshot) return unknown('the build context was not looked at');
    return once(snapshot, request, () => takeFromContext(snapshot, request));
  }
  const files = facts?.filesOf?.(tree) ?? null;
  return files
    ? once(files, request, () => takeFromTree(files, request, nameOf(tree)))
    : unknown(whyNoFiles(dockerfile, tree));
}

/** Where a COPY or ADD goes, as written but expanded; null when it hangs on what only the build knows. */
export function destinationOf(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
): string | null {
  const { words, certain, error } = expandInstructionWords(dockerfile, instruction, choice);
  const written = instruction.words.at(-1) ?? '';
  return error !== null || (!certain && written.includes('$')) ? null : (words.at(-1) ?? '');
}

/** The instruction as the copier is told; null when it hangs on what only the build knows. */
function takeRequestOf(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  sources: readonly CopySource[],
  facts: ContextFacts | null,
): TakeRequest | null {
  const destination = destinationOf(dockerfile, instruction, choice);
  if (destination === null) return null;
  const unpacks = instruction.keyword === 'ADD' && isOn(instruction, 'unpack', true);
  return {
    sources: sources.flatMap((source) => ('path' in source ? source.path : [])),
    destination,
    parents: instruction.keyword === 'COPY' && isOn(instruction, 'parents'),
    exclude: instruction.flags.flatMap(({ name, value }) => (name === 'exclude' ? (value ?? '') : [])),
    archives: unpacks ? (facts?.archives ?? noArchives) : null,
    written: sources.flatMap((source) =>
      source.kind === 'heredoc'
        ? { name: source.name, bytes: source.body === null ? null : Buffer.byteLength(source.body, 'utf8') }
        : [],
    ),
  };
}

const noArchives: ContextFacts['archives'] = new Map();
const noFiles: FileTree = { entries: [], find: () => undefined };

function isTree(source: CopySource): source is SourceTree & { path: string } {
  return 'path' in source;
}

function nameOf(tree: SourceTree): string {
  if (tree.kind === 'stage') return 'the stage it copies from';
  return tree.kind === 'image' ? tree.reference : 'the named context';
}

function whyNoFiles(dockerfile: Dockerfile, tree: SourceTree): string {
  switch (tree.kind) {
    case 'stage':
      return `what the stage of line ${dockerfile.stages[tree.stage]?.line ?? 0} makes is known only after it ran`;
    case 'image':
      return `the files of ${tree.reference} are not known here`;
    default:
      return 'the named context was not looked at';
  }
}

function unknown(why: string): Taken {
  return { entries: [], bytes: null, why, unpacked: 0 };
}
