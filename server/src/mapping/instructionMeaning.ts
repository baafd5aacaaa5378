// What of an instruction's text decides its layer: the key under which two texts of an instruction are the same.
// Decides nothing on context files, build arguments or the registry, which the text does not hold.
import type { Dockerfile, Instruction, Stage } from '../dockerfile/model';
import { sourceStage, sourcesOf } from '../dockerfile/stageGraph';

export interface Meaning {
  /** Equal keys and equal `stages`: the same instruction. References to stages are left out of the key. */
  key: string;
  /** Stages that it takes files or its base from, in order of writing. */
  stages: number[];
  /** It changes no layer of its own stage: an edit of it leaves the measures of the lines below as they are. */
  inert: boolean;
}

/**
 * BuildKit keeps these out of the build graph (dockerfile2llb/convert.go: they only edit the image config), and no
 * builder lets them change what a later RUN or COPY writes. The classic builder runs later lines again after an edit
 * of one of them, which is a forecast's business: what they write stays as measured. VOLUME is not among them, since
 * the classic builder drops what a RUN writes below a volume.
 */
const inertKeywords = new Set([
  'LABEL',
  'EXPOSE',
  'CMD',
  'ENTRYPOINT',
  'HEALTHCHECK',
  'STOPSIGNAL',
  'MAINTAINER',
  'ONBUILD',
]);

const known = new WeakMap<Dockerfile, Meaning[]>();

/** One for each instruction, by index. Kept with the Dockerfile, which must not be changed afterwards. */
export function meaningsOf(dockerfile: Dockerfile): readonly Meaning[] {
  let meanings = known.get(dockerfile);
  if (!meanings) {
    const globals = new Map<string, string>();
    const stageOfFrom = new Map(dockerfile.stages.map((stage) => [stage.from, stage]));
    meanings = dockerfile.instructions.map((instruction) =>
      meaningOf(dockerfile, instruction, stageOfFrom.get(instruction.index), globals),
    );
    known.set(dockerfile, meanings);
  }
  return meanings;
}

function meaningOf(
  dockerfile: Dockerfile,
  instruction: Instruction,
  stage: Stage | undefined,
  globals: Map<string, string>,
): Meaning {
  const { keyword } = instruction;
  const inert = inertKeywords.has(keyword);
  const stages: number[] = [];
  if (stage) return { key: fromKey(stage, instruction, globals, stages), stages, inert };
  const flags = instruction.flags.map((flag) => maskStage(dockerfile, instruction, flag, stages));
  // A trigger takes its files when it fires; its text is compared whole.
  for (const source of instruction.trigger ? sourcesOf(instruction.trigger) : []) {
    const from = sourceStage(dockerfile, instruction.trigger!, source);
    if (from !== null) stages.push(from);
  }
  // The order of flags means nothing, but that of repeated ones (--mount, --exclude) may: a stable sort by name.
  if (flags.length > 1) flags.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  let key = [keyword, ...flags.map((flag) => flag.text), operands(instruction)].join(' ');
  for (const heredoc of instruction.heredocs) key += `\0${heredocKey(dockerfile, instruction, heredoc)}`;
  if (keyword === 'ARG') {
    // Before the first FROM it defines a global; in a stage, one without a value takes the global's.
    for (const word of instruction.rest.split(/\s+/)) {
      const name = word.replace(/=.*/s, '');
      if (instruction.stage === null) globals.set(name, key + globalsUsed(key, globals));
      else if (!word.includes('=') && globals.has(name)) key += `\0${globals.get(name)}`;
    }
  }
  return { key, stages, inert };
}

/** The base and the platform; the stage's own name decides no layer. */
function fromKey(stage: Stage, from: Instruction, globals: Map<string, string>, stages: number[]): string {
  const platform = from.flags.map((flag) => flag.raw).join(' ');
  if (stage.base.kind === 'stage') {
    stages.push(stage.base.stage);
    return `FROM ${platform} \0stage${globalsUsed(platform, globals)}`;
  }
  const base = from.rest.replace(/\s+as\s+\S*\s*$/i, '');
  return `FROM ${platform} ${stage.base.kind} ${base}${globalsUsed(`${platform} ${base}`, globals)}`;
}

/** `--from=stage` and `--mount=…,from=stage` without the name, which may change while the stage does not. */
function maskStage(
  dockerfile: Dockerfile,
  instruction: Instruction,
  flag: Instruction['flags'][number],
  stages: number[],
): { name: string; text: string } {
  const { name, raw } = flag;
  const [source] = sourcesOf({ ...instruction, flags: [flag] });
  const stage = source === undefined ? null : sourceStage(dockerfile, instruction, source);
  if (source === undefined || stage === null) return { name, text: raw };
  stages.push(stage);
  return { name, text: raw.replace(`from=${source}`, 'from=\0') };
}

/** Keywords whose operands are words, so that blanks between them mean nothing. */
const wordKeywords = new Set(['COPY', 'ADD', 'EXPOSE', 'VOLUME', 'ARG', 'ENV', 'LABEL']);

/**
 * The text after the flags as far as it means something. In shell form every blank is the shell's (BuildKit hashes the
 * argument as it is: a re-indented continuation line runs again); of the JSON form only the strings count.
 */
function operands({ keyword, rest, json }: Instruction): string {
  if (json) return JSON.stringify(json);
  const trimmed = rest.trimEnd();
  if (!wordKeywords.has(keyword) || /["'\\`]/.test(trimmed)) return trimmed;
  // `ENV key the rest of the line` keeps its inner blanks.
  if ((keyword === 'ENV' || keyword === 'LABEL') && !/^[^\s=]+=/.test(trimmed)) return trimmed;
  return trimmed.replace(/\s+/g, ' ');
}

/** A body counts byte for byte, comments included. Only a lone `<<-` document loses its tabs before the shell sees it. */
function heredocKey(
  dockerfile: Dockerfile,
  instruction: Instruction,
  heredoc: Instruction['heredocs'][number],
): string {
  const { name, expand, chomp, fileDescriptor, line, endLine } = heredoc;
  const alone = instruction.keyword !== 'RUN' || /^\d*<<-?\s*\S+$/.test(instruction.rest.trim());
  const body = alone ? heredoc.body : linesOf(dockerfile, line, endLine);
  return `${fileDescriptor}<<${chomp && !alone ? '-' : ''}${expand ? name : `'${name}'`}\n${body}`;
}

/** Lines of the file as written, 1-based, both included. */
function linesOf({ text, lineStarts }: Dockerfile, line: number, endLine: number): string {
  return text.slice(lineStarts[line - 1], lineStarts[endLine] ?? text.length);
}

/** The lines of the global ARGs that a text names: a change of one changes what the text means. */
function globalsUsed(text: string, globals: ReadonlyMap<string, string>): string {
  let used = '';
  for (const [, braced, bare] of text.matchAll(/\$(?:\{(\w+)|(\w+))/g)) {
    const name = (braced ?? bare)!;
    if (globals.has(name)) used += `\0${globals.get(name)}`;
  }
  return used;
}
