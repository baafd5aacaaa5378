// One word of a shell command with its quotes and expansions, read only to know where it ends and whether it is harmless.
// Nothing is expanded; where shells differ or a reading is doubtful, it is a hazard.

/** Why a text must not be joined, a clause for a person. */
export class Hazard extends Error {}

export interface Reader {
  text: string;
  at: number;
  /** Of command substitutions. */
  depth: number;
  commands: string[];
  operands: string[];
  /** Reads the commands of a substitution up to `closing`; shell.ts knows how. */
  readList(reader: Reader, closing: string): void;
}

export interface Word {
  /** Quotes removed; what is expanded stands as a NUL. */
  shape: string;
  /** A part of it was quoted or escaped. */
  quoted: boolean;
}

const deepest = 20;

/** A word up to an unquoted blank or operator. */
export function readWord(reader: Reader): Word {
  const { text } = reader;
  let shape = '';
  let quoted = false;
  while (reader.at < text.length) {
    const character = text[reader.at]!;
    if (' \t&|;()<>'.includes(character)) break;
    if (character === '\\') {
      shape += text[reader.at + 1];
      reader.at += 2;
      quoted = true;
    } else if (character === "'") {
      const end = text.indexOf("'", reader.at + 1);
      if (end < 0) throw new Hazard("has a ' that does not close");
      shape += text.slice(reader.at + 1, end);
      reader.at = end + 1;
      quoted = true;
    } else if (character === '"') {
      shape += readDoubleQuotes(reader);
      quoted = true;
    } else if (character === '$' || character === '`') shape += readExpansion(reader, false);
    else {
      shape += character;
      reader.at++;
    }
  }
  return { shape, quoted };
}

function readDoubleQuotes(reader: Reader): string {
  let shape = '';
  reader.at++;
  for (;;) {
    const character = reader.text[reader.at];
    if (character === undefined) throw new Hazard('has a " that does not close');
    if (character === '"') {
      reader.at++;
      return shape;
    }
    if (character === '\\') {
      shape += reader.text[reader.at + 1] ?? '';
      reader.at += 2;
    } else if (character === '$' || character === '`') shape += readExpansion(reader, true);
    else {
      shape += character;
      reader.at++;
    }
  }
}

const parameter = /\w+|[@*#?$!-]/y;
const bracesHead = /\$\{[#!]?(\w+|[@*?$-])?(:?=)?/y;
/** Backquotes with nothing in them that could end elsewhere, and arithmetic that assigns nothing. */
const plainBackquotes = /`[^`\\'"#&;<>()]*`/y;
const plainArithmetic = /\$\(\((?:[\w\s$*/%]|\+(?!\+)|-(?!-))*\)\)/y;

/** From a `$` or a backquote to its end; a NUL stands for what it becomes. */
function readExpansion(reader: Reader, inQuotes: boolean): string {
  const { text } = reader;
  if (text[reader.at] === '`') return take(reader, plainBackquotes, 'has backquotes that are not plain');
  const next = text[reader.at + 1] ?? '';
  if (next === '(') {
    if (text[reader.at + 2] === '(')
      return take(reader, plainArithmetic, 'has arithmetic that may set a variable');
    return readSubstitution(reader);
  }
  if (next === '{') return readBraces(reader);
  if (!inQuotes && (next === "'" || next === '"'))
    throw new Hazard(`has a $${next}, which not every shell knows`);
  const name = at(parameter, text, reader.at + 1)?.[0] ?? '';
  if (name === '!' || name === '_') throw new Hazard(`uses $${name}, which tells of the command before`);
  reader.at += 1 + (/^\d/.test(name) ? 1 : name.length);
  return name === '' ? '$' : '\0';
}

function take(reader: Reader, pattern: RegExp, hazard: string): string {
  const found = at(pattern, reader.text, reader.at);
  if (!found) throw new Hazard(hazard);
  reader.at += found[0].length;
  return '\0';
}

/** A sticky pattern at an offset. */
function at(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(text);
}

function readSubstitution(reader: Reader): string {
  if (++reader.depth > deepest) throw new Hazard('nests too deeply');
  reader.at += 2;
  reader.readList(reader, ')');
  reader.at++;
  reader.depth--;
  return '\0';
}

/** `${…}`; one that assigns is refused. */
function readBraces(reader: Reader): string {
  if (++reader.depth > deepest) throw new Hazard('nests too deeply');
  const head = at(bracesHead, reader.text, reader.at)!;
  const [, name, assigns] = head;
  if (assigns) throw new Hazard('sets a variable that what follows would see');
  // `${!x}` is bash's look-up of the variable that x names; a bare `!` is the last background process.
  if (name === '_' || (head[0] === '${!' && reader.text[reader.at + head[0].length] === '}')) {
    throw new Hazard('uses a variable that tells of the command before');
  }
  reader.at += head[0].length;
  for (;;) {
    const character = reader.text[reader.at];
    if (character === undefined) throw new Hazard('has a ${ that does not close');
    if (character === '}') break;
    if (character === "'") throw new Hazard("has a ' in a ${…}, which shells read differently");
    if (character === '\\') reader.at += 2;
    else if (character === '"') readDoubleQuotes(reader);
    else if (character === '$' || character === '`') readExpansion(reader, true);
    else reader.at++;
  }
  reader.at++;
  reader.depth--;
  return '\0';
}

export function skipBlanks(reader: Reader): void {
  while (reader.text[reader.at] === ' ' || reader.text[reader.at] === '\t') reader.at++;
}
