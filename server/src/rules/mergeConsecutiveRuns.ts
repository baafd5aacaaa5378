// Consecutive RUNs of a shipped stage that can be one layer: the finding, its fixes with what they save and cost, and
// the reason where there is none. Offered only where one shell is sure to do what two did; who decides is mergeChain.ts.
import type { BashParser } from '../dockerfile/bash';
import type { Dockerfile, Instruction, TextEdit } from '../dockerfile/model';
import { shippedChain } from '../dockerfile/stageGraph';
import { formatBytes } from '../primitives/bytes';
import { chainsOf, longestChain, mergeRuns, runAbove } from './mergeChain';
import { type Measured, mergeTitle, savedBytes } from './mergeCost';
import type { Finding, Fix, Rule } from './rule';

/** From here on a merge is worth an information rather than a hint. */
const worthTelling = 1_000_000;

export const mergeConsecutiveRuns: Rule = {
  name: 'MergeConsecutiveRuns',
  severity: 'hint',
  summary: 'Consecutive RUN steps that can be one step, and so one layer, without a change to the image.',
  check(context) {
    const { dockerfile, choice } = context;
    const shell = context.shell ?? null;
    const shipped = new Set(shippedChain(dockerfile, choice));
    return chainsOf(dockerfile, shell).flatMap((chain) => {
      if (!shipped.has(chain[0]!.stage!)) return [];
      const all = wholeFix(dockerfile, chain, shell, context);
      const found = chain.slice(1).flatMap((run, i) => {
        const above = chain[i]!;
        const saved = savedBytes([above, run], context);
        const one = saved === 0 ? null : pairFix(dockerfile, above, run, shell, saved);
        return one ? [findingOf(run, above, all ? [one, all] : [one], saved)] : [];
      });
      // What the first writes and the last deletes is saved by all of them together alone. Where nothing would be saved,
      // the light bulb still has the fix.
      if (found.length > 0 || !all?.saves) return found;
      return [findingOf(chain.at(-1)!, chain[0]!, [{ ...all, isPreferred: true }], all.saves)];
    });
  },
};

const notMeasured: Measured = {};

/**
 * The fixes at an instruction, whether or not its stage ships; none where it cannot be merged with the RUN above.
 * `shell` is the parser, if it is loaded; `measured` is what a rule knows of the last build.
 */
export function mergeFixes(
  dockerfile: Dockerfile,
  instructionIndex: number,
  shell: BashParser | null = null,
  measured: Measured = notMeasured,
): Fix[] {
  const run = dockerfile.instructions[instructionIndex];
  const above = run?.keyword === 'RUN' ? runAbove(dockerfile, run) : null;
  if (!run || !above || typeof above === 'string') return [];
  const one = pairFix(dockerfile, above, run, shell, savedBytes([above, run], measured));
  if (!one) return [];
  const chain = chainsOf(dockerfile, shell).find((runs) => runs.includes(run) && runs.includes(above));
  const all = chain ? wholeFix(dockerfile, chain, shell, measured) : null;
  return all ? [one, all] : [one];
}

/**
 * The fix for the RUN steps that a selection touches (1-based lines, inclusive), two at least; otherwise the reason why
 * there is none, a sentence without a full stop.
 */
export function mergeSelection(
  dockerfile: Dockerfile,
  startLine: number,
  endLine: number,
  shell: BashParser | null = null,
  measured: Measured = notMeasured,
): Fix | string {
  const runs = dockerfile.instructions.filter(
    ({ keyword, line, endLine: last }) => keyword === 'RUN' && line <= endLine && last >= startLine,
  );
  if (runs.length < 2) return 'fewer than two RUN steps are selected';
  if (runs.length > longestChain) return `more than ${longestChain} RUN steps are selected`;
  const merge = mergeRuns(dockerfile, runs, shell);
  if ('refusal' in merge) return merge.refusal;
  const saved = savedBytes(runs, measured);
  const title = mergeTitle(`Merge ${runs.length} selected RUN steps`, runs.length, saved);
  return fixOf(title, merge.edits, saved, false);
}

/** Whether a RUN can be merged with the one above, and if not, why: a clause for a person. */
export function explainMerge(
  dockerfile: Dockerfile,
  instructionIndex: number,
  shell: BashParser | null = null,
): { possible: boolean; reason: string | null } {
  const run = dockerfile.instructions[instructionIndex];
  if (run?.keyword !== 'RUN') return { possible: false, reason: 'only a RUN can be merged with a RUN' };
  const above = runAbove(dockerfile, run);
  if (typeof above === 'string') return { possible: false, reason: above };
  const merge = mergeRuns(dockerfile, [above, run], shell);
  return 'refusal' in merge ? { possible: false, reason: merge.refusal } : { possible: true, reason: null };
}

/** Whether a person could expect a merge here: a RUN with another one above it and nothing between that matters. */
export function isBelowRun(dockerfile: Dockerfile, instructionIndex: number): boolean {
  const run = dockerfile.instructions[instructionIndex];
  return run?.keyword === 'RUN' && typeof runAbove(dockerfile, run) !== 'string';
}

function wholeFix(
  dockerfile: Dockerfile,
  chain: readonly Instruction[],
  shell: BashParser | null,
  measured: Measured,
): Fix | null {
  const merge = chain.length > 2 ? mergeRuns(dockerfile, chain, shell) : null;
  if (!merge || 'refusal' in merge) return null;
  const saved = savedBytes(chain, measured);
  const layer = saved === null ? ' into one layer' : '';
  const title = mergeTitle(`Merge ${chain.length} RUN steps${layer}`, chain.length, saved);
  return fixOf(title, merge.edits, saved, false);
}

/** Merges a RUN with the nearest one above it, which saves so many bytes; null where they cannot be merged. */
export function pairFix(
  dockerfile: Dockerfile,
  above: Instruction,
  run: Instruction,
  shell: BashParser | null,
  saved: number | null,
): Fix | null {
  const merge = mergeRuns(dockerfile, [above, run], shell);
  if ('refusal' in merge) return null;
  return fixOf(mergeTitle('Merge with the RUN above', 2, saved), merge.edits, saved, true);
}

function fixOf(title: string, edits: TextEdit[], saved: number | null, isPreferred: boolean): Fix {
  const fix: Fix = { title, effect: 'same-result', edits, isPreferred };
  if (!saved) return { ...fix, isTaste: true, ...(saved === 0 ? { saves: 0 } : {}) };
  return { ...fix, saves: saved };
}

function findingOf(run: Instruction, above: Instruction, fixes: Fix[], saved: number | null): Finding {
  const message = `this RUN and the one of line ${above.line} can be one layer`;
  return {
    rule: mergeConsecutiveRuns.name,
    severity: saved !== null && saved >= worthTelling ? 'info' : mergeConsecutiveRuns.severity,
    line: run.line,
    endLine: run.endLine,
    start: run.start,
    end: run.keywordEnd,
    message: saved ? `${message}, which saves ${formatBytes(saved)}` : message,
    bytes: saved,
    fixes,
  };
}
