// The variables of a stage in layers: what it sets itself over what it starts with, so that the many stages on one base
// share its own. It keeps apart what ENV wrote into the image and what an ARG set for the build alone.
import type { Expanded, ValueSource } from './globals';
import type { Budget } from './lexer';

interface Variable {
  /** Null: the build has a value that is not known here. */
  value: string | null;
  /** Level of the stage whose ARG set it; null when an ENV did. */
  argument: number | null;
  /** An image below may have another value. */
  doubtful: boolean;
}

export interface Frame {
  own: Map<string, Variable>;
  /** What ENV wrote. */
  image: Map<string, Variable>;
  below: Frame | null;
  /** How many stages lie below in the file. */
  level: number;
  /** A name without a value here has none in the build: everything down to scratch is in the file. */
  complete: boolean;
}

/** Variables that come with the base itself. */
export function bottom(values: ReadonlyMap<string, string | null>, complete: boolean): Frame {
  const own = new Map<string, Variable>();
  for (const [name, value] of values) own.set(name, { value, argument: null, doubtful: false });
  return { own, image: new Map(own), below: null, level: 0, complete };
}

/** A stage that starts with the frame. */
export function over(below: Frame): Frame {
  return { own: new Map(), image: new Map(), below, level: below.level, complete: below.complete };
}

/** What a stage on top of a finished one starts with. */
export function onTopOf(end: Frame): Frame {
  return { ...over(end), level: end.level + 1 };
}

/**
 * The same frame for look-ups to come: put together with those below it that are not much larger, so that a long chain of
 * stages is neither climbed step by step nor copied at each.
 */
export function settled(frame: Frame): Frame {
  let top = frame;
  while (top.below && top.below.own.size <= 2 * top.own.size) {
    const { below } = top;
    const own = new Map([...below.own, ...top.own]);
    const image = new Map([...below.image, ...top.image]);
    top = { ...top, own, image, below: below.below };
  }
  return top;
}

export function setArgument(frame: Frame, name: string, { value, known, certain }: Expanded): void {
  frame.own.set(name, { value: known ? value : null, argument: frame.level, doubtful: !certain });
}

export function setVariable(frame: Frame, name: string, { value, known, certain }: Expanded): void {
  const variable: Variable = { value: known ? value : null, argument: null, doubtful: !certain };
  frame.own.set(name, variable);
  frame.image.set(name, variable);
}

export function sourceIn(frame: Frame, budget: Budget): ValueSource {
  return {
    budget,
    find: (name) => find(frame, name)?.value,
    complete: frame.complete,
    doubts: (name) => find(frame, name)?.doubtful ?? false,
  };
}

/** All variables of a frame with a known value. */
export function knownValues(frame: Frame): Map<string, string> {
  const names = new Set<string>();
  for (let at: Frame | null = frame; at; at = at.below) for (const name of at.own.keys()) names.add(name);
  const known = new Map<string, string>();
  for (const name of names) {
    const value = find(frame, name)?.value;
    if (typeof value === 'string') known.set(name, value);
  }
  return known;
}

/**
 * Each stage begins with the variables of the image that it stands on (dispatchStages): one that an ARG of a stage below
 * covered comes back, and where that image is not in the file nobody can tell whether it has one.
 */
function find(frame: Frame, name: string): Pick<Variable, 'value' | 'doubtful'> | undefined {
  const found = climb(frame, 'own', name);
  if (!found || found.argument === null || found.argument === frame.level) return found;
  return climb(frame, 'image', name) ?? { ...found, doubtful: found.doubtful || !frame.complete };
}

function climb(frame: Frame, which: 'own' | 'image', name: string): Variable | undefined {
  for (let at: Frame | null = frame; at; at = at.below) {
    const variable = at[which].get(name);
    if (variable) return variable;
  }
  return undefined;
}
