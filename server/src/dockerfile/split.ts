// From a text to its instructions, exactly where BuildKit begins and ends them (parser/parser.go, Parse): continuations,
// comments, blank lines, directives, heredocs. It does not know what an instruction means beyond what decides its end.
import { skipSpace, trimSpace } from './characters';
import { readDirectives } from './directives';
import { heredocsOf } from './heredoc';
import type { Directive, Heredoc, Problem } from './model';
import { type Command, jsonStrings, splitCommand } from './words';

export interface RawInstruction {
  /** The logical line: continuations joined, trimmed. */
  text: string;
  command: Command;
  /** What an ONBUILD declares. */
  inner: Command | null;
  /** Of `inner` when there is one. */
  json: string[] | 'not strings' | null;
  /** 1-based. */
  line: number;
  endLine: number;
  /** Offset of the end of the last line. */
  end: number;
  heredocs: Heredoc[];
  hasInnerComments: boolean;
  /** Source offset of an offset in `text`. */
  sourceOffset(offset: number): number;
}

export interface SplitText {
  lineStarts: number[];
  directives: Directive[];
  escape: '\\' | '`';
  instructions: RawInstruction[];
  problems: Problem[];
}

/** bufio.Scanner's buffer of 64 KiB holds a line and its line feed; BuildKit gives up at a longer one. */
const longestLine = 65_535;

/** Never throws; time grows with the length of the text. */
export function splitInstructions(text: string): SplitText {
  const lines = readLines(text);
  const { directives, escape: escapeChar, problems } = readDirectives(lines.from(0));
  const instructions: RawInstruction[] = [];
  for (let index = 0; index < lines.count; index++) {
    if (lines.utf8Length(index) > longestLine) {
      problems.push({
        line: index + 1,
        message: 'this line is longer than 65,535 bytes, which BuildKit refuses',
      });
    }
  }
  let at = 0;
  while (at < lines.count) {
    const logical = readLogicalLine(lines, at, escapeChar);
    at = logical.next;
    if (logical.blank) continue;
    const raw = readInstruction(logical, escapeChar);
    at = readHeredocs(lines, at, raw, problems);
    raw.endLine = at;
    raw.end = lines.end(at - 1);
    instructions.push(raw);
  }
  return { lineStarts: lines.starts, directives, escape: escapeChar, instructions, problems };
}

interface Lines {
  text: string;
  starts: number[];
  /** Lines as Go's scanner sees them: there is none after a final line feed. */
  count: number;
  /** Without the byte order mark. */
  start(index: number): number;
  /** Without the line end; every carriage return before the line feed counts as one. */
  end(index: number): number;
  utf8Length(index: number): number;
  from(index: number): Iterable<string>;
}

function readLines(text: string): Lines {
  const starts = [0];
  for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', feed + 1)) starts.push(feed + 1);
  const count = starts.at(-1) === text.length ? starts.length - 1 : starts.length;
  const mark = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const whole = (index: number) => (index + 1 < starts.length ? starts[index + 1]! - 1 : text.length);
  const start = (index: number) => (index === 0 ? mark : starts[index]!);
  const end = (index: number) => {
    let at = whole(index);
    const least = start(index);
    while (at > least && text.charCodeAt(at - 1) === 0x0d) at--;
    return at;
  };
  return {
    text,
    starts,
    count,
    start,
    end,
    utf8Length(index) {
      const units = whole(index) - starts[index]!;
      return units * 3 <= longestLine ? units : Buffer.byteLength(text.slice(starts[index]!, whole(index)));
    },
    *from(index) {
      for (let i = index; i < count; i++) yield text.slice(start(i), end(i));
    },
  };
}

interface LogicalLine {
  text: string;
  /** Pairs of an offset in `text` and the source offset that it comes from. */
  pieces: number[];
  blank: boolean;
  first: number;
  /** Index of the line after it. */
  next: number;
  hasInnerComments: boolean;
}

