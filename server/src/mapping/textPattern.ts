// A text of which some parts are unknown, and whether another text can be it.

/** Literal parts; null stands for any text, also none. */
export type TextPattern = readonly (string | null)[];

/** `maybe`: it fits, but only because of what is unknown. */
export type Fit = 'yes' | 'maybe' | 'no';

/** Compares a text with a pattern. Leftmost search is enough: null is the only wildcard. */
export function fitsPattern(text: string, pattern: TextPattern): Fit {
  const first = pattern.indexOf(null);
  if (first < 0) return pattern.join('') === text ? 'yes' : 'no';
  const last = pattern.lastIndexOf(null);
  const head = pattern.slice(0, first).join('');
  const tail = pattern.slice(last + 1).join('');
  if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return 'no';
  const end = text.length - tail.length;
  let at = head.length;
  let literal = '';
  for (const part of [...pattern.slice(first + 1, last + 1)]) {
    if (part !== null) {
      literal += part;
      continue;
    }
    const found = text.indexOf(literal, at);
    if (found < 0 || found + literal.length > end) return 'no';
    at = found + literal.length;
    literal = '';
  }
  return 'maybe';
}

/** The best fit of a text among patterns. */
export function fitsAny(text: string, patterns: readonly TextPattern[]): Fit {
  let best: Fit = 'no';
  for (const pattern of patterns) {
    const fit = fitsPattern(text, pattern);
    if (fit === 'yes') return 'yes';
    if (fit === 'maybe') best = 'maybe';
  }
  return best;
}
