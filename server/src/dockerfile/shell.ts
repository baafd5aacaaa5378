// Whether the text of a shell-form RUN can be joined with another by `&&` and still do what it did alone. A small lexer
// that knows enough of sh to refuse: plain `&&` lists of pipelines pass, everything else gets a reason. It does not run,
// expand or understand commands, and a refusal does not mean that joining would fail.
import { freshName, joinHazard, shellChange } from './shellNames';
import { Hazard, type Reader, readWord, skipBlanks, type Word } from './shellWord';

export interface ShellReading {
  /** Why the text must not be joined: a clause for a person that follows `line 4`; null when it may be. */
  hazard: string | null;
  /** Commands by bare name, in order; those with a slash are left out. */
  commands: string[];
  /** Words after commands that hold nothing to expand. */
  operands: string[];
}

/** Reads a shell-form command as BuildKit hands it to the shell (`Instruction.rest`). Never throws, linear. */
export function readShell(text: string): ShellReading {
  const reader: Reader = { text, at: 0, depth: 0, commands: [], operands: [], readList };
  try {
    if (text.endsWith('\\')) throw new Hazard('ends in a backslash');
    const fresh = freshName(text);
    if (fresh !== null) throw new Hazard(`names ${fresh}, which every RUN has anew`);
    const control = /[^\t\x20-\x7e\u00a0-\uffff]/.exec(text);
    if (control) throw new Hazard('holds a control character');
    readList(reader, '');
    return { hazard: null, commands: reader.commands, operands: reader.operands };
  } catch (error) {
    if (!(error instanceof Hazard)) throw error;
    return { hazard: error.message, commands: [], operands: [] };
  }
}

const reserved = new Set(
  'if then elif else fi for while until do done case esac in select function time { } [[ ]] !'.split(' '),
);

/** Pipelines joined by `&&`; within a command substitution also by `||`, up to `closing`. */
function readList(reader: Reader, closing: string): void {
  for (;;) {
    readCommand(reader);
    const two = reader.text.slice(reader.at, reader.at + 2);
    const one = two.slice(0, 1);
    if (one === closing) return;
    if (two === '&&' || (two === '||' && closing !== '')) reader.at += 2;
    else if (two === '||') throw new Hazard('has a || list, which binds differently after &&');
    else if (two === '|&') throw new Hazard('has a |&');
    else if (one === '|') reader.at++;
    else throw new Hazard(separatorHazard(one));
  }
}

function separatorHazard(separator: string): string {
  switch (separator) {
    case '&':
      return 'starts something in the background';
    case ';':
      return 'has a list with ;, which goes on after a failure';
    case '(':
    case ')':
      return 'has parentheses';
    default:
      return 'cannot be read as a shell command';
  }
}

/** One simple command: assignments, a name, words and redirections. */
function readCommand(reader: Reader): void {
  let assigned = false;
  let redirected = false;
  let name: string | null = null;
  const operands: string[] = [];
  for (;;) {
    skipBlanks(reader);
    const next = reader.text[reader.at];
    if (next === '#') throw new Hazard('has a comment that would swallow what follows');
    if (next === '(') throw new Hazard('has parentheses');
    if (next === '<' || next === '>') {
      readRedirection(reader);
      redirected = true;
      continue;
    }
    if (next === undefined || '&|;()'.includes(next)) break;
    const word = readWord(reader);
    const redirects = reader.text[reader.at] === '<' || reader.text[reader.at] === '>';
    if (redirects && /^\d+$/.test(word.shape) && !word.quoted) continue;
    if (redirects && /^\{\w+\}$/.test(word.shape)) throw new Hazard('keeps a descriptor in a variable');
    if (name !== null) {
      if (!word.shape.includes('\0')) operands.push(word.shape);
    } else if (/^[A-Za-z_]\w*(\[[^\]]*\])?\+?=/.test(word.shape)) assigned = true;
    else name = readName(reader, word);
  }
  for (const operand of operands) reader.operands.push(operand);
  // Before a special builtin an assignment stays (POSIX, Simple Commands); all others of them are refused anyway.
  if (assigned && (name === null || name === ':' || name === 'times')) {
    throw new Hazard('sets a variable that what follows would see');
  }
  if (name === 'printf' && operands.includes('-v')) throw new Hazard('sets a variable with printf -v');
  if (name === null && !redirected) throw new Hazard('has an operator without a command');
}

function readName({ depth, commands }: Reader, { shape, quoted }: Word): string {
  if (reserved.has(shape) && !quoted) throw new Hazard(`uses ${shape}, which needs grouping`);
  const hazard = shape.includes('\0') ? null : joinHazard(shape);
  if (hazard !== null) throw new Hazard(hazard);
  if (shape.includes('/')) return shape;
  if (shape.includes('\0')) throw new Hazard('runs a command that a variable names');
  // What happens in a substitution stays in it.
  const leak = depth === 0 ? shellChange(shape) : null;
  if (leak) throw new Hazard(`uses ${shape}, which ${leak}`);
  if (/^\{|[[\]?*~]/.test(shape) && shape !== '[') throw new Hazard('runs a command that a pattern names');
  commands.push(shape);
  return shape;
}

function readRedirection(reader: Reader): void {
  const operator = /(?:<<|<>|<&|>>|>&|>\||<|>)/y;
  operator.lastIndex = reader.at;
  const found = operator.exec(reader.text)![0];
  if (found === '<<') throw new Hazard('has a heredoc');
  reader.at = operator.lastIndex;
  skipBlanks(reader);
  const next = reader.text[reader.at];
  if (next === '(') throw new Hazard('has a process substitution');
  if (next === undefined || '&|;)<>#'.includes(next)) throw new Hazard('redirects to nothing');
  readWord(reader);
}
