// How Go prints values, as far as builders print them into an image's history.

const named: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** strconv.Quote: what `%q` makes of a string. Rare unprintable letters of Unicode are not escaped here. */
export function goQuote(text: string): string {
  const escaped = text.replace(/["\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0]/gu, (character) => {
    const name = named[character];
    if (name !== undefined) return name;
    const code = character.codePointAt(0)!;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code < 0x10000
      ? `\\u${code.toString(16).padStart(4, '0')}`
      : `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return `"${escaped}"`;
}

/** `%q` of a slice: `["a" "b"]`, without commas. */
export function goQuoteList(words: readonly string[]): string {
  return `[${words.map(goQuote).join(' ')}]`;
}
