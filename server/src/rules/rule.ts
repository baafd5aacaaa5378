// What a rule, a finding and a fix are, and the run of all rules over one Dockerfile. A rule is data and one function; it
// sees the text, the choice and what was measured, touches nothing and never throws.
import type { BuildRules } from '../build/model';
import type { BuildChoice, Dockerfile, TextEdit } from '../dockerfile/model';
import { allRules } from './all';
import { ignoreComments } from './ignore';

export type Severity = 'error' | 'warning' | 'info' | 'hint';

export interface Fix {
  /** As the light bulb shows it. */
  title: string;
  /** `same-result`: the image is the same but for its layers. `review`: what the author meant, to be looked at. */
  effect: 'same-result' | 'review';
  /** Minimal and without overlap; one undo takes them back. */
  edits: TextEdit[];
  isPreferred: boolean;
}

export interface Finding {
  /** Name of the rule: diagnostic code and ignore word. */
  rule: string;
  severity: Severity;
  /** 1-based, inclusive. */
  line: number;
  endLine: number;
  /** Offsets of what is underlined. */
  start: number;
  end: number;
  /** One sentence without a full stop. */
  message: string;
  /** What it costs, measured; null when that is not known. */
  bytes: number | null;
  fixes: Fix[];
  /** Lines whose parse problem this finding tells better; those problems need not be shown. */
  explains?: number[];
}

export interface RuleContext {
  dockerfile: Dockerfile;
  choice: BuildChoice;
  rules: BuildRules;
  /** Measured bytes of an instruction's layers; null when they were not measured. */
  bytes?: (instructionIndex: number) => number | null;
  /** Names of rules that are switched off. */
  off?: ReadonlySet<string>;
}

export interface Rule {
  name: string;
  severity: Severity;
  /** What it finds, for the documentation: one sentence. */
  summary: string;
  check(context: RuleContext): Finding[];
  /** Fixes for the light bulb at an instruction, also where nothing is found because nothing would be gained. */
  fixesAt?(dockerfile: Dockerfile, instructionIndex: number): Fix[];
}

/** All findings, in the order of lines, without those that a comment `# strata: ignore=Name` above the line takes out. */
export function runRules(context: RuleContext, rules: readonly Rule[] = allRules): Finding[] {
  const { ignored, findings } = ignoreComments(context.dockerfile, new Set(rules.map(({ name }) => name)));
  for (const rule of rules) {
    if (context.off?.has(rule.name)) continue;
    for (const finding of rule.check(context)) {
      if (!ignored(finding.rule, finding.line)) findings.push(finding);
    }
  }
  return findings.sort((a, b) => a.start - b.start);
}
