// What buildah and podman find a step by: the text that they write into the image's history (imagebuildah/
// stage_executor.go, getCreatedBy) [T: buildah 1.28, podman 4.3]. What comes before the step is for linearGraph.ts.
import { fromRoot } from '../context/topLink';
import { expandInstructionWords } from '../dockerfile/variables';
import { blankWords, wordPieces } from '../dockerfile/words';
import type { StepInput, StepOp } from './cacheGraph';
import { sourcesOf } from './copySources';
import { expandFlag } from './flagText';
import { ordered } from './runEnvironment';
import type { GraphLine } from './stageWalk';
import { type Told, told } from './told';

export function buildahPieces(line: GraphLine): StepOp['pieces'] {
  const { dockerfile, instruction, choice } = line;
  const { keyword, text, heredocs, rest, json } = instruction;
  switch (keyword) {
    case 'RUN': {
      const { lineStarts } = dockerfile;
      const bodies = heredocs.map((one) =>
        dockerfile.text.slice(lineStarts[one.line - 1], lineStarts[one.endLine]),
      );
      // All but `RUN` and one blank, further blanks included.
      return [
        ['text', told([text.slice('RUN '.length), ...bodies].join('\n'))],
        ['arguments', argumentValues(line)],
      ];
    }
    case 'ARG':
      return [['arguments', argumentNames(line)]];
    case 'COPY':
    case 'ADD': {
      const flag = (name: string) => {
        const value = instruction.flags.findLast((one) => one.name === name)?.value ?? '';
        return value === '' ? told('') : expandFlag(dockerfile, instruction, value, choice);
      };
      const { text: owner, certain } = flag('chown');
      const { text: mode } = flag('chmod');
      const others = instruction.flags.filter(({ name }) => !/^(?:from|chown|chmod)$/.test(name));
      // Owners and modes count in the content, where a flag may say what a file has anyway.
      return [
        ['destination', told((json ?? blankWords(rest)).at(-1) ?? '')],
        ['--chown', told(ownerText(owner), certain && /^[\d:]*$/.test(owner))],
        ['--chmod', told(mode, false)],
        ['flags', told(JSON.stringify(others.map(({ name, value }) => [name, value])), false)],
      ];
    }
    default:
      return [['text', told(text)]];
  }
}

/** `0` and no owner at all are root's. */
function ownerText(owner: string): string {
  const [user = '', group = user] = owner.split(':');
  return `${Number(user)}:${Number(group)}` === 'NaN:NaN' ? owner : `${user || 0}:${group || 0}`;
}

/** The files alone count, not how they are named: one file may be copied under another name and still be found. */
export function buildahContent(
  input: StepInput,
  { dockerfile, instruction, choice, facts }: GraphLine,
): StepInput {
  if (input.content === 'never' || input.content === null) return input;
  const paths = sourcesOf(dockerfile, instruction, choice, facts.named).map((source) =>
    'path' in source ? fromRoot(source.path) : '',
  );
  const asked = JSON.stringify(paths);
  const { key } = input.content;
  return { ...input, content: { ...input.content, key: `${key} ${asked}`, asked } };
}

/** `|N A=1 B=2`: what the stage's own ARGs set, sorted; what an ENV covers has the value of that line. */
function argumentValues({ dockerfile, instruction, state: { environment } }: GraphLine): Told {
  const given = ordered(environment).flatMap((item) =>
    item !== 'base' &&
    item.isArgument &&
    item.setBy !== null &&
    dockerfile.instructions[item.setBy]?.stage === instruction.stage
      ? [item]
      : [],
  );
  return told(
    given
      .map(({ name, value }) => `${name}=${value.text}`)
      .sort()
      .join('\n'),
    given.every(({ value }) => value.certain),
  );
}

/** Names of all ARGs so far that have a value, sorted: neither the values nor how the line is written. */
function argumentNames({ dockerfile, instruction, choice, state }: GraphLine): Told {
  const { keyword, rest, json, stage } = instruction;
  const names = new Set(
    state.environment.items.flatMap((item) =>
      item !== 'base' &&
      item.isArgument &&
      item.setBy !== null &&
      dockerfile.instructions[item.setBy]?.stage === stage
        ? [item.name]
        : [],
    ),
  );
  const { words, certain, error } = expandInstructionWords(dockerfile, instruction, choice);
  let isTold = error === null;
  for (const [at, [name = '']] of wordPieces(keyword, rest, json, dockerfile.escape).entries()) {
    if (words[at]?.startsWith(`${name}=`) || platformArgument.test(name)) names.add(name);
    else if (!certain) isTold = false;
  }
  return told([...names].sort().join(' '), isTold);
}

/** The builder has a value for each. */
const platformArgument = /^(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH)$/;
