// What counts as a blank. BuildKit asks Go's unicode.IsSpace, which is not JavaScript's \s: it has U+0085 and lacks
// U+FEFF. Positions are UTF-16 offsets; every blank is one unit wide.

const otherSpaces = new Set([
  0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a,
  0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
]);

/** Go's unicode.IsSpace of a UTF-16 unit. */
export function isSpace(unit: number): boolean {
  return unit < 0x80 ? isAsciiSpace(unit) : otherSpaces.has(unit);
}

export function isAsciiSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
}

/** The first offset in [from, to) that is no blank; `to` when all are. */
export function skipSpace(text: string, from: number, to: number = text.length): number {
  let at = from;
  while (at < to && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Go's strings.TrimSpace. */
export function trimSpace(text: string): string {
  const start = skipSpace(text, 0);
  let end = text.length;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** BuildKit's separators of words (parser.go, reWhitespace): blank, tab, vertical tab, form feed, carriage return. */
export function isSeparator(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0b || unit === 0x0c || unit === 0x0d;
}
