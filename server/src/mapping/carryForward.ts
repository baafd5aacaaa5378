// Carries the measures of a build from the text that was built onto the text as it is edited now. Decides which line is
// which, and whether its measure still holds: 'same' only if nothing in the text that its layer depends on was changed.
// Does not look at context files, arguments or the cache; what the next build will do is the forecast's business.
import type { Dockerfile } from '../dockerfile/model';
import { meaningsOf } from './instructionMeaning';
import { pairLines } from './linePairs';
import { matchStages } from './stageMatch';

export interface CarriedLine {
  /** Index of the instruction in the edited text. */
  instruction: number;
  /** Its counterpart in the built text; null for a new line. */
  from: number | null;
  /** `same`: the measure of `from` holds. `stale`: it was of this line, but an edit made it doubtful. */
  state: 'same' | 'stale' | 'new';
  /** Why it is not the same, a clause for a person: `line 5 changed since the build`; null when it is the same. */
  because: string | null;
  /** 1-based line whose edit is the reason; null when it is this line itself, or nothing that stands on a line. */
  dependsOn: number | null;
}

/** One for each instruction of `edited`, in order. Quick enough for each keystroke; never throws. */
export function carryForward(built: Dockerfile, edited: Dockerfile): CarriedLine[] {
  const look: Look = {
    built,
    edited,
    partners: matchStages(built, edited),
    lines: edited.instructions.map(({ index }) => ({
      instruction: index,
      from: null,
      state: 'new',
      because: 'this line is new since the build',
      dependsOn: null,
    })),
    ends: [],
  };
  carryLoose(look, globalsOf(built), globalsOf(edited));
  const directive = changedDirective(built, edited);
  for (const stage of edited.stages) look.ends.push(carryStage(look, stage.index, directive));
  return look.lines;
}

/** Why something is not what it was in the build; null when it is. */
type Break = { because: string; line: number | null } | null;

interface Look {
  built: Dockerfile;
  edited: Dockerfile;
  /** For each edited stage the built one. */
  partners: (number | null)[];
  lines: CarriedLine[];
  /** For each edited stage done so far: why what it leaves at its end is not what it left in the build. */
  ends: { layers: Break; triggers: Break }[];
}

function carryStage(look: Look, index: number, directive: Break): Look['ends'][number] {
  const { built, edited, partners } = look;
  const stage = edited.stages[index]!;
  const partner = partners[index] ?? null;
  if (partner === null) {
    const fresh = { because: `the stage of line ${stage.line} is new since the build`, line: stage.line };
    return { layers: fresh, triggers: fresh };
  }
  const before = built.stages[partner]!;
  // The lines that decide layers, and those that do not, are followed apart: a LABEL that comes, goes or moves between
  // two RUNs leaves both RUNs as they are.
  const inert = (dockerfile: Dockerfile) => (line: number) => meaningsOf(dockerfile)[line]!.inert;
  const isInert = inert(edited);
  const wasInert = inert(built);
  carryLoose(look, before.instructions.filter(wasInert), stage.instructions.filter(isInert));
  const layers = carryChain(
    look,
    [before.from, ...before.instructions.filter((line) => !wasInert(line))],
    [stage.from, ...stage.instructions.filter((line) => !isInert(line))],
    directive,
  );
  const declared = (dockerfile: Dockerfile, lines: number[]) =>
    lines.filter((line) => dockerfile.instructions[line]!.keyword === 'ONBUILD');
  const same =
    keysOf(built, declared(built, before.instructions)).join('\n') ===
    keysOf(edited, declared(edited, stage.instructions), partners).join('\n');
  const changed = { because: `ONBUILD lines of the stage of line ${stage.line} changed`, line: stage.line };
  return { layers, triggers: same ? null : changed };
}

/** Lines of which each builds on the one above: from the first difference on, nothing is the same. */
function carryChain(look: Look, before: number[], after: number[], directive: Break): Break {
  const pairs = pairLines(keysOf(look.built, before), keysOf(look.edited, after, look.partners));
  let broken = directive;
  let next = 0;
  after.forEach((index, at) => {
    const line = look.lines[index]!;
    const { partner, equal } = pairs[at]!;
    const number = look.edited.instructions[index]!.line;
    if (partner === null) {
      broken ??= { because: `line ${number} is new since the build`, line: number };
      return;
    }
    line.from = before[partner]!;
    if (!equal) {
      line.because = 'this line changed since the build';
      broken ??= { because: `line ${number} changed since the build`, line: number };
    } else {
      if (partner !== next)
        broken ??= { because: 'a line above was moved or removed since the build', line: null };
      broken ??= changedSource(look, index);
      line.because = broken?.because ?? null;
      line.dependsOn = broken?.line ?? null;
    }
    line.state = line.because === null ? 'same' : 'stale';
    next = partner + 1;
  });
  if (next < before.length) broken ??= { because: 'a line was removed since the build', line: null };
  return broken;
}

/** Lines that make no layer and build on nothing: each stands for itself. */
function carryLoose(look: Look, before: number[], after: number[]) {
  const pairs = pairLines(keysOf(look.built, before), keysOf(look.edited, after, look.partners));
  after.forEach((index, at) => {
    const { partner, equal } = pairs[at]!;
    if (partner === null) return;
    const line = look.lines[index]!;
    line.from = before[partner]!;
    line.state = equal ? 'same' : 'stale';
    line.because = equal ? null : 'this line changed since the build';
  });
}

/** A stage that it copies from, mounts or is built on, and that is not what it was. */
function changedSource({ edited, ends }: Look, index: number): Break {
  const meanings = meaningsOf(edited);
  const isFrom = edited.instructions[index]!.keyword === 'FROM';
  for (const stage of meanings[index]!.stages) {
    const end = ends[stage];
    if (!end) return { because: 'it takes files from a stage that is not above it', line: null };
    if (end.layers !== null) return end.layers;
    if (!isFrom) continue;
    if (end.triggers !== null) return end.triggers;
    // What fires here may itself copy from stages.
    for (const line of edited.stages[stage]!.instructions) {
      if (edited.instructions[line]!.keyword !== 'ONBUILD') continue;
      for (const source of meanings[line]!.stages) {
        if (ends[source]?.layers !== null)
          return ends[source]?.layers ?? { because: 'a trigger copies from a later stage', line: null };
      }
    }
  }
  return null;
}

/** Keys of lines, with the stages that they name told as stages of the built text; an unknown one equals none. */
function keysOf(dockerfile: Dockerfile, lines: number[], partners?: (number | null)[]): string[] {
  const meanings = meaningsOf(dockerfile);
  return lines.map((line) => {
    const { key, stages } = meanings[line]!;
    if (stages.length === 0) return key;
    return `${key}\0${stages.map((stage) => (partners ? (partners[stage] ?? `new ${stage}`) : stage)).join()}`;
  });
}

function globalsOf({ instructions }: Dockerfile): number[] {
  return instructions.filter(({ stage }) => stage === null).map(({ index }) => index);
}

/** Another frontend or another escape character may read every line differently. */
function changedDirective(built: Dockerfile, edited: Dockerfile): Break {
  const syntax = ({ directives }: Dockerfile) =>
    directives.find(({ name }) => name.toLowerCase() === 'syntax')?.value ?? null;
  if (syntax(built) !== syntax(edited))
    return { because: 'the syntax directive changed since the build', line: null };
  if (built.escape === edited.escape) return null;
  return { because: 'the escape directive changed since the build', line: null };
}
