// JSON with comments and trailing commas, as editors write it: the one place that knows the package. Bounded in depth,
// since its parser calls itself for each level; a file that is half right gives what can be read of it.
import { createScanner, type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

const mostNested = 100;

/** `problem` is one sentence without its full stop; `value` then has what could be read. */
export function readJsonc(text: string): { value: unknown; problem: string | null } {
  if (isNestedDeeply(text)) return { value: null, problem: 'it has too many lists and brackets' };
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true, disallowComments: false });
  const [error] = errors;
  if (!error) return { value, problem: null };
  const line = text.slice(0, error.offset).split('\n').length;
  return { value, problem: `it is no JSON: ${printParseErrorCode(error.error)} in line ${line}` };
}

function isNestedDeeply(text: string): boolean {
  const scanner = createScanner(text, true);
  let nested = 0;
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    const token = text.slice(scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength());
    if (token === '{' || token === '[') nested++;
    else if (token === '}' || token === ']') nested--;
    if (nested > mostNested) return true;
  }
  return false;
}
