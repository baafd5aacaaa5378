// The state of one reading of a text: where it stands, what it found, how much it may still do. Nothing is read here.

/** The value of a variable; undefined when it has none or when it is not known. */
export type Lookup = (name: string) => string | undefined;

/**
 * Characters of variables that may still be looked at. A few lines of `ENV a=$a$a` would otherwise make a value that no
 * memory holds; the builder has such bounds too, where it hands the variables to a process.
 */
export interface Budget {
  left: number;
}

export function newBudget(): Budget {
  return { left: 16_000_000 };
}

/** Why BuildKit would refuse the text, a clause for a person. */
export class LexError extends Error {}

export interface Lexer {
  readonly text: string;
  readonly lookup: Lookup;
  readonly escape: string;
  readonly keepUnset: boolean;
  readonly rawQuotes: boolean;
  readonly plainQuotes: boolean;
  readonly splits: boolean;
  readonly budget: Budget;
  at: number;
  depth: number;
  raw: boolean;
  /** The word being collected. One for all depths, as in lex.go: a `${x:-y}` forgets what stood before it in its word. */
  word: string;
  /** Variables that left a hole. */
  missing: Set<string> | null;
  /** Variables that were looked up in vain. */
  absent: Set<string> | null;
  /** Reads up to `stop` (to the end when it is empty) and steps over it; lex.ts knows how. */
  readUntil(
    lexer: Lexer,
    stop: string,
    raw: boolean,
    keepPatternEscapes: boolean,
  ): { value: string; words: string[] };
}

/** The value of a variable, which is noted when it has none. */
export function look(lexer: Lexer, name: string): string | undefined {
  const value = lexer.lookup(name);
  if (value === undefined) {
    lexer.absent ??= new Set();
    lexer.absent.add(name);
  } else spend(lexer, value.length);
  return value;
}

/** Throws when the work of all texts that share the budget is too much. */
export function spend({ budget }: Lexer, work: number): void {
  budget.left -= work;
  if (budget.left < 0) throw new LexError('its variables grow too long to follow');
}

export function leaveHole(lexer: Lexer, name: string): void {
  lexer.missing ??= new Set();
  lexer.missing.add(name);
}
