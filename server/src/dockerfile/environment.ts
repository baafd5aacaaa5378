// The variables in force at each instruction, in one pass over the file (dockerfile2llb/convert.go: dispatch, dispatchEnv,
// dispatchArg, buildMetaArgs). It follows BuildKit: the last of ENV and ARG wins. (The classic builder lets an ENV win
// over a later ARG of its name too.) The environment of an image is not known, and nothing that depends on it is certain.
import { stageBases } from './bases';
import { bottom, type Frame, onTopOf, over, setArgument, settled, setVariable, sourceIn } from './frame';
import {
  asIs,
  buildArgument,
  type Expanded,
  expandPiece,
  globalValues,
  isPlain,
  sourceOf,
  type ValueSource,
  type Values,
} from './globals';
import { readHeredoc } from './heredoc';
import { type Budget, newBudget } from './lexer';
import { perChoice } from './memo';
import type { BuildChoice, Dockerfile, Instruction } from './model';
import { isExpanded, wordPieces } from './words';

export interface Expansion {
  words: string[];
  /** Variables that left a hole. */
  missing: string[];
  /** False when a word depends on something that is not known before the build. */
  certain: boolean;
  /** Why BuildKit would refuse the words; they are as written then. */
  error: string | null;
  /** The bodies of the heredocs of COPY and ADD as they will be written. */
  bodies: string[];
}

interface Evaluation {
  /** By instruction; null where the words are as parsed. */
  expansions: (Expansion | null)[];
  /** By stage: what it starts from, ONBUILD triggers of its base included. */
  below: Frame[];
  globals: Values;
}

/** system.DefaultPathEnvUnix: BuildKit sets it where the base has no PATH, so that every stage has one. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const evaluate: (dockerfile: Dockerfile, choice: BuildChoice) => Evaluation = perChoice(
  (dockerfile, choice) => {
    const globals = globalValues(dockerfile, choice);
    const expansions: Evaluation['expansions'] = dockerfile.instructions.map(() => null);
    const scope: Scope = { globals, choice, escapeChar: dockerfile.escape, budget: newBudget() };
    const bases = stageBases(dockerfile, choice);
    const below: Frame[] = [];
    const ends: Frame[] = [];
    const triggered: (Frame | undefined)[] = [];
    for (const stage of dockerfile.stages) {
      const base = bases[stage.index]!;
      let start: Frame;
      if (base.kind === 'stage') {
        start = triggered[base.stage] ??= afterTriggers(dockerfile, base.stage, ends[base.stage]!, scope);
      } else {
        const windows =
          stage.platform?.startsWith('windows') ?? choice.platform?.startsWith('windows') ?? false;
        const complete = base.kind === 'scratch';
        start = bottom(new Map(windows ? [] : [['PATH', complete ? defaultPath : null]]), complete);
      }
      below.push(start);
      const frame = over(start);
      expansions[stage.from] = expandFrom(dockerfile.instructions[stage.from]!, scope);
      for (const index of stage.instructions) {
        expansions[index] = apply(dockerfile.instructions[index]!, frame, scope);
      }
      ends.push(frame);
    }
    return { expansions, below, globals };
  },
);

/** The variables that the instruction sees; null as the value of one that the build has and Strata cannot know. */
export function frameAt(dockerfile: Dockerfile, instructionIndex: number, choice: BuildChoice): Frame {
  const { below, globals } = evaluate(dockerfile, choice);
  const instruction = dockerfile.instructions[instructionIndex];
  const stage = dockerfile.stages[instruction?.stage ?? -1];
  if (!instruction || !stage || instruction.index === stage.from) {
    const values = globalValues(
      dockerfile,
      choice,
      instruction?.stage === null ? instructionIndex : undefined,
    );
    return bottom(values, true);
  }
  const frame = over(below[stage.index]!);
  const scope: Scope = { globals, choice, escapeChar: dockerfile.escape, budget: newBudget() };
  for (const index of stage.instructions) {
    if (index >= instructionIndex) break;
    apply(dockerfile.instructions[index]!, frame, scope);
  }
  return frame;
}

interface Scope {
  globals: Values;
  choice: BuildChoice;
  escapeChar: string;
  budget: Budget;
}

