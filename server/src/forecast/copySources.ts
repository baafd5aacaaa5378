// Where each source of a COPY, an ADD or a bind mount leads, by the text alone (dockerfile2llb/convert_copy.go,
// convert_runmount.go). Whether anything is there is not asked here.
import { readHeredoc } from '../dockerfile/heredoc';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { mountOptions } from '../dockerfile/mount';
import { sourceStage } from '../dockerfile/stageGraph';
import { expandInstructionWords } from '../dockerfile/variables';
import { blankWords } from '../dockerfile/words';
import { expandFlag } from './flagText';

/** A tree of files that is copied or mounted from; `context-named` is what `--build-context name=…` gives. */
export type SourceTree =
  | { kind: 'context' }
  | { kind: 'stage'; stage: number }
  | { kind: 'image'; reference: string }
  | { kind: 'context-named'; name: string }
  /** `why`: a clause for a person. */
  | { kind: 'unknown'; why: string };

export type CopySource =
  /** `path`: the word with its variables put in; a pattern where the instruction takes patterns. */
  | (SourceTree & { path: string })
  | { kind: 'url'; url: string }
  | { kind: 'git'; url: string }
  /** `body`: what will be written; null when a variable in it is not known or it never ends. */
  | { kind: 'heredoc'; name: string; body: string | null };

const noNames: ReadonlySet<string> = new Set();

interface Asked {
  choice: BuildChoice;
  named: ReadonlySet<string>;
  sources: CopySource[];
}

/** The last answer for each line: its size and its cache key both ask, and an instruction is of one parse alone. */
const answers = new WeakMap<Instruction, Asked>();

/**
 * The sources of a COPY or ADD in the order in which BuildKit copies them: paths as written, then heredocs. Empty for all
 * other instructions. `given`: the names that `--build-context` gives, in lower case; they win over stages and images.
 */
export function sourcesOf(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  given: ReadonlySet<string> = noNames,
): CopySource[] {
  const { keyword, json, rest } = instruction;
  const named = given.size === 0 ? noNames : given;
  if (keyword !== 'COPY' && keyword !== 'ADD') return [];
  const last = answers.get(instruction);
  if (last?.choice === choice && last.named === named) return last.sources;
  const { words, certain, error, bodies } = expandInstructionWords(dockerfile, instruction, choice);
  const written = (json ?? blankWords(rest)).slice(0, -1);
  const tree = copiedTree(dockerfile, instruction, named);
  const paths: CopySource[] = [];
  // Sources of one name are one file, with the body of the last (parseSourcesAndDest).
  const heredocs = new Map<string, CopySource>();
  const bodyOf = bodiesOf(instruction, bodies, certain && error === null);
  written.forEach((word, index) => {
    const head = readHeredoc(word);
    if (head && typeof head !== 'string') {
      heredocs.delete(head.name);
      heredocs.set(head.name, { kind: 'heredoc', name: head.name, body: bodyOf.get(head.name) ?? null });
      return;
    }
    const path = words[index] ?? word;
    if (error !== null) paths.push({ kind: 'unknown', why: error, path: word });
    else if (!certain && word.includes('$')) {
      paths.push({ kind: 'unknown', why: `${word} holds a variable that only the build knows`, path: word });
    } else paths.push(remoteSource(path, keyword) ?? { ...tree, path });
  });
  const sources = [...paths, ...heredocs.values()];
  answers.set(instruction, { choice, named, sources });
  return sources;
}

