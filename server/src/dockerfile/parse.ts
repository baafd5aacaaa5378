// From a text to a Dockerfile: instructions, stages and their bases, and what BuildKit would refuse. Where instructions
// begin and end is split.ts; what is wrong with one is rejections.ts. dockerfile-ast reads the parts of a plain FROM, the
// only thing it serves for here: version 0.7.1 errs in splitting, heredocs, JSON, quoted flags and variables.
import { DockerfileParser } from 'dockerfile-ast';
import { readPlatform, stageBases } from './bases';
import { globalValues, isPlain } from './globals';
import { readHeredoc } from './heredoc';
import { lex } from './lex';
import {
  type BuildChoice,
  type Dockerfile,
  defaultChoice,
  type Instruction,
  type Problem,
  type Stage,
} from './model';
import { isKnownKeyword, rejectionOf, stageName } from './rejections';
import { type RawInstruction, splitInstructions } from './split';
import { sourceStage, sourcesOf } from './stageGraph';
import { blankWords, type Command, isExpanded, wordPieces } from './words';

/** Parses any text. Never throws; what is wrong with it is in `problems`, in the order of lines. */
export function parseDockerfile(text: string): Dockerfile {
  const split = splitInstructions(text);
  const problems = [...split.problems];
  const dockerfile: Dockerfile = {
    text,
    lineStarts: split.lineStarts,
    directives: split.directives,
    escape: split.escape,
    instructions: [],
    stages: [],
    problems,
  };
  for (const raw of split.instructions) addInstruction(dockerfile, raw);
  settleStages(dockerfile, defaultChoice);
  for (const instruction of dockerfile.instructions) {
    const refusal = refusedSource(dockerfile, instruction);
    if (refusal) problems.push({ line: instruction.line, message: refusal });
  }
  if (dockerfile.instructions.length === 0) {
    problems.push({ line: null, message: 'the file has no instructions; a build needs at least FROM' });
  } else if (dockerfile.stages.length === 0) {
    problems.push({ line: null, message: 'the file has no FROM, so there is nothing to build' });
  }
  problems.sort((a, b) => (a.line ?? Number.POSITIVE_INFINITY) - (b.line ?? Number.POSITIVE_INFINITY));
  return dockerfile;
}

function addInstruction(dockerfile: Dockerfile, raw: RawInstruction): void {
  const { escape: escapeChar, instructions, stages, problems } = dockerfile;
  const { keyword, flags, rest } = raw.command;
  const json = raw.inner ? null : raw.json;
  const pieces = wordPieces(keyword, rest, Array.isArray(json) ? json : null, escapeChar);
  const refuse = (message: string) => problems.push({ line: raw.line, message });
  const rejection =
    raw.inner && raw.json === 'not strings'
      ? `the array of ${raw.inner.keyword} may hold strings only`
      : (rejectionOf({ keyword, flags, rest, json, pieces }, escapeChar) ??
        unreadableWord(keyword, pieces, escapeChar));
  if (rejection) refuse(rejection);
  if (keyword === 'FROM') stages.push(newStage(dockerfile, raw));
  const stage = stages.at(-1);
  if (!stage && keyword !== 'ARG' && isKnownKeyword(keyword)) {
    refuse(`${keyword} stands before the first FROM, where only ARG may`);
  }
  const instruction = newInstruction(raw, pieces, instructions.length, stage?.index ?? null, escapeChar);
  instructions.push(instruction);
  if (!stage) return;
  stage.endLine = instruction.endLine;
  if (stage.from !== instruction.index) stage.instructions.push(instruction.index);
}

function newInstruction(
  raw: RawInstruction,
  pieces: string[][],
  index: number,
  stage: number | null,
  escapeChar: string,
): Instruction {
  const { command, inner } = raw;
  const json = Array.isArray(raw.json) ? raw.json : null;
  const whole = (part: Command, shift: number, partJson: string[] | null, words: string[]): Instruction => ({
    index,
    keyword: part.keyword,
    known: isKnownKeyword(part.keyword),
    line: raw.line,
    endLine: raw.endLine,
    start: raw.sourceOffset(shift),
    keywordEnd:
      part.keywordLength > 0 ? raw.sourceOffset(shift + part.keywordLength - 1) + 1 : raw.sourceOffset(shift),
    restStart: raw.sourceOffset(shift + part.restStart),
    end: raw.end,
    text: shift === 0 ? raw.text : raw.text.slice(shift),
    rest: part.rest,
    flags: part.flags,
    json: partJson,
    words,
    heredocs: raw.heredocs,
    stage,
    trigger: null,
    hasInnerComments: raw.hasInnerComments,
  });
  if (!inner) return whole(command, 0, json, json ?? readWords(command.keyword, pieces, escapeChar));
  const innerWords =
    json ?? readWords(inner.keyword, wordPieces(inner.keyword, inner.rest, null, escapeChar), escapeChar);
  return { ...whole(command, 0, null, []), trigger: whole(inner, command.restStart, json, innerWords) };
}

