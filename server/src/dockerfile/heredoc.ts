// Which heredocs a line announces (parser/parser.go, heredocsFromLine): words of the shell that begin with `<<`, quotes
// respected, always with the backslash as the escape. Where their bodies lie is for split.ts to find.
import { type LexOptions, lex } from './lex';

export interface HeredocHead {
  name: string;
  /** False when a part of the name was quoted. */
  expand: boolean;
  /** `<<-` */
  chomp: boolean;
  fileDescriptor: number;
}

/** `3<<-EOF`: descriptor, dash, name. Go's \s, not JavaScript's. */
const headPattern = /^(\d*)<<(-?)[\t\n\f\r ]*([^<]*)$/;

interface Heads {
  heads: readonly HeredocHead[];
  error: string | null;
}

const nothing: Heads = { heads: [], error: null };
const asWritten: LexOptions = { lookup: () => undefined, escape: '\\', keepUnset: true, splits: true };

/**
 * The heredocs of a logical line, in order. A line whose quotes do not close has none; `error` is set for a word that
 * BuildKit takes for one and then cannot read, which fails the build.
 */
export function heredocsOf(line: string): Heads {
  if (!line.includes('<<')) return nothing;
  const heads: HeredocHead[] = [];
  for (const word of lex(line, { ...asWritten, rawQuotes: true, rawEscapes: true }).words) {
    const head = readHeredoc(word);
    if (typeof head === 'string') return { heads, error: head };
    if (head) heads.push(head);
  }
  return { heads, error: null };
}

/** A word as a heredoc; null when it is none, a clause for a person when its name cannot be read. */
export function readHeredoc(word: string): HeredocHead | string | null {
  const match = word.includes('<<') ? headPattern.exec(word) : null;
  const rest = match?.[3] ?? '';
  if (!match || rest === '') return null;
  const head = { chomp: match[2] === '-', fileDescriptor: Number(match[1] || 0) };
  if (/^[\w.-]+$/.test(rest)) return { ...head, name: rest, expand: true };
  const bare = lex(rest, asWritten);
  if (bare.error) return bare.error;
  if (bare.words.length !== 1) return null;
  // BuildKit's test for a quoted name: reading it with and without its quotes gives another number of quotes.
  const quoted = lex(rest, { ...asWritten, rawQuotes: true });
  const name = bare.words[0]!;
  return { ...head, name, expand: quotesIn(name) === quotesIn(quoted.words[0] ?? '') };
}

function quotesIn(word: string): number {
  return word.match(/['"]/g)?.length ?? 0;
}
