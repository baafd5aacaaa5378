// Where each WORKDIR leads, as far as the file alone tells it (dockerfile2llb/convert.go, dispatchWorkdir; util/system/
// path.go, NormalizeWorkdir). The working directory of an image is not known: a path that hangs on it stays open.
import { posix } from 'node:path';
import { stageBases } from '../dockerfile/bases';
import { perChoice } from '../dockerfile/memo';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { expandInstructionWords } from '../dockerfile/variables';

/** A directory: absolute, or relative to one that is not known. */
export interface Place {
  known: boolean;
  /** Absolute when `known`; else steps from the unknown directory, `..` first. */
  path: string;
}

export interface Workdir {
  place: Place;
  /** Whether it is the root directory; null when that is not certain. */
  isRoot: boolean | null;
}

/** By instruction index; undefined for all but WORKDIR. */
export const workdirs: (dockerfile: Dockerfile, choice: BuildChoice) => readonly (Workdir | undefined)[] =
  perChoice((dockerfile, choice) => {
    const found: (Workdir | undefined)[] = [];
    const bases = stageBases(dockerfile, choice);
    const ends: { place: Place; windows: boolean }[] = [];
    const triggered: (Place | undefined)[] = [];
    for (const stage of dockerfile.stages) {
      const base = bases[stage.index]!;
      const below = base.kind === 'stage' ? ends[base.stage]! : null;
      const windows = below?.windows ?? (stage.platform ?? choice.platform ?? '').startsWith('windows');
      let place = unknownPlace;
      if (base.kind === 'stage') {
        place = triggered[base.stage] ??= afterTriggers(dockerfile, base.stage, ends[base.stage]!, choice);
      } else if (base.kind === 'scratch') place = { known: true, path: '/' };
      for (const index of stage.instructions) {
        const instruction = dockerfile.instructions[index]!;
        if (instruction.keyword !== 'WORKDIR') continue;
        const workdir = enter(dockerfile, instruction, place, windows, choice);
        found[index] = workdir;
        place = workdir.place;
      }
      ends.push({ place, windows });
    }
    return found;
  });

/** Linux's PATH_MAX: no build gets further, and ten thousand steps down must not cost their square. */
const longestPath = 4096;
const unknownPlace: Place = { known: false, path: '' };

/** The WORKDIRs that a stage declares with ONBUILD are entered first by a stage on top of it. */
function afterTriggers(
  dockerfile: Dockerfile,
  stage: number,
  end: { place: Place; windows: boolean },
  choice: BuildChoice,
): Place {
  let { place } = end;
  for (const index of dockerfile.stages[stage]!.instructions) {
    const { trigger } = dockerfile.instructions[index]!;
    if (trigger?.keyword === 'WORKDIR') place = enter(dockerfile, trigger, place, end.windows, choice).place;
  }
  return place;
}

function enter(
  dockerfile: Dockerfile,
  instruction: Instruction,
  from: Place,
  windows: boolean,
  choice: BuildChoice,
): Workdir {
  const { words, certain } = expandInstructionWords(dockerfile, instruction, choice);
  if (!certain) return { place: unknownPlace, isRoot: cannotBeRoot(instruction.rest) ? false : null };
  const place = join(from, normalized(words[0] ?? '', windows), windows);
  if (place.path.length > longestPath) return { place: unknownPlace, isRoot: null };
  if (place.known) return { place, isRoot: place.path === '/' };
  // Below an unknown directory is never the root; it or its parents may be.
  return { place, isRoot: /(^|\/)\.\.$|^$/.test(place.path) ? null : false };
}

/** True when a path with variables has a written part that no value of them takes away. */
function cannotBeRoot(written: string): boolean {
  return /^\/[\w.-]/.test(written) || /[^.]\/\w[\w-]*\/?$/.test(written);
}

/** Windows paths lose their drive letter and are cleaned at once; others stay as they are. */
function normalized(path: string, windows: boolean): string {
  if (!windows) return path;
  const slashed = path.replaceAll('\\', '/').replace(/^[a-z]:/i, '');
  return slashed.startsWith('/') ? cleaned(slashed) : slashed;
}

function join(from: Place, path: string, windows: boolean): Place {
  // An absolute path is not cleaned, so that `//` is no root (checked against BuildKit 0.34).
  if (path.startsWith('/')) return { known: true, path };
  if (path === '' && from.known) return { known: true, path: windows ? cleaned(from.path) : from.path };
  const whole = from.path === '' || from.path === '/' ? `${from.path}${path}` : `${from.path}/${path}`;
  // Most paths need no cleaning, and in a long row of WORKDIRs taking each apart would cost its square.
  if (!uncleanPath.test(whole)) return { known: from.known, path: whole };
  return { known: from.known, path: from.known ? cleaned(whole) : steps(whole).join('/') };
}

const uncleanPath = /\/\/|(?:^|\/)\.{1,2}(?:\/|$)|.\/$/;

/** Go's path.Clean of an absolute path. */
function cleaned(path: string): string {
  return posix.resolve('/', path);
}

/** The steps from a directory that is not known, `..` first. */
function steps(path: string): string[] {
  const taken: string[] = [];
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue;
    if (step !== '..') taken.push(step);
    else if (taken.length > 0 && taken.at(-1) !== '..') taken.pop();
    else taken.push(step);
  }
  return taken;
}
