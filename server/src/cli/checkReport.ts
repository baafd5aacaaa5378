// What `strata check` found, for all its formats: findings, budgets, and whether they let the build pass. Holds no
// judgement of its own on layers; the threshold, and that an unmeasured budget is not kept, are decided here.

import { changedSince, withBudgets, withFindings } from '../analysis/budgeted';
import type { Analysis, FindingView } from '../analysis/model';
import type { Dockerfile } from '../dockerfile/model';
import { allRules } from '../rules/all';
import { type BudgetCheck, type Budgets, budgetRules, noBudgets } from '../rules/budgets';
import type { Severity } from '../rules/rule';

export type FailOn = 'error' | 'warning' | 'info';

export interface CheckReport {
  /** Of the Dockerfile, below the root of the repository where it is known; slashes go forward. */
  path: string;
  dockerfile: Dockerfile;
  /** Findings of budgets and of text that a build refuses are among its findings. */
  analysis: Analysis;
  checks: BudgetCheck[];
  failOn: FailOn;
  /** Findings at or over the threshold. */
  failing: number;
}

/** Code of what the builder's parser refuses; no rule, it cannot be switched off. */
export const refusedCode = 'RefusedByBuilder';

const severities: Severity[] = ['hint', 'info', 'warning', 'error'];

/** @param analysis of `dockerfile`, as analysed */
export function checkReport(
  path: string,
  dockerfile: Dockerfile,
  analysis: Analysis,
  budgets: Budgets,
  failOn: FailOn,
): CheckReport {
  const changed = changedSince(analysis);
  const held = changed
    ? { analysis, checks: uncheckedFor(budgets, changed) }
    : withBudgets(dockerfile, analysis, budgets);
  const whole = withFindings(held.analysis, refusals(dockerfile, analysis));
  const least = severities.indexOf(failOn);
  const failing = whole.findings.filter(({ severity }) => severities.indexOf(severity) >= least).length;
  return { path, dockerfile, analysis: whole, checks: held.checks, failOn, failing };
}

/** One for each budget that is set: sizes of another text are none of this one. */
function uncheckedFor(budgets: Budgets, why: string): BudgetCheck[] {
  return (Object.keys(noBudgets) as (keyof Budgets)[]).flatMap((budget) => {
    const limit = budgets[budget];
    return limit === null ? [] : [{ budget, limit, actual: null, state: 'unchecked' as const, why }];
  });
}

/** What no build gets past, unless a rule tells it better: a check that passes it would be wrong. */
function refusals(dockerfile: Dockerfile, analysis: Analysis): FindingView[] {
  return dockerfile.problems
    .filter((problem) => analysis.problems.includes(problem))
    .map(({ line, message }) => {
      const at = line ?? 1;
      const start = dockerfile.lineStarts[at - 1] ?? 0;
      const text = dockerfile.text.slice(start, dockerfile.lineStarts[at] ?? dockerfile.text.length);
      const end = start + text.trimEnd().length;
      return { ...bare, line: at, endLine: at, start, end, message };
    });
}

const bare = { rule: refusedCode, severity: 'error' as const, bytes: null, fixes: [] };

export function uncheckedOf({ checks }: CheckReport): BudgetCheck[] {
  return checks.filter(({ state }) => state === 'unchecked');
}

export interface CheckCode {
  name: string;
  severity: Severity;
  /** One sentence. */
  summary: string;
}

const budgetSummaries: Record<string, string> = {
  ImageBudget: 'The image is larger than the project allows.',
  StageBudget: 'The lines of a stage add more than the project allows.',
  LayerBudget: 'The layer of a line is larger than the project allows.',
  WasteBudget: 'More bytes are hidden or overwritten by later layers than the project allows.',
  LayersBudget: 'The image has more layers than the project allows.',
  EfficiencyBudget:
    'A smaller share of the layers’ bytes can be seen in the image than the project asks for.',
};

/** All that a finding's `rule` can be. */
export function checkCodes(): CheckCode[] {
  const budgets = [...new Set(Object.values(budgetRules))];
  return [
    ...allRules.map(({ name, severity, summary }) => ({ name, severity, summary })),
    ...budgets.map((name) => ({ name, severity: 'error' as const, summary: budgetSummaries[name] ?? name })),
    { name: refusedCode, severity: 'error', summary: 'The builder refuses this line.' },
    { name: 'IgnoreComment', severity: 'hint', summary: 'A comment ignores a name that is no rule.' },
  ];
}

/** `1 error, 2 hints`; `no findings`. */
export function countsText({ analysis }: CheckReport): string {
  const words: [Severity, string, string][] = [
    ['error', 'error', 'errors'],
    ['warning', 'warning', 'warnings'],
    ['info', 'remark', 'remarks'],
    ['hint', 'hint', 'hints'],
  ];
  const counts = words.flatMap(([severity, one, many]) => {
    const count = analysis.findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  });
  return counts.join(', ') || 'no findings';
}
