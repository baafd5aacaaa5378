// The variables in force at each instruction, in one pass over the file (dockerfile2llb/convert.go: dispatch, dispatchEnv,
// dispatchArg, buildMetaArgs). It follows BuildKit: the last of ENV and ARG wins. (The classic builder lets an ENV win
// over a later ARG of its name too.) The environment of an image is not known, and nothing that depends on it is certain.
import { stageBases } from './bases';
import { buildArgument, type Expanded, expandPiece, globalValues, isPlain, type Values } from './globals';
import { readHeredoc } from './heredoc';
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

/** Variables in layers, so that the many stages on one base share its own. */
export interface Frame {
  /** What the instructions see. Null: the build has a value that is not known here. */
  own: Map<string, string | null>;
  /** What ENV wrote into the image: a stage on top starts with these, whatever an ARG made of them since. */
  image: Map<string, string | null>;
  /** Names of `image`, here or below, that an ARG covers at the moment. */
  covered: Set<string>;
  below: Frame | null;
  depth: number;
  /** A name without a value here has none in the build: everything down to scratch is in the file. */
  complete: boolean;
}

interface Evaluation {
  /** By instruction; null where the words are as parsed. */
  expansions: (Expansion | null)[];
  /** By stage: what it starts from, ONBUILD triggers of its base included. */
  below: Frame[];
  globals: Values;
}

/** Frames over which a look-up may climb before they are put together. */
const deepest = 16;
/** system.DefaultPathEnvUnix: BuildKit sets it where the base has no PATH. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const evaluate: (dockerfile: Dockerfile, choice: BuildChoice) => Evaluation = perChoice(
  (dockerfile, choice) => {
    const globals = globalValues(dockerfile, choice);
    const expansions: Evaluation['expansions'] = dockerfile.instructions.map(() => null);
    const scope: Scope = { globals, choice, escapeChar: dockerfile.escape };
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
        start = bottom(new Map(complete && !windows ? [['PATH', defaultPath]] : []), complete);
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
  const scope: Scope = { globals, choice, escapeChar: dockerfile.escape };
  for (const index of stage.instructions) {
    if (index >= instructionIndex) break;
    apply(dockerfile.instructions[index]!, frame, scope);
  }
  return frame;
}

/** All variables of a frame with a known value. */
export function knownValues(frame: Frame): Map<string, string> {
  const known = new Map<string, string>();
  for (const [name, value] of flattened(frame).own) if (value !== null) known.set(name, value);
  return known;
}

interface Scope {
  globals: Values;
  choice: BuildChoice;
  escapeChar: string;
}

function bottom(values: Map<string, string | null>, complete: boolean): Frame {
  return { own: values, image: new Map(values), covered: new Set(), below: null, depth: 0, complete };
}

function over(below: Frame): Frame {
  const { depth, complete } = below;
  const covered = new Set(below.covered);
  return { own: new Map(), image: new Map(), covered, below, depth: depth + 1, complete };
}

function flattened(frame: Frame): Frame {
  const frames: Frame[] = [];
  for (let at: Frame | null = frame; at; at = at.below) frames.push(at);
  const flat = {
    ...frame,
    own: new Map(),
    image: new Map(),
    covered: new Set(frame.covered),
    below: null,
    depth: 0,
  };
  for (const { own, image } of frames.reverse()) {
    for (const [name, value] of own) flat.own.set(name, value);
    for (const [name, value] of image) flat.image.set(name, value);
  }
  return flat;
}

