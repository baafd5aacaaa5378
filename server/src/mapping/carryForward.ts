// Carries the measures of a build from the text that was built onto the text as it is edited now. Decides which line is
// which, and whether its measure still holds: 'same' only if nothing in the text that its layer depends on was changed.
// Does not look at context files, arguments or the cache; what the next build will do is the forecast's business.
import type { Dockerfile, Instruction } from '../dockerfile/model';
import { meaningsOf } from './instructionMeaning';
import { matchSequences } from './sequenceMatch';
import { matchStages } from './stageMatch';

export interface CarriedLine {
  /** Index of the instruction in the edited text. */
  instruction: number;
  /** Its counterpart in the built text; null for a new line. */
  from: number | null;
  /** `same`: the measure of `from` holds. `stale`: it was of this line, but the edit made it doubtful. */
  state: 'same' | 'stale' | 'new';
  /** Why it is not the same, a clause for a person: `line 5 changed since the build`; null when it is the same. */
  because: string | null;
}

/** One for each instruction of `edited`, in order. Fast enough for each keystroke; never throws. */
export function carryForward(built: Dockerfile, edited: Dockerfile): CarriedLine[] {
  return new Carrier(built, edited).carry();
}

/** What was found at the first line of a stage whose meaning changed; it makes the lines below stale. */
type Break = string | null;

/** The state of one call: both texts, and what is known so far of each edited stage. */
class Carrier {
  readonly #built: Dockerfile;
  readonly #edited: Dockerfile;
  readonly #stages: (number | null)[];
  readonly #lines: CarriedLine[];
  /** By edited stage: why what it leaves at its end is not what it left in the build; null when it is. */
  readonly #ends: Break[] = [];
  /** By edited stage: the same for the triggers that it declares for the stages built on it. */
  readonly #triggers: Break[] = [];
  readonly #everything: Break;

  constructor(built: Dockerfile, edited: Dockerfile) {
    this.#built = built;
    this.#edited = edited;
    this.#stages = matchStages(built, edited);
    this.#everything = changedDirective(built, edited);
    this.#lines = edited.instructions.map(({ index }) => ({
      instruction: index,
      from: null,
      state: 'new',
      because: 'this line is not in the last build',
    }));
  }

  carry(): CarriedLine[] {
    this.#pairUp(globalsOf(this.#built), globalsOf(this.#edited), null);
    for (const stage of this.#edited.stages) this.#carryStage(stage.index);
    return this.#lines;
  }

  #carryStage(index: number) {
    const stage = this.#edited.stages[index]!;
    const partner = this.#stages[index] ?? null;
    if (partner === null) {
      this.#ends[index] = `${this.#nameOf(index)} is not in the last build`;
      this.#triggers[index] = this.#ends[index];
      return;
    }
    const before = this.#built.stages[partner]!;
    const inert = meaningsOf(this.#edited);
    const inertBefore = meaningsOf(this.#built);
    // The lines that decide layers, and those that do not, are followed apart: a LABEL that comes, goes or moves
    // between two RUNs leaves both RUNs as they are.
    this.#ends[index] = this.#pairUp(
      [before.from, ...before.instructions.filter((line) => !inertBefore[line]!.inert)],
      [stage.from, ...stage.instructions.filter((line) => !inert[line]!.inert)],
      this.#everything,
    );
    const silent = stage.instructions.filter((line) => inert[line]!.inert);
    const silentBefore = before.instructions.filter((line) => inertBefore[line]!.inert);
    const isTrigger = (dockerfile: Dockerfile) => (line: number) =>
      dockerfile.instructions[line]!.keyword === 'ONBUILD';
    this.#pairUp(
      silentBefore.filter((line) => !isTrigger(this.#built)(line)),
      silent.filter((line) => !isTrigger(this.#edited)(line)),
      null,
      true,
    );
    this.#triggers[index] = this.#pairUp(
      silentBefore.filter(isTrigger(this.#built)),
      silent.filter(isTrigger(this.#edited)),
      null,
      true,
    );
  }

  /**
   * Pairs two lists of lines. The equal lines at the top are the same; from the first difference on, all is stale, and
   * that difference is returned. With `apart`, no line depends on another.
   */
  #pairUp(before: number[], after: number[], broken: Break, apart = false): Break {
    const keysBefore = before.map((line) => this.#key(this.#built, line, (stage) => stage));
    const keys = after.map((line) => this.#key(this.#edited, line, (stage) => this.#stages[stage] ?? -1 - stage));
    const partner = new Int32Array(after.length).fill(-1);
    let top = 0;
    while (top < before.length && top < after.length && keysBefore[top] === keys[top]) partner[top] = top++;
    const rest = matchSequences(keysBefore.slice(top), keys.slice(top));
    for (let i = top; i < after.length; i++) partner[i] = rest[i - top]! < 0 ? -1 : top + rest[i - top]!;
    const equal = Uint8Array.from(partner, (at) => (at < 0 ? 0 : 1));
    this.#pairEdited(before, after, partner);

    for (let i = 0; i < after.length; i++) {
      const line = this.#lines[after[i]!]!;
      const from = partner[i]!;
      const reached = apart ? null : (broken ?? (i < top ? null : this.#difference(before, after, partner, equal, i)));
      broken ??= reached;
      if (from < 0) continue;
      line.from = before[from]!;
      const own = equal[i] ? null : 'this line changed since the build';
      const because = own ?? reached ?? this.#changedSource(after[i]!);
      line.state = because === null ? 'same' : 'stale';
      line.because = because;
      if (!apart) broken ??= because === own && own !== null ? changed(this.#edited, after[i]!) : because;
    }
    if (broken === null && after.length < before.length) broken = 'a line was removed since the build';
    if (broken === null && apart && equal.includes(0)) broken = 'a line changed since the build';
    return broken;
  }
}