/** Quotes and escapes processed, variables left as written; a word that cannot be read stays as it is. */
function readWords(keyword: string, pieces: string[][], escapeChar: string): string[] {
  return pieces.map(([first = '', value]) => {
    const name = keyword === 'ARG' ? first : readPiece(keyword, first, escapeChar);
    return value === undefined ? name : `${name}=${readPiece(keyword, value, escapeChar)}`;
  });
}

function readPiece(keyword: string, piece: string, escapeChar: string): string {
  if (keyword === 'MAINTAINER') return piece;
  const heredoc = keyword === 'COPY' || keyword === 'ADD' ? readHeredoc(piece) : null;
  if (heredoc && typeof heredoc !== 'string') return `<<${heredoc.name}`;
  if (isPlain(piece, escapeChar)) return piece;
  const result = lex(piece, { lookup: () => undefined, escape: escapeChar, keepUnset: true });
  return result.error === null ? result.value : piece;
}

/** Why a word fails when the build expands it; null when all can be read. */
function unreadableWord(keyword: string, pieces: string[][], escapeChar: string): string | null {
  if (!isExpanded(keyword)) return null;
  for (const word of pieces) {
    for (let i = keyword === 'ARG' ? 1 : 0; i < word.length; i++) {
      const piece = word[i]!;
      if (isPlain(piece, escapeChar) || readHeredoc(piece)) continue;
      const { error } = lex(piece, { lookup: () => undefined, escape: escapeChar, keepUnset: true });
      if (error) return `${keyword}: ${error}`;
    }
  }
  return null;
}

/** Stages beyond these are read by our own words; a file with more was not written by a person. */
const plainlyMany = 100;

function newStage({ stages, instructions }: Dockerfile, raw: RawInstruction): Stage {
  const { name, platform } = (stages.length < plainlyMany ? plainFrom(raw) : null) ?? {
    name: stageName(blankWords(raw.command.rest)),
    platform: raw.command.flags.find((flag) => flag.name === 'platform')?.value ?? null,
  };
  return {
    index: stages.length,
    name,
    from: instructions.length,
    base: { kind: 'unknown', text: '', why: '' },
    platform,
    instructions: [],
    line: raw.line,
    endLine: raw.endLine,
  };
}

/** The parts of a FROM without quotes, escapes or odd blanks, as dockerfile-ast reads them; null where it should not be asked. */
function plainFrom({ text }: RawInstruction): { name: string | null; platform: string | null } | null {
  if (!/^[\w \t$./:@=+{}-]+$/.test(text)) return null;
  try {
    const from = DockerfileParser.parse(text).getFROMs()[0];
    const words = from?.getArguments().map((argument) => argument.getValue());
    if (!from || !words) return null;
    return { name: stageName(words), platform: from.getPlatformFlag()?.getValue() ?? null };
  } catch {
    return null;
  }
}

/** Bases and platforms need all ARGs and the name of the last stage, so they come when all stages are known. */
function settleStages(dockerfile: Dockerfile, choice: BuildChoice): void {
  const globals = globalValues(dockerfile, choice);
  for (const [index, base] of stageBases(dockerfile, choice).entries()) {
    const stage = dockerfile.stages[index]!;
    stage.base = base;
    if (stage.platform !== null) stage.platform = readPlatform(stage.platform, globals, dockerfile.escape);
  }
}

/** Why a COPY --from cannot work in this file, whatever is built (toCommand, validateCircularDependency). */
function refusedSource(dockerfile: Dockerfile, instruction: Instruction): Problem['message'] | null {
  if (instruction.stage === null) return null;
  for (const source of sourcesOf(instruction)) {
    if (instruction.keyword === 'COPY' && /\$./.test(source)) {
      return '--from takes no variable; name a stage with FROM and copy from that';
    }
    const stage = sourceStage(dockerfile, instruction, source);
    if (stage === null && instruction.keyword === 'COPY' && /^[+-]?\d+$/.test(source)) {
      return `there is no stage ${source}; the first one is 0`;
    }
    if (stage !== null && stage >= instruction.stage) {
      const what = stage === instruction.stage ? 'is this stage itself' : 'stands further down';
      return `"${source}" ${what}; a stage can only take from those above it`;
    }
  }
  return null;
}
