// The named sets of characters of Go's regexp (regexp/syntax, perl_groups.go), as ranges of code points.

/** First and last code point. */
export type Range = [first: number, last: number];

const digits: Range = [0x30, 0x39];
const upper: Range = [0x41, 0x5a];
const lower: Range = [0x61, 0x7a];
const word: Range[] = [digits, upper, [0x5f, 0x5f], lower];
const perlSpace: Range[] = [
  [9, 10],
  [12, 13],
  [32, 32],
];

const named: Record<string, Range[]> = {
  alnum: [digits, upper, lower],
  alpha: [upper, lower],
  ascii: [[0, 0x7f]],
  blank: [
    [9, 9],
    [32, 32],
  ],
  cntrl: [
    [0, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: [digits],
  graph: [[0x21, 0x7e]],
  lower: [lower],
  print: [[0x20, 0x7e]],
  punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
  space: [
    [9, 13],
    [32, 32],
  ],
  upper: [upper],
  word,
  xdigit: [digits, [0x41, 0x46], [0x61, 0x66]],
};

/** The set of `[:name:]`; null for a name that Go does not know. */
export function namedRanges(name: string): Range[] | null {
  return Object.hasOwn(named, name) ? named[name]! : null;
}

/** The set of `\d`, `\s`, `\w` and their opposites, ASCII alone as in Go; null for another letter. */
export function perlRanges(letter: string): Range[] | null {
  const sets: Record<string, Range[]> = { d: [digits], s: perlSpace, w: word };
  const found = letter !== '' && 'dswDSW'.includes(letter) ? sets[letter.toLowerCase()]! : null;
  return found && letter >= 'a' ? found : found && complement(found);
}

/** All other code points. The ranges are in order and do not touch. */
export function complement(ranges: readonly Range[]): Range[] {
  const others: Range[] = [];
  let next = 0;
  for (const [first, last] of ranges) {
    if (first > next) others.push([next, first - 1]);
    next = last + 1;
  }
  others.push([next, 0x10ffff]);
  return others;
}

/** A class of a JavaScript regular expression with the flag u. */
export function rangeSource(ranges: readonly Range[]): string {
  const code = (value: number): string => `\\u{${value.toString(16)}}`;
  return `[${ranges.map(([first, last]) => (first === last ? code(first) : `${code(first)}-${code(last)}`)).join('')}]`;
}
