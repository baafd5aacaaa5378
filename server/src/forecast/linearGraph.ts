// The steps of builders that look up each instruction, one after the other: the classic builder (moby daemon/builder/
// dockerfile, dispatchers.go; the images of a step's parent are compared by the step's text) and buildah
// (imagebuildah/stage_executor.go, getCreatedBy). Every line is a step, ENV and LABEL included.
import { posix } from 'node:path';
import { builtStages } from '../build/builtStages';
import type { BuildRules } from '../build/model';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { expandInstructionWords } from '../dockerfile/variables';
import { buildahContent, buildahPieces } from './buildahSteps';
import type { StepInput, StepOp, Vertex } from './cacheGraph';
import { sourcesOf } from './copySources';
import { expandFlag } from './flagText';
import type { GraphFacts } from './graphFacts';
import { ordered } from './runEnvironment';
import { directoryAt, type LineState } from './stageStates';
import { type GraphLine, walkStages } from './stageWalk';
import { copyInputs, mountInputs } from './stepInputs';
import { type Told, told } from './told';
import { workdirs } from './workdir';

export function linearGraph(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  facts: GraphFacts,
  rules: BuildRules,
): Vertex[] {
  const built = builtStages(dockerfile, choice, rules);
  return walkStages(dockerfile, choice, facts, built, (line) => [stepOf(line, rules)]);
}

function stepOf(line: GraphLine, rules: BuildRules): Vertex {
  const { instruction, base } = line;
  const pieces = rules === 'classic' ? classicPieces(line) : buildahPieces(line);
  const below: StepInput = { source: base, selector: '', content: 'never' };
  const copied = copyInputs(line).map((input) => (rules === 'buildah' ? buildahContent(input, line) : input));
  return {
    instruction: instruction.index,
    part: 'step',
    op: { kind: instruction.keyword, pieces, environment: null },
    inputs: [below, ...copied, ...mountInputs(line)],
    unknown: null,
  };
}

/** The command that the step's container would run, which is what its image is found by. */
function classicPieces({ dockerfile, instruction, choice, state }: GraphLine): StepOp['pieces'] {
  const { keyword, rest, json, index } = instruction;
  switch (keyword) {
    case 'RUN':
      return [
        ['command', told(json ? (json.at(-1) ?? '') : rest)],
        ['shell', json ? told(JSON.stringify(json.slice(0, -1))) : state.shell],
        ['arguments', argumentsOf(state)],
      ];
    case 'WORKDIR': {
      const place = workdirs(dockerfile, choice)[index]?.place;
      return [
        ['directory', place ? directoryAt(place, state.start) : told(rest, false)],
        ['shell', state.shell],
      ];
    }
    case 'COPY':
    case 'ADD': {
      const { words, certain } = expandInstructionWords(dockerfile, instruction, choice);
      const sources = sourcesOf(dockerfile, instruction, choice);
      // Paths are hashed with their names: `a` and `./a` are one, a pattern stands for what it matches.
      const names = sources.map((source) => ('path' in source ? posix.join('/', source.path) : ''));
      const isPattern = names.some((name) => /[*?[]/.test(name));
      const owner = instruction.flags.findLast(({ name }) => name === 'chown')?.value ?? '';
      return [
        ['sources', told(names.join('\0'), certain && !isPattern)],
        ['destination', told(words.at(-1) ?? '', certain)],
        ['--chown', owner === '' ? told('') : expandFlag(dockerfile, instruction, owner, choice)],
        ['shell', state.shell],
      ];
    }
    case 'ARG':
      // The default as written, not the value that is given.
      return [
        ['text', told(rest, !rest.includes('$'))],
        ['shell', state.shell],
      ];
    default: {
      const { words, certain, error } = expandInstructionWords(dockerfile, instruction, choice);
      const text = json ? JSON.stringify(json) : words.length > 0 ? wordsText(keyword, words) : rest;
      return [
        ['text', told(text, certain && error === null)],
        ['shell', state.shell],
      ];
    }
  }
}

/** Ports are sorted before they are written down. */
function wordsText(keyword: string, words: readonly string[]): string {
  return (keyword === 'EXPOSE' ? [...words].sort() : words).join('\0');
}

/** `|N A=1 B=2`: what ARGs set and no ENV covers, sorted (prependEnvOnCmd). */
function argumentsOf({ environment }: LineState): Told {
  const items = ordered(environment);
  const variables = new Set(
    environment.items.flatMap((item) => (item !== 'base' && !item.isArgument ? [item.name] : [])),
  );
  const given = items.flatMap((item) =>
    item !== 'base' && item.isArgument && !variables.has(item.name) ? [item] : [],
  );
  const text = given.map(({ name, value }) => `${name}=${value.text}`).sort();
  return told(
    text.join('\n'),
    given.every(({ value }) => value.certain),
  );
}
