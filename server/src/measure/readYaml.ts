// YAML of a stranger's repository, read as data: the one place that knows the package. Bounded in depth, and aliases
// cannot make it grow beyond its text; what is no YAML is told with its line.
import { type Document, isAlias, isMap, isScalar, Lexer, LineCounter, parseDocument } from 'yaml';

export interface YamlProblem {
  /** 1-based. */
  line: number;
  message: string;
}

export interface YamlEntry {
  key: string;
  line: number;
  /** Null for a value that is no scalar. */
  scalar: unknown;
  isScalar: boolean;
  entries: YamlEntry[] | null;
}

/** Per line, and between two commas of it: blocks that begin on one line lie in each other. */
const mostOnLine = 50;
const mostBrackets = 100;
/** Columns: a block that lies in another one stands further right, a list in a mapping excepted. */
const deepestColumn = 400;
/** How often aliases may repeat what they stand for; see yaml's `maxAliasCount`. */
const mostAliased = 1_000;

/** A mapping, two levels deep, with lines. Aliases stand for scalars only. */
export function readYamlEntries(text: string): { entries: YamlEntry[]; problems: YamlProblem[] } {
  const lines = new LineCounter();
  const refuse = (problem: YamlProblem) => ({ entries: [], problems: [problem] });
  const parsed = parse(text, lines);
  if ('problem' in parsed) return refuse(parsed.problem);
  const { document } = parsed;
  const entriesOf = (node: unknown, depth: number): YamlEntry[] | null => {
    if (!isMap(node) || depth > 1) return null;
    return node.items.map(({ key, value }) => {
      const held = isAlias(value) ? value.resolve(document) : value;
      return {
        key: isScalar(key) ? String(key.value) : '?',
        line: lineOf(lines, isScalar(key) ? (key.range?.[0] ?? 0) : 0),
        scalar: isScalar(held) ? held.value : null,
        isScalar: held === null || isScalar(held),
        entries: entriesOf(value, depth + 1),
      };
    });
  };
  const entries = entriesOf(document.contents, 0);
  if (entries === null && document.contents !== null) {
    return refuse({ line: 1, message: 'it is no mapping of names to values' });
  }
  return { entries: entries ?? [], problems: [] };
}

/** The whole as plain values, merge keys (`<<`) put in and unknown tags left out. */
export function readYamlValue(text: string): { value: unknown; problem: YamlProblem | null } {
  const parsed = parse(text, new LineCounter());
  if ('problem' in parsed) return { value: null, problem: parsed.problem };
  try {
    return { value: parsed.document.toJS({ maxAliasCount: mostAliased }), problem: null };
  } catch (error) {
    // Too many aliases, or one that names nothing.
    return { value: null, problem: { line: 1, message: `it is no YAML: ${firstLine(error)}` } };
  }
}

function parse(text: string, lines: LineCounter): { document: Document } | { problem: YamlProblem } {
  if (isNestedDeeply(text)) return { problem: { line: 1, message: 'it has too many lists and brackets' } };
  // Pretty errors cost the whole text each, and a hostile text has one for each of its characters.
  const options = { lineCounter: lines, logLevel: 'silent', merge: true, prettyErrors: false } as const;
  const document = parseDocument(text, options);
  const [error] = document.errors;
  if (!error) return { document };
  return { problem: { line: lineOf(lines, error.pos[0]), message: `it is no YAML: ${firstLine(error)}` } };
}

function lineOf(lines: LineCounter, offset: number): number {
  return Math.max(1, lines.linePos(offset).line);
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0]!.replace(/ at line \d.*$/, '');
}

/**
 * The composer of yaml 2.9.1 calls itself for each level; some ten thousand levels down the process can die in the
 * runtime's own compiler of patterns (seen under Node 20), which no catch sees. Its lexer does not call itself.
 */
function isNestedDeeply(text: string): boolean {
  let brackets = 0;
  let onLine = 0;
  let atStart = true;
  for (const token of new Lexer().lex(text)) {
    if (token === '\n' || token === '\r\n') {
      onLine = 0;
      atStart = true;
      continue;
    }
    if (atStart && token.length > deepestColumn && token.trim() === '') return true;
    atStart = false;
    if (token === ',') onLine = 0;
    else if (token === '[' || token === '{') brackets++;
    else if (token === ']' || token === '}') brackets = Math.max(0, brackets - 1);
    else if (token === '-' || token === '?' || token === ':') onLine++;
    if (brackets > mostBrackets || onLine > mostOnLine) return true;
  }
  return false;
}
