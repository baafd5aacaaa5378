// What is known of a shell text that stands to be joined with others: plain data, made by shellTree.ts from a tree and
// by shellPlain.ts without one.

/** What is known of a shell text. Clauses follow `line 4`. */
export interface ShellFacts {
  /** Why it must not be joined with any other text; null when it may be. */
  refusal: string | null;
  /** What it would leave behind in the shell; null when nothing. */
  leak: string | null;
  /** The same without what `head` leaves. */
  leakPastHead: string | null;
  /** Operators between its statements; a line end counts as `;`. */
  operators: ReadonlySet<'&&' | '||' | ';'>;
  /** Ends in a `;`, so that none is to be added before a brace. */
  ends: boolean;
  /** Can make the shell end at the first failure, which a shell does not do left of `&&`. */
  errexit: boolean;
  /** The `set -e…` that it begins with as a statement of its own, as written; null for none. */
  head: string | null;
  /** A failure of its last statement is one that ends the shell under `set -e`. */
  catches: boolean;
  /** Simple commands and pipelines with `&&` between them: the same with and without `set -e`. */
  plain: boolean;
  /** Where its trailing comment begins; null for none. */
  commentAt: number | null;
  /** Commands by bare name, and words after commands that hold nothing to expand: what a shell may remember. */
  commands: string[];
  operands: string[];
  /** Each command with its words; null for a word that the shell expands. */
  calls: { name: string | null; words: (string | null)[] }[];
}

/** Facts of a text that must not be joined. */
export const refused = (refusal: string): ShellFacts => ({
  refusal,
  leak: null,
  leakPastHead: null,
  operators: new Set(),
  ends: false,
  errexit: false,
  head: null,
  catches: false,
  plain: false,
  commentAt: null,
  commands: [],
  operands: [],
  calls: [],
});
