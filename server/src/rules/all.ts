// The rules, each declared once. Names are diagnostic codes, ignore words, settings and README anchors.
import { mergeConsecutiveRuns } from './mergeConsecutiveRuns';
import { missingLineContinuation } from './missingLineContinuation';
import type { Rule } from './rule';

export const allRules: readonly Rule[] = [mergeConsecutiveRuns, missingLineContinuation];
