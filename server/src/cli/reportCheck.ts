// The report of `strata check` for a person in a terminal, and as JSON.
import { bytesText, plainStyle } from '../describe/style';
import { type BudgetCheck, type BudgetName, percent } from '../rules/budgets';
import { type CheckReport, countsText, uncheckedOf } from './checkReport';
import { clean, table } from './reportText';

/** `FILE:LINE: severity: message [Rule]`, which editors and terminals make a link of; then the budgets and the outcome. */
export function checkText(report: CheckReport): string {
  const { analysis, checks } = report;
  const rows = analysis.findings.flatMap(({ line, severity, message, rule, fixes, related = [] }) => [
    `${clean(analysis.dockerfile)}:${line}: ${severity}: ${clean(message)} [${rule}]`,
    ...related.map((one) => `  line ${one.line}: ${clean(one.message)}`),
    ...fixes.map(({ title }) => `  fix: ${clean(title)}`),
  ]);
  for (const { line, message } of otherProblems(report)) {
    rows.push(`${clean(analysis.dockerfile)}:${line === null ? '' : `${line}:`} ${clean(message)}`);
  }
  if (rows.length > 0) rows.push('');
  if (checks.length > 0) {
    rows.push(table(['budget', 'limit', 'measured', ''], checks.map(budgetCells), new Set([1, 2])));
  }
  rows.push(basisText(report), `${countsText(report)}; ${outcomeText(report)}`);
  return `${rows.join('\n')}\n`;
}

export function budgetCells(check: BudgetCheck): string[] {
  const { budget, limit, actual, state, why } = check;
  return [
    budget,
    amountText(budget, limit),
    actual === null ? 'unknown' : amountText(budget, actual),
    why === null ? state : `${state}: ${why}`,
  ];
}

/** `412 MB`, `30`, `95%`. */
export function amountText(budget: BudgetName, amount: number): string {
  if (budget === 'layers') return String(amount);
  return budget === 'efficiency' || budget === 'wastedShare'
    ? percent(amount)
    : bytesText(amount, plainStyle);
}

/** `passed`, `failed`, or that it is neither. */
export function outcomeText(report: CheckReport): string {
  if (report.failing > 0) {
    return report.failOn === 'error' ? 'failed' : `failed, since ${report.failOn} is enough to`;
  }
  return uncheckedOf(report).length > 0 ? 'not passed: a budget could not be checked' : 'passed';
}

/** What was measured, in a few words. */
export function basisText({ analysis }: CheckReport): string {
  const { image, build } = analysis;
  if (!image) return 'Nothing was measured: findings are of the text alone.';
  const from = build ? `the build of ${build.started} by ${build.builder}` : image.reference;
  return `Measured: ${from}; sizes are unpacked.`;
}

/** Problems that are not told as findings: of the image, and where two sources disagree. */
export function otherProblems({ analysis, dockerfile }: CheckReport): CheckReport['analysis']['problems'] {
  return analysis.problems.filter((problem) => !dockerfile.problems.includes(problem));
}

/** Schema 1. A share without bounds (waste above an empty base) is null. */
export function checkJson(report: CheckReport): object {
  const { analysis, checks, failOn, failing } = report;
  return {
    schema: 1,
    dockerfile: analysis.dockerfile,
    image: analysis.image,
    build: analysis.build,
    totals: analysis.totals,
    failOn,
    passed: failing === 0 && uncheckedOf(report).length === 0,
    budgets: checks,
    findings: analysis.findings,
    problems: otherProblems(report),
  };
}
