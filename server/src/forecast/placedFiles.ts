// Files that a line puts where an earlier line of the same image put the same file. BuildKit leaves such a file out of the
// new layer when size, time, mode and owner are the same (util/overlay, sameDirent), dockerd keeps it, and a RUN between
// the two may have changed it: how many bytes that can be, never which of it happens. Files of base images are not
// looked at: theirs have whole seconds, the context's do not.

import type { Taken, TakenEntry } from '../context/model';
import { fromRoot } from '../context/topLink';
import { stageBases } from '../dockerfile/bases';
import { perChoice } from '../dockerfile/memo';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { destinationOf } from './takes';
import { type Place, workdirs } from './workdir';

/** What an earlier line copied, and where to. */
interface Copied {
  taken: Taken;
  at: Place;
}

/** Bytes that may lie there already, and the first line that put them there; null for none. */
export interface Repeated {
  bytes: number;
  line: number;
}

/** More lines that copy below one another than this, and all is taken for repeated: comparing costs their square. */
const mostCompared = 50;

/** `takenBy`: what a line takes. Only the lines of the image itself count, those of its base stages too. */
export function repeatedBytes(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  taken: Taken,
  takenBy: (one: Instruction) => Taken,
): Repeated | null {
  if (taken.bytes === null || taken.bytes === 0 || instruction.stage === null) return null;
  const { copies, places, triggerLine } = stagesOf(dockerfile, choice)[instruction.stage]!;
  const earlier = copies.filter((one) => one.index < instruction.index);
  const at = places.get(instruction);
  const line = triggerLine ?? earlier[0]?.line;
  if (line === undefined) return null;
  if (!at || triggerLine !== null || earlier.length > mostCompared) return { bytes: taken.bytes, line };
  let bytes = 0;
  let first = 0;
  for (const one of earlier) {
    const place = places.get(one);
    const common = place ? sharedBytes({ taken: takenBy(one), at: place }, taken, at) : taken.bytes;
    if (common > 0 && first === 0) first = one.line;
    bytes += common;
  }
  return bytes > 0 ? { bytes: Math.min(bytes, taken.bytes), line: first } : null;
}

/** Where a COPY or ADD goes; null when only the build knows. */
export function placeOfLine(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
): Place | null {
  if (instruction.stage === null) return null;
  return stagesOf(dockerfile, choice)[instruction.stage]?.places.get(instruction) ?? null;
}

interface StageCopies {
  /** COPY and ADD of the stage and of those that it stands on, oldest first. */
  copies: readonly Instruction[];
  /** Where each of the file goes; null when only the build knows. */
  places: ReadonlyMap<Instruction, Place | null>;
  /** A base stage has an ONBUILD that copies: it comes in front of all lines of this one. */
  triggerLine: number | null;
  end: Place | null;
}

const stagesOf: (dockerfile: Dockerfile, choice: BuildChoice) => readonly StageCopies[] = perChoice(
  (dockerfile, choice) => {
    const bases = stageBases(dockerfile, choice);
    const known = workdirs(dockerfile, choice);
    const stages: StageCopies[] = [];
    const places = new Map<Instruction, Place | null>();
    for (const { index, instructions } of dockerfile.stages) {
      const base = bases[index]!;
      const below = base.kind === 'stage' ? stages[base.stage]! : null;
      let place: Place | null = below ? below.end : { known: base.kind === 'scratch', path: '' };
      const trigger = below && triggerOf(dockerfile, base.kind === 'stage' ? base.stage : -1);
      if (trigger) place = null;
      const copies = [...(below?.copies ?? [])];
      for (const at of instructions) {
        const one = dockerfile.instructions[at]!;
        if (one.keyword === 'WORKDIR') place = known[at]?.place ?? null;
        if (one.keyword !== 'COPY' && one.keyword !== 'ADD') continue;
        if (copies.length <= mostCompared) copies.push(one);
        places.set(one, placeOf(destinationOf(dockerfile, one, choice), place));
      }
      stages.push({ copies, places, triggerLine: trigger?.line ?? below?.triggerLine ?? null, end: place });
    }
    return stages;
  },
);

