// The environment that a RUN is given, in the order that counts in its cache key (client/llb/meta.go, EnvList: a variable
// stands where it was set last; dockerfile2llb/convert.go, dispatchStages: a stage sets the variables of the image below
// it anew). Which values the lines set is dockerfile/environment.ts.
import { compareTold, type Likeness, type Told, told } from './told';

export interface EnvironmentEntry {
  name: string;
  value: Told;
  /** Index of the instruction that set it; null for what the base brings. */
  setBy: number | null;
  isArgument: boolean;
  /** True when a stage below set it: it may stand where the base has it. */
  isMoved?: boolean;
}

/** What the config of a base image sets, as far as it is known. */
export interface BaseEnvironment {
  /** `NAME=value`, in order. */
  entries: readonly string[];
  /** Names of which the image may have another value, or one at all. */
  doubtful: readonly string[];
}

/** `base` stands for all that an unseen image sets. */
export type Item = EnvironmentEntry | 'base';

export interface RunEnvironment {
  /** In order of setting; the last one of a name counts. */
  items: readonly Item[];
  /** What the image has so far, in the order of its config; null entries of it are in `items` alone. */
  config: readonly Item[];
}

export const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** @param base null when its config is not known */
export function startEnvironment(base: BaseEnvironment | null): RunEnvironment {
  if (!base) return { items: ['base'], config: ['base'] };
  const entries = base.entries.map((entry): EnvironmentEntry => {
    const at = entry.indexOf('=');
    const name = at < 0 ? entry : entry.slice(0, at);
    const certain = !base.doubtful.includes(name);
    const value = told(certain ? entry.slice(at + 1) : '\0base', certain);
    return { name, value, setBy: null, isArgument: false };
  });
  for (const name of base.doubtful) {
    if (!entries.some((entry) => entry.name === name)) {
      entries.push({ name, value: told('\0base', false), setBy: null, isArgument: false });
    }
  }
  return { items: entries, config: entries };
}

/** ENV writes into the image too, where a variable keeps its place; an ARG does not. */
export function set(environment: RunEnvironment, entry: EnvironmentEntry): RunEnvironment {
  const items = [...environment.items, entry];
  if (entry.isArgument) return { items, config: environment.config };
  const at = environment.config.findIndex((item) => item !== 'base' && item.name === entry.name);
  const config =
    at < 0
      ? [...environment.config, entry]
      : environment.config.map((item, index) => (index === at ? entry : item));
  return { items, config };
}

/** What a stage on top of this one starts with. */
export function onStage({ items, config }: RunEnvironment): RunEnvironment {
  const moved = config.map((item) => (item === 'base' ? item : { ...item, isMoved: true }));
  return { items: [...items, ...moved], config: moved };
}

const known = new WeakMap<RunEnvironment, readonly Item[]>();

/** The variables as the key has them: each name once, where it was set last. */
export function ordered(environment: RunEnvironment): readonly Item[] {
  const found = known.get(environment) ?? orderedAnew(environment);
  known.set(environment, found);
  return found;
}

function orderedAnew({ items }: RunEnvironment): Item[] {
  const seen = new Set<string>();
  const found: Item[] = [];
  for (let at = items.length - 1; at >= 0; at--) {
    const item = items[at]!;
    const name = item === 'base' ? '\0base' : item.name;
    if (seen.has(name)) continue;
    seen.add(name);
    found.push(item);
  }
  return found.reverse();
}

/** Whether two environments on the same base are the same to the builder. Both as `ordered` gives them. */
export function compareEnvironments(a: readonly Item[], b: readonly Item[]): Likeness {
  if (a.length === b.length && a.every((item, at) => sameItem(item, b[at]!))) return 'same';
  const others = new Map(b.flatMap((item) => (item === 'base' ? [] : [[item.name, item] as const])));
  let isOpen = a.includes('base') || b.includes('base');
  for (const item of a) {
    const other = item === 'base' ? undefined : others.get(item.name);
    if (item === 'base' || !other) continue;
    const likeness = compareTold(item.value, other.value);
    if (likeness === 'different') return 'different';
    if (likeness === 'open') isOpen = true;
  }
  // What the image may have, it may have with that value and at that place.
  const isDoubtful = (item: Item) => item !== 'base' && item.setBy === null && !item.value.certain;
  isOpen ||= a.some(isDoubtful) || b.some(isDoubtful);
  if (!isOpen) return 'different';
  const isPlain = (items: readonly Item[]) =>
    items[0] === 'base' && items.every((item) => item === 'base' || !item.isMoved);
  return isPlain(a) && isPlain(b) && !endsAlike(a.slice(1), b.slice(1)) ? 'different' : 'open';
}

/**
 * Behind what an unseen image brings, the one that sets more can only be the other if it ends with it, and if the image
 * itself ends with the rest.
 */
function endsAlike(a: readonly Item[], b: readonly Item[]): boolean {
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a];
  const from = longer.length - shorter.length;
  return shorter.every((item, at) => mayBeSame(item, longer[from + at]!));
}

function sameItem(a: Item, b: Item): boolean {
  if (a === 'base' || b === 'base') return a === b;
  return a.name === b.name && compareTold(a.value, b.value) === 'same';
}

function mayBeSame(a: Item, b: Item): boolean {
  if (a === 'base' || b === 'base') return a === b;
  return a.name === b.name && compareTold(a.value, b.value) !== 'different';
}

/** Entries of one that the other lacks or has with another value, for telling a person why. */
export function changedEntries(a: readonly Item[], b: readonly Item[]): EnvironmentEntry[] {
  const before = new Map(b.flatMap((item) => (item === 'base' ? [] : [[item.name, item] as const])));
  return a.filter((item): item is EnvironmentEntry => {
    if (item === 'base') return false;
    const other = before.get(item.name);
    return !other || compareTold(item.value, other.value) !== 'same';
  });
}