/**
 * What a stage on top of this one starts from: the image's own variables first (dispatchStages sets them anew), then the
 * ONBUILD triggers, in order (initOnBuildTriggers).
 */
function afterTriggers(dockerfile: Dockerfile, stage: number, end: Frame, scope: Scope): Frame {
  const triggers = dockerfile.stages[stage]!.instructions.flatMap(
    (i) => dockerfile.instructions[i]!.trigger ?? [],
  );
  const frame = onTopOf(settled(end));
  for (const trigger of triggers) apply(trigger, frame, scope);
  return settled(frame);
}

function expandFrom(from: Instruction, { globals, escapeChar, budget }: Scope): Expansion | null {
  const [word, ...others] = wordPieces('FROM', from.rest, null, escapeChar);
  if (!word || isPlain(word[0]!, escapeChar)) return null;
  const image = expandPiece(word[0]!, sourceOf(globals, budget), escapeChar);
  return together([image], [image.value, ...others.flat()]);
}

/** Expands an instruction in a frame and lets it change the frame. */
function apply(instruction: Instruction, frame: Frame, scope: Scope): Expansion | null {
  const { keyword } = instruction;
  if (!isExpanded(keyword)) return null;
  const pieces = wordPieces(keyword, instruction.rest, instruction.json, scope.escapeChar);
  if (keyword === 'ARG') return applyArg(pieces, frame, scope);
  const source = sourceIn(frame, scope.budget);
  const bodies = expandBodies(instruction, source);
  const plain = pieces.every((word) => word.every((piece) => isPlain(piece, scope.escapeChar)));
  if (plain && bodies.length === 0 && keyword !== 'ENV') return null;
  const expanded = pieces.map((word) =>
    word.map((piece) => {
      const heredoc = bodies.length > 0 ? readHeredoc(piece) : null;
      if (heredoc && typeof heredoc !== 'string') return asIs(`<<${heredoc.name}`);
      return expandPiece(piece, source, scope.escapeChar);
    }),
  );
  // All pairs of one ENV are expanded before the first of them is set.
  if (keyword === 'ENV') {
    for (const [name, value] of expanded) setVariable(frame, name!.value, value!);
  }
  const words = expanded.map((word) => word.map(({ value }) => value).join('='));
  return plain && bodies.length === 0 ? null : together([...expanded.flat(), ...bodies], words, bodies);
}

/** An ARG takes the build's argument, else its default, else the global value; without any it sets nothing. */
function applyArg(pieces: string[][], frame: Frame, scope: Scope): Expansion {
  const values: Expanded[] = [];
  const words = pieces.map(([name = '', text]) => {
    const value = argumentValue(name, text, frame, scope);
    if (!value) return name;
    values.push(value);
    setArgument(frame, name, value);
    return value.known || text !== undefined ? `${name}=${value.value}` : name;
  });
  return together(values, words);
}

function argumentValue(
  name: string,
  text: string | undefined,
  frame: Frame,
  { globals, choice, escapeChar, budget }: Scope,
): Expanded | null {
  const given = buildArgument(choice.buildArgs, name);
  if (given !== undefined) return asIs(given);
  if (text !== undefined) return expandPiece(text, sourceIn(frame, budget), escapeChar);
  const global = globals.get(name);
  if (global === null) return { value: '', missing: [name], known: false, certain: false, error: null };
  return global === undefined ? null : asIs(global);
}

/** Bodies are expanded with the backslash and without any meaning of quotes (convert.go, ExpandRaw). */
function expandBodies({ keyword, heredocs }: Instruction, source: ValueSource): Expanded[] {
  if (keyword !== 'COPY' && keyword !== 'ADD') return [];
  return heredocs.map(({ body, expand }) => (expand ? expandPiece(body, source, '\\', true) : asIs(body)));
}

function together(parts: Expanded[], words: string[], bodies: Expanded[] = []): Expansion {
  return {
    words,
    missing: [...new Set(parts.flatMap(({ missing }) => missing))],
    certain: parts.every(({ certain }) => certain),
    error: parts.find(({ error }) => error !== null)?.error ?? null,
    bodies: bodies.map(({ value }) => value),
  };
}