/** What the bind mounts of a RUN show to its command, in order. Cache, tmpfs, secret and ssh mounts take no files in. */
export function mountSourcesOf(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  named: ReadonlySet<string> = noNames,
): (SourceTree & { path: string })[] {
  if (instruction.keyword !== 'RUN') return [];
  const found: (SourceTree & { path: string })[] = [];
  for (const { name, value } of instruction.flags) {
    const options = name === 'mount' && value !== null ? mountOptions(value) : null;
    if (!options) continue;
    const unclear: string[] = [];
    const option = (...names: string[]) => {
      // Of an option given twice, under whatever name, the last one counts.
      const text = [...options].reverse().find(([key]) => names.includes(key))?.[1] ?? '';
      const expanded = expandFlag(dockerfile, instruction, text, choice);
      if (!expanded.certain) unclear.push(text);
      return expanded.text;
    };
    const type = option('type').toLowerCase();
    if (type !== '' && type !== 'bind' && unclear.length === 0) continue;
    const from = options.get('from') ?? '';
    const path = option('source', 'src');
    const tree: SourceTree =
      unclear.length > 0
        ? { kind: 'unknown', why: `${unclear[0]} holds a variable that only the build knows` }
        : from === ''
          ? { kind: 'context' }
          : treeOf(dockerfile, instruction, from, named);
    found.push({ ...tree, path });
  }
  return found;
}

function copiedTree(
  dockerfile: Dockerfile,
  instruction: Instruction,
  named: ReadonlySet<string>,
): SourceTree {
  const from = instruction.flags.find(({ name }) => name === 'from')?.value ?? '';
  if (from === '' || instruction.keyword === 'ADD') return { kind: 'context' };
  if (/\$./.test(from)) return { kind: 'unknown', why: '--from takes no variable' };
  return treeOf(dockerfile, instruction, from, named);
}

function treeOf(
  dockerfile: Dockerfile,
  instruction: Instruction,
  from: string,
  named: ReadonlySet<string>,
): SourceTree {
  if (named.has(from.toLowerCase())) return { kind: 'context-named', name: from };
  const stage = sourceStage(dockerfile, instruction, from);
  if (stage === null) {
    return instruction.keyword === 'COPY' && /^[+-]?\d+$/.test(from)
      ? { kind: 'unknown', why: `there is no stage ${from}` }
      : { kind: 'image', reference: from };
  }
  if (instruction.stage !== null && stage >= instruction.stage) {
    return { kind: 'unknown', why: `stage ${from} is not made before this line` };
  }
  return { kind: 'stage', stage };
}

/** `git@host:path`, sshutil/scpurl.go. */
const scpStyle = /^[\w-]+@[a-zA-Z0-9-.]+:/;

/**
 * A git repository or a URL; null for a path (dfgitutil.ParseGitRef, isHTTPSource). Other schemes, and schemes of http
 * in capitals, are paths.
 */
function remoteSource(word: string, keyword: string): CopySource | null {
  if (/^\.\.?\//.test(word)) return null;
  const scheme = /^([a-zA-Z0-9]+):\/\//.exec(word)?.[1]?.toLowerCase();
  let kind: 'git' | 'url' | null = null;
  if (scheme === 'ssh' || scheme === 'git') kind = 'git';
  else if (scheme === 'http' || scheme === 'https') {
    const path = /^[^/]*\/\/[^/?#]*([^?#]*)/.exec(word)?.[1] ?? '';
    if (path.endsWith('.git')) kind = 'git';
    else if (/^https?:/.test(word)) kind = 'url';
  } else if (scheme === undefined && scpStyle.test(word)) kind = 'git';
  if (kind === null) return null;
  if (keyword === 'ADD') return { kind, url: word };
  return { kind: 'unknown', why: `COPY takes no ${kind === 'git' ? 'git repository' : 'URL'}`, path: word };
}

/** By name: what will be written, of the last heredoc of that name; none where that is not known. */
function bodiesOf(
  { heredocs }: Instruction,
  bodies: readonly string[],
  certain: boolean,
): Map<string, string | undefined> {
  return new Map(
    heredocs.map(({ name, body, expand, terminated }, index) => {
      if (!terminated) return [name, undefined];
      if (!expand) return [name, body];
      return [name, certain || !body.includes('$') ? bodies[index] : undefined];
    }),
  );
}
