// Applies every fix of an analysis until nothing more applies, as `strata fix` and 'fix all' do. Decides which of several
// fixes is taken and when to stop; what a fix is, its rule decides.
import { applyEdits } from '../dockerfile/edit';
import type { TextEdit } from '../dockerfile/model';
import type { Analysis, FindingView, FixView } from './model';

export interface FixChoice {
  /** Names of rules; null for all. */
  rules: ReadonlySet<string> | null;
  /** Takes fixes that a person should look at too. */
  review: boolean;
  /** Takes fixes of which nothing is known to be gained, though nobody named their rule; default: yes. */
  taste?: boolean;
}

export interface AppliedFix {
  rule: string;
  /** 1-based, in the text as it was when the fix was applied. */
  line: number;
  title: string;
  effect: FixView['effect'];
  /** What to look at, where the effect is `review`. */
  note?: string;
}

export interface FixedText {
  text: string;
  applied: AppliedFix[];
  /** False when fixes still applied after the last round that is allowed. */
  settled: boolean;
}

/** A fix makes room for another, as a merge does; rules that undo each other must not run for ever. */
const mostRounds = 50;

/** @param analyze the analysis of a text, called again after each round */
export function fixAll(text: string, choice: FixChoice, analyze: (text: string) => Analysis): FixedText {
  const applied: AppliedFix[] = [];
  const seen = new Set([text]);
  let now = text;
  for (let round = 0; round < mostRounds; round++) {
    const { edits, fixes } = oneRound(analyze(now).findings, choice);
    const next = applyEdits(now, edits);
    if (next === now) return { text: now, applied, settled: true };
    if (seen.has(next)) return { text: now, applied, settled: false };
    seen.add(next);
    applied.push(...fixes);
    now = next;
  }
  return { text: now, applied, settled: false };
}

/** At most one fix of each finding, none that overlaps another: the first wins, the next round sees what is left. */
function oneRound(
  findings: readonly FindingView[],
  choice: FixChoice,
): { edits: TextEdit[]; fixes: AppliedFix[] } {
  const edits: TextEdit[] = [];
  const fixes: AppliedFix[] = [];
  for (const finding of findings) {
    if (choice.rules && !choice.rules.has(finding.rule)) continue;
    const fix = pickFix(finding.fixes, choice);
    if (!fix || fix.edits.length === 0) continue;
    if (fix.edits.some((edit) => edits.some((taken) => overlap(edit, taken)))) continue;
    edits.push(...fix.edits);
    const { title, effect, note } = fix;
    fixes.push({
      rule: finding.rule,
      line: finding.line,
      title,
      effect,
      ...(note === undefined ? {} : { note }),
    });
  }
  return { edits, fixes };
}

/** The one that saves most; among equals the preferred one, else the first. */
function pickFix(fixes: readonly FixView[], { review, taste = true }: FixChoice): FixView | undefined {
  const allowed = fixes.filter(
    ({ effect, isTaste }) => (review || effect === 'same-result') && (taste || !isTaste),
  );
  const most = Math.max(...allowed.map(({ saves = 0 }) => saves));
  const best = allowed.filter(({ saves = 0 }) => saves === most);
  return best.find(({ isPreferred }) => isPreferred) ?? best[0];
}

/** Touching counts: two insertions at one place have no order. */
function overlap(a: TextEdit, b: TextEdit): boolean {
  return a.start <= b.end && b.start <= a.end;
}
