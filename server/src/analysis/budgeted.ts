// An analysis with the budgets of its project: their findings among the others, in the order of lines; and whether the
// measures are of this text at all.
import type { Dockerfile } from '../dockerfile/model';
import type { Units } from '../primitives/bytes';
import { type BudgetCheck, type Budgets, checkBudgets } from '../rules/budgets';
import type { Analysis, FindingView } from './model';

/** @param dockerfile the text that was analysed, parsed */
export function withBudgets(
  dockerfile: Dockerfile,
  analysis: Analysis,
  budgets: Budgets,
  units?: Units,
): { analysis: Analysis; checks: BudgetCheck[] } {
  const { checks, findings } = checkBudgets(dockerfile, analysis, budgets, units);
  return { analysis: withFindings(analysis, findings), checks };
}

export function withFindings(analysis: Analysis, more: readonly FindingView[]): Analysis {
  if (more.length === 0) return analysis;
  return { ...analysis, findings: [...analysis.findings, ...more].sort((a, b) => a.start - b.start) };
}

/**
 * Why sizes of the measured build are not those of this text, a clause for a person; null when they are, and when nothing
 * is measured. An edit that makes no layer, as that of CMD, changes no size.
 */
export function changedSince(analysis: Analysis): string | null {
  if (!analysis.image) return null;
  const shipped = analysis.stages.filter((stage) => stage.shipped).flatMap((stage) => stage.instructions);
  const edited = shipped.find(
    ({ standing, effect }) =>
      (standing === 'stale' || standing === 'new') && (effect === 'layer' || effect === 'base'),
  );
  if (edited)
    return `line ${edited.line} was edited, or what it builds on, since the build that was measured`;
  const lines = analysis.stages.flatMap((stage) => stage.instructions);
  const told = new Set([
    ...lines.flatMap(({ layers, before }) => [...layers, ...before]).map(({ index }) => index),
    ...analysis.baseLayers.map(({ index }) => index),
    ...analysis.unmapped.map(({ layer }) => layer.index),
  ]);
  return told.size < analysis.image.layers
    ? 'a line that made a layer was taken out since the build that was measured'
    : null;
}