function triggerOf(dockerfile: Dockerfile, stage: number): Instruction | null {
  const lines = dockerfile.stages[stage]?.instructions.map((index) => dockerfile.instructions[index]!) ?? [];
  return lines.find(({ trigger }) => /^(COPY|ADD|WORKDIR)$/.test(trigger?.keyword ?? '')) ?? null;
}

function placeOf(destination: string | null, workdir: Place | null): Place | null {
  if (destination === null) return null;
  if (destination.startsWith('/')) return { known: true, path: fromRoot(destination) };
  return workdir && { known: workdir.known, path: fromRoot(`${workdir.path}/${destination}`) };
}

/** By what was taken: the bytes that it shares with another, for the same two places. */
const shared = new WeakMap<Taken, WeakMap<Taken, Map<string, number>>>();

function sharedBytes(copied: Copied, taken: Taken, at: Place): number {
  const others = shared.get(taken) ?? new WeakMap<Taken, Map<string, number>>();
  shared.set(taken, others);
  const known = others.get(copied.taken) ?? new Map<string, number>();
  others.set(copied.taken, known);
  const key = `${copied.at.known} ${copied.at.path}\n${at.known} ${at.path}`;
  const found = known.get(key) ?? countShared(copied, taken, at);
  known.set(key, found);
  return found;
}

function countShared({ taken: below, at: there }: Copied, taken: Taken, at: Place): number {
  const overlap = isInside(at, there) || isInside(there, at);
  if (!overlap) return 0;
  // The times of an archive's files are not known here.
  let bytes = taken.unpacked;
  const known = below.bytes !== null && below.unpacked === 0;
  const files = known ? filesBelow(below, there) : null;
  for (const one of taken.entries) {
    if (one.entry.type !== 'file' || one.entry.size === 0) continue;
    if (
      files === null
        ? isContext(one) && namesOf(one, at).some((path) => isInside({ ...at, path }, there))
        : hasSame(files, one, at, there)
    ) {
      bytes += one.entry.size;
    }
  }
  return bytes;
}

/** By path, or by last name where one of the places hangs on the image's own working directory. */
function filesBelow(below: Taken, there: Place): Map<string, TakenEntry[]> {
  const files = new Map<string, TakenEntry[]>();
  const put = (name: string, one: TakenEntry) => {
    const held = files.get(name);
    if (held) held.push(one);
    else files.set(name, [one]);
  };
  for (const one of below.entries) {
    if (one.entry.type !== 'file') continue;
    for (const path of namesOf(one, there)) put(path, one);
    put(`/${lastName(one.entry.path)}`, one);
  }
  return files;
}

function hasSame(files: Map<string, TakenEntry[]>, one: TakenEntry, at: Place, there: Place): boolean {
  const names = at.known === there.known ? namesOf(one, at) : [`/${lastName(one.entry.path)}`];
  return names.some((name) =>
    files
      .get(name)
      ?.some(({ entry }) => entry.size === one.entry.size && sameTime(entry.mtimeMs, one.entry.mtimeMs)),
  );
}

/** A file that is copied to a name is there under that name, or in a folder of that name. */
export function namesOf({ to, entry }: TakenEntry, { path }: Place): string[] {
  if (to === '') return [path, `${path}/${lastName(entry.path)}`];
  return [path === '' ? to : `${path}/${to}`];
}

/** A layer's index knows whole seconds. */
export function sameTime(a: number, b: number): boolean {
  return Math.floor(a / 1000) === Math.floor(b / 1000);
}

/** Heredocs have no time: theirs is that of the build. */
function isContext({ entry }: TakenEntry): boolean {
  return entry.mtimeMs !== 0;
}

/** True as well where it cannot be told. */
function isInside(inner: Place, outer: Place): boolean {
  if (inner.known !== outer.known) return true;
  return outer.path === '' || inner.path === outer.path || inner.path.startsWith(`${outer.path}/`);
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
