// A word whose variables are not known, as a pattern: literal where the text is, open where a variable stands.
import { lex } from '../dockerfile/lex';
import type { TextPattern } from './textPattern';

/** Of Unicode's private use area: stands for a value that is not known. */
const hole = '\ue000';

/** Quotes and escapes processed as BuildKit does. */
export function openPattern(text: string, escapeChar: string): TextPattern {
  // What a modifier makes of an unknown value can be anything, and so can what follows from an odd quote.
  if (/\$\{\w+[^\w}]/.test(text) || text.includes(hole)) return [null];
  const { value, error } = lex(text, { lookup: () => hole, escape: escapeChar });
  if (error !== null) return [null];
  return value.split(hole).flatMap((part, at) => (at === 0 ? [part] : [null, part]));
}
