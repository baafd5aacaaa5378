// Whether an entry of an image's history can be what a builder writes for an instruction. Compares texts alone: which
// entry belongs to which line is byHistory's decision. Each builder's texts are in a file of its own.
import type { BuildRules } from '../build/model';
import type { Instruction } from '../dockerfile/model';
import type { HistoryEntry } from '../image/model';
import { buildahTexts } from './historyBuildah';
import { buildkitTexts } from './historyBuildkit';
import { classicTexts } from './historyClassic';
import { type Fit, fitsAny, type TextPattern } from './textPattern';

/** What the text of an instruction depends on beside its own words. Null in a pattern: unknown. */
export interface HistoryScope {
  /** Its words after variables and quotes; `NAME=value` for ENV, LABEL and ARG. None in shell form. */
  words: readonly TextPattern[];
  /** The same before that. */
  rawWords: readonly string[];
  /** A text after quotes, open where a variable stands. */
  open(text: string): TextPattern;
  /** Value of a flag after variables; null without the flag. */
  flag(name: string): TextPattern | null;
  /** ARGs declared so far, in order, repeated ones too, with the value that they have here; null without one. */
  args(): { name: string; value: TextPattern | null; inStage: boolean }[];
  /** Whether an ENV has set the name; null when the base image may have. */
  isEnv(name: string): boolean | null;
  /** As SHELL set it; null when the base image decides. */
  shell: readonly string[] | null;
  /** WORKDIR only: its path, joined with those before. */
  workdir: TextPattern;
  /** The bodies of its heredocs as they stand in the file, terminators left out. */
  rawBodies: readonly string[];
}

type Entry = Pick<HistoryEntry, 'createdBy' | 'comment'>;

/** The forms that the entry of an instruction can have; none for one that makes no entry. */
export function textsOf(instruction: Instruction, scope: HistoryScope, rules: BuildRules): TextPattern[] {
  switch (rules) {
    case 'buildkit':
      return buildkitTexts(instruction, scope);
    case 'classic':
      return classicTexts(instruction, scope);
    case 'buildah':
      return buildahTexts(instruction, scope);
  }
}

/**
 * Whether an entry has one of the forms. `maybe`: only because of what the text does not tell (a base's variables, hashes
 * of copied files).
 */
export function entryFits(entry: Entry, texts: readonly TextPattern[], rules: BuildRules): Fit {
  if (!hasMarkOf(entry, rules)) return 'no';
  return fitsAny(rules === 'buildah' ? entry.createdBy.trim() : entry.createdBy, texts);
}

const buildkitComment = 'buildkit.dockerfile.v0';
/** The image below: `FROM 7263897dce97`, and at the first line of a stage by its name, `FROM localhost/base:1` [1.28.2]. */
const buildahComment = /^FROM \S+$/;

/** BuildKit marks each entry (convert.go, historyComment); buildah names the parent; the classic builder writes nothing. */
function hasMarkOf({ comment }: Entry, rules: BuildRules): boolean {
  if (rules === 'buildkit') return comment === buildkitComment;
  if (rules === 'buildah') return comment === '' || buildahComment.test(comment);
  return comment === '';
}

/** Who wrote the newest entry; null when nothing tells. */
export function rulesOfHistory(history: readonly Entry[]): BuildRules | null {
  const newest = history.at(-1);
  if (!newest) return null;
  if (newest.comment === buildkitComment) return 'buildkit';
  if (buildahComment.test(newest.comment)) return 'buildah';
  if (newest.comment !== '') return null;
  // Two blanks are the classic builder's, and so is one before WORKDIR, COPY and ADD (moby internals.go, withCmdComment
  // and withCmdCommentString). A RUN looks the same from both: take the newest entry that tells.
  for (const { createdBy, comment } of history.toReversed()) {
    if (comment !== '') break;
    if (/#\(nop\) {2}\S/.test(createdBy)) return 'classic';
    if (/#\(nop\) (?!WORKDIR |COPY |ADD )\S/.test(createdBy)) return 'buildah';
  }
  return /#\(nop\) |^(?:\|\d+ .*)?\/bin\/sh -c /s.test(newest.createdBy) ? 'classic' : null;
}
