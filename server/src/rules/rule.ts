// What a rule, a finding and a fix are, and the run of all rules over one Dockerfile. A rule is data and one function; it
// sees the text, the choice and what was measured, touches nothing and never throws.
import type { BuildRules } from '../build/model';
import type { ContextSnapshot } from '../context/model';
import type { BashParser } from '../dockerfile/bash';
import type { BuildChoice, Dockerfile, TextEdit } from '../dockerfile/model';
import type { MeasuredImage } from '../image/model';
import type { CacheFact } from '../mapping/model';
import { allRules } from './all';
import { ignoreComments } from './ignore';
import type { BaseMoves, PastMisses } from './pastFacts';

export type Severity = 'error' | 'warning' | 'info' | 'hint';

export interface Fix {
  /** As the light bulb shows it. */
  title: string;
  /** `same-result`: the image is the same but for its layers. `review`: what the author meant, to be looked at. */
  effect: 'same-result' | 'review';
  /** Minimal and without overlap; one undo takes them back. */
  edits: TextEdit[];
  isPreferred: boolean;
  /** What to look at before and after, one sentence; where `effect` is `review`. */
  note?: string;
  /** Bytes that the next build should not have any more; absent when that is not known. */
  saves?: number;
  /** True where nothing is known to be gained: the editor's 'fix all' leaves it. */
  isTaste?: boolean;
}

/** Another line that belongs to a finding. */
export interface RelatedLine {
  /** 1-based. */
  line: number;
  /** Offsets of what is meant there. */
  start: number;
  end: number;
  /** A clause: what that line does. */
  message: string;
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
  /** The other lines that it is about: who hid what this one wrote. */
  related?: RelatedLine[];
  /** Lines whose parse problem this finding tells better; those problems need not be shown. */
  explains?: number[];
}

export interface RuleContext {
  dockerfile: Dockerfile;
  choice: BuildChoice;
  rules: BuildRules;
  /** The image of the last build as it was measured; null when there is none. */
  image?: MeasuredImage | null;
  /** Layers that a line of this text wrote, oldest first; empty when nothing is known or an edit made it doubtful. */
  layersOf?: (instructionIndex: number) => readonly number[];
  /**
   * The line that wrote a layer for certain; null for the base image's and its triggers', for one tied to no line or by
   * order alone, and where the line was edited.
   */
  instructionOf?: (layer: number) => number | null;
  /** Whether a layer came with the image of FROM: it is nobody's fault here. */
  isBase?: (layer: number) => boolean;
  /** How long an instruction ran in the last build, ms; null when unknown or edited since. */
  durationMs?: (instructionIndex: number) => number | null;
  /** Whether an instruction came from the cache in the last build. */
  cache?: (instructionIndex: number) => CacheFact;
  /** What the recorded builds tell of a line that was the reason for a miss; null when it never was. */
  missesOf?: (instructionIndex: number) => PastMisses | null;
  /** How often the image that a FROM names was another; null when it never was, or when that is not known. */
  movesOf?: (instructionIndex: number) => BaseMoves | null;
  /** The build context on disk; null or absent when it was not looked at. */
  context?: ContextSnapshot | null;
  /** Reads RUN text as shell; null or absent before it is loaded, when a simpler reader serves. */
  shell?: BashParser | null;
  /** Names of rules that are switched off. */
  off?: ReadonlySet<string>;
}

export interface Rule {
  name: string;
  severity: Severity;
  /** What it finds, for the documentation: one sentence. */
  summary: string;
  check(context: RuleContext): Finding[];
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