function find(frame: Frame, which: 'own' | 'image', name: string): string | null | undefined {
  for (let at: Frame | null = frame; at; at = at.below) {
    const value = at[which].get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function setArgument(frame: Frame, name: string, value: string | null): void {
  frame.own.set(name, value);
  if (find(frame, 'image', name) !== undefined) frame.covered.add(name);
}

function setVariable(frame: Frame, name: string, value: string | null): void {
  frame.own.set(name, value);
  frame.image.set(name, value);
  frame.covered.delete(name);
}

/**
 * What a stage on top of this one starts from: the image's own variables first (dispatchStages sets them anew), then the
 * ONBUILD triggers, in order (initOnBuildTriggers).
 */
function afterTriggers(dockerfile: Dockerfile, stage: number, end: Frame, scope: Scope): Frame {
  const triggers = dockerfile.stages[stage]!.instructions.flatMap(
    (i) => dockerfile.instructions[i]!.trigger ?? [],
  );
  if (triggers.length === 0 && end.covered.size === 0 && end.depth < deepest) return end;
  const frame = over(end);
  for (const name of end.covered) frame.own.set(name, find(end, 'image', name) ?? null);
  frame.covered.clear();
  for (const trigger of triggers) apply(trigger, frame, scope);
  return frame.depth < deepest ? frame : flattened(frame);
}

function expandFrom(from: Instruction, { globals, escapeChar }: Scope): Expansion | null {
  const [word, ...others] = wordPieces('FROM', from.rest, null, escapeChar);
  if (!word || isPlain(word[0]!, escapeChar)) return null;
  const image = expandPiece(word[0]!, (name) => globals.get(name), true, escapeChar);
  return together([image], [image.value, ...others.flat()]);
}

/** Expands an instruction in a frame and lets it change the frame. */
function apply(instruction: Instruction, frame: Frame, scope: Scope): Expansion | null {
  const { keyword } = instruction;
  if (!isExpanded(keyword)) return null;
  const pieces = wordPieces(keyword, instruction.rest, instruction.json, scope.escapeChar);
  if (keyword === 'ARG') return applyArg(pieces, frame, scope);
  const look = (name: string) => find(frame, 'own', name);
  const bodies = expandBodies(instruction, look, frame.complete);
  const plain = pieces.every((word) => word.every((piece) => isPlain(piece, scope.escapeChar)));
  if (plain && bodies.length === 0 && keyword !== 'ENV') return null;
  const expanded = pieces.map((word) =>
    word.map((piece) => {
      const heredoc = bodies.length > 0 ? readHeredoc(piece) : null;
      if (heredoc && typeof heredoc !== 'string') return asIs(`<<${heredoc.name}`);
      return expandPiece(piece, look, frame.complete, scope.escapeChar);
    }),
  );
  // All pairs of one ENV are expanded before the first of them is set.
  if (keyword === 'ENV') {
    for (const [name, value] of expanded)
      setVariable(frame, name!.value, value?.certain ? value.value : null);
  }
  const words = expanded.map((word) => word.map(({ value }) => value).join('='));
  return plain && bodies.length === 0 ? null : together([...expanded.flat(), ...bodies], words, bodies);
}

/** An ARG takes the build's argument, else its default, else the global value; without any it sets nothing. */
function applyArg(pieces: string[][], frame: Frame, { globals, choice, escapeChar }: Scope): Expansion {
  const values: Expanded[] = [];
  const words = pieces.map(([name = '', text]) => {
    const given = buildArgument(choice.buildArgs, name);
    let value: string | null | undefined = given;
    if (given === undefined && text !== undefined) {
      const expanded = expandPiece(text, (other) => find(frame, 'own', other), frame.complete, escapeChar);
      values.push(expanded);
      value = expanded.certain ? expanded.value : null;
    } else if (given === undefined) value = globals.get(name);
    if (value === undefined) return name;
    setArgument(frame, name, value);
    if (value === null && text === undefined) {
      values.push({ value: '', missing: [name], certain: false, error: null });
      return name;
    }
    return `${name}=${value ?? values.at(-1)!.value}`;
  });
  return together(values, words);
}

/** Bodies are expanded with the backslash and without any meaning of quotes (convert.go, ExpandRaw). */
function expandBodies(
  { keyword, heredocs }: Instruction,
  look: (name: string) => string | null | undefined,
  complete: boolean,
): Expanded[] {
  if (keyword !== 'COPY' && keyword !== 'ADD') return [];
  return heredocs.map(({ body, expand }) =>
    expand ? expandPiece(body, look, complete, '\\', true) : asIs(body),
  );
}

function asIs(value: string): Expanded {
  return { value, missing: [], certain: true, error: null };
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