function readLogicalLine(lines: Lines, first: number, escapeChar: string): LogicalLine {
  const logical: LogicalLine = {
    text: '',
    pieces: [],
    blank: false,
    first,
    next: first + 1,
    hasInnerComments: false,
  };
  let continues = false;
  const append = (from: number, to: number) => {
    const cut = continuationAt(lines.text, from, to, escapeChar);
    logical.pieces.push(logical.text.length, from);
    logical.text += lines.text.slice(from, cut ?? to);
    continues = cut !== null;
  };
  const end = lines.end(first);
  const start = skipSpace(lines.text, lines.start(first), end);
  if (start === end || lines.text[start] === '#') {
    logical.blank = true;
    return logical;
  }
  append(start, end);
  while (continues && logical.next < lines.count) {
    const from = lines.start(logical.next);
    const to = lines.end(logical.next++);
    const content = skipSpace(lines.text, from, to);
    if (content === to || lines.text[content] === '#') logical.hasInnerComments = true;
    else append(from, to);
  }
  return logical;
}

/**
 * Where the escape character stands that continues the line; null when none does. Blanks may follow it. One that follows
 * another is no continuation, and evenness is not asked: neither `\\` nor `\\\` continues (setEscapeToken).
 */
function continuationAt(text: string, from: number, to: number, escapeChar: string): number | null {
  let at = to - 1;
  while (at >= from && (text[at] === ' ' || text[at] === '\t')) at--;
  if (at < from || text[at] !== escapeChar) return null;
  return at > from && text[at - 1] === escapeChar ? null : at;
}

function readInstruction(logical: LogicalLine, escapeChar: string): RawInstruction {
  const text = trimSpace(logical.text);
  const shift = skipSpace(logical.text, 0);
  const command = splitCommand(text, escapeChar);
  const inner =
    command.keyword === 'ONBUILD' && command.rest !== '' ? splitCommand(command.rest, escapeChar) : null;
  const meant = inner ?? command;
  const { pieces } = logical;
  return {
    text,
    command,
    inner,
    json: jsonOf(meant),
    line: logical.first + 1,
    endLine: logical.next,
    end: 0,
    heredocs: [],
    hasInnerComments: logical.hasInnerComments,
    sourceOffset(offset) {
      const wanted = Math.min(offset, text.length) + shift;
      let piece = pieces.length - 2;
      while (piece > 0 && pieces[piece]! > wanted) piece -= 2;
      return pieces[piece + 1]! + wanted - pieces[piece]!;
    },
  };
}

const jsonKeywords = new Set(['ADD', 'COPY', 'VOLUME', 'RUN', 'CMD', 'ENTRYPOINT', 'SHELL', 'HEALTHCHECK']);

function jsonOf({ keyword, rest }: Command): RawInstruction['json'] {
  if (!jsonKeywords.has(keyword)) return null;
  return jsonStrings(keyword === 'HEALTHCHECK' ? trimSpace(rest.replace(/^\S*/, '')) : rest);
}

const heredocKeywords = new Set(['ADD', 'COPY', 'RUN']);

/** Reads the bodies that the instruction announces and returns the index of the line after them. */
function readHeredocs(lines: Lines, from: number, raw: RawInstruction, problems: Problem[]): number {
  const { keyword } = raw.inner ?? raw.command;
  if (raw.json !== null || !heredocKeywords.has(keyword)) return from;
  const { heads, error } = heredocsOf(raw.text);
  if (error) problems.push({ line: raw.line, message: `the name of a heredoc cannot be read: ${error}` });
  let at = from;
  for (const head of heads) {
    const first = at;
    let terminated = false;
    while (at < lines.count && !terminated) terminated = isTerminator(lines, at++, head);
    const bodyEnd = terminated ? at - 1 : at;
    const body = lines.text.slice(
      lines.starts[first] ?? lines.text.length,
      lines.starts[bodyEnd] ?? lines.text.length,
    );
    raw.heredocs.push({
      ...head,
      body: head.chomp ? body.replace(/(^|\n)\t+/g, '$1') : body,
      line: Math.min(first + 1, Math.max(at, 1)),
      endLine: Math.max(at, 1),
      terminated,
    });
    if (!terminated) {
      problems.push({
        line: raw.line,
        message: `the heredoc ${head.name} is never closed: no line is just ${head.name}`,
      });
      break;
    }
  }
  return at;
}

function isTerminator(
  lines: Lines,
  index: number,
  { name, chomp }: { name: string; chomp: boolean },
): boolean {
  let start = lines.start(index);
  const end = lines.end(index);
  if (chomp) while (start < end && lines.text[start] === '\t') start++;
  return end - start === name.length && lines.text.startsWith(name, start);
}
