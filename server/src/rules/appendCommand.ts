// Edits that add a command to the end of a RUN, or a flag to its front, in the RUN's own formatting; only where the added
// command is sure to run when all before it went well, and then alone: behind a list joined by `&&`, or below `set -e`.
import type { BashParser } from '../dockerfile/bash';
import { applyEdits, lineEndAt } from '../dockerfile/edit';
import type { Dockerfile, Instruction, TextEdit } from '../dockerfile/model';
import { splitInstructions } from '../dockerfile/split';
import { readRun } from './mergeReading';
import { directive } from './mergeText';
import { shellOf } from './runShell';

/** What it takes to read a RUN. */
export interface RunReader {
  dockerfile: Dockerfile;
  /** Null or absent: a simpler reader serves, which knows lists joined by `&&` alone. */
  shell?: BashParser | null;
}

/** Longer lines are broken. */
const longestLine = 100;

/** Null where it is not certain that the command would run last, when all before it went well. */
export function appendCommand(
  { dockerfile, shell = null }: RunReader,
  run: Instruction,
  command: string,
): TextEdit | null {
  const joint = jointOf(dockerfile, run, shell);
  if (joint === null) return null;
  const { text, lineStarts } = dockerfile;
  let at = run.end;
  while (text[at - 1] === ' ' || text[at - 1] === '\t') at--;
  const lastLine = text.slice(lineStarts[run.endLine - 1], at);
  const isOneLine = run.line === run.endLine;
  const fits = isOneLine && lastLine.length + command.length + 4 <= longestLine;
  const indent = isOneLine ? '    ' : indentOf(dockerfile, run);
  const lineBreak = ` \\${lineEndAt(text, at)}${indent}`;
  const gap = fits ? ' ' : lineBreak;
  const added = joint === '&&' ? `${gap}&& ${command}` : `${joint}${gap}${command}`;
  const edit = { start: at, end: at, text: added };
  return readsAs(dockerfile, run, edit, (rest) => rest.startsWith(run.rest) && rest.endsWith(command))
    ? edit
    : null;
}

/** A `--mount` in front of all else; shell and exec form alike. */
export function addFlag(dockerfile: Dockerfile, instruction: Instruction, flag: string): TextEdit | null {
  const { keywordEnd } = instruction;
  const edit = { start: keywordEnd, end: keywordEnd, text: ` ${flag}` };
  return readsAs(dockerfile, instruction, edit, (rest) => rest === instruction.rest) ? edit : null;
}

/** The lines of an instruction, with their line end. */
export function removeInstruction(
  { text, lineStarts }: Dockerfile,
  { line, endLine }: Instruction,
): TextEdit {
  const start = lineStarts[line - 1]!;
  const next = lineStarts[endLine];
  if (next !== undefined) return { start, end: next, text: '' };
  // The last line has no end of its own: it takes the one before.
  const before = text.slice(0, start).replace(/\r?\n$/, '');
  return { start: before.length, end: text.length, text: '' };
}

/** Whether a RUN is nothing but shell text that a POSIX shell reads. */
export function isShellRun(dockerfile: Dockerfile, run: Instruction): boolean {
  const { keyword, json, heredocs, rest } = run;
  if (keyword !== 'RUN' || json !== null || heredocs.length > 0 || rest === '') return false;
  return dockerfile.escape === '\\' && shellOf(dockerfile, run).joins;
}

/** Whether a RUN is one list of commands joined by `&&`, nothing else. */
export function isPlainList({ dockerfile, shell = null }: RunReader, run: Instruction): boolean {
  return jointOf(dockerfile, run, shell) === '&&';
}

/**
 * What goes between a RUN and one more command: `&&` behind a list of commands joined by it; `;`, or nothing where one
 * stands there already, below `set -e`, where a failure of the last statement has ended the shell before.
 */
function jointOf(
  dockerfile: Dockerfile,
  run: Instruction,
  parser: BashParser | null,
): '&&' | ';' | '' | null {
  if (!isShellRun(dockerfile, run)) return null;
  const { facts } = readRun(dockerfile, run, parser);
  const { refusal, plain, commentAt, head, catches, ends, calls } = facts;
  if (refusal !== null || commentAt !== null) return null;
  if (calls.some(({ name }) => name !== null && ending.has(name))) return null;
  if (plain) return '&&';
  const isStrict = head !== null || shellOf(dockerfile, run).errexit;
  const sets = calls.filter(({ name }) => name === 'set').length;
  return isStrict && catches && sets === (head === null ? 0 : 1) ? (ends ? '' : ';') : null;
}

/** Behind these nothing may run any more, or not as it seems. */
const ending = new Set(['exit', 'exec', 'return', 'trap', 'eval', 'source', '.', 'alias']);

function indentOf({ text, lineStarts }: Dockerfile, { endLine }: Instruction): string {
  return /^[ \t]*/.exec(text.slice(lineStarts[endLine - 1]))![0] || '    ';
}

/** Whether the edited instruction is read as one, with the same flags and what is wanted of its text. */
function readsAs(
  { text, escape: escapeChar }: Dockerfile,
  instruction: Instruction,
  edit: TextEdit,
  isWanted: (rest: string) => boolean,
): boolean {
  const from = instruction.start;
  const inside = { ...edit, start: edit.start - from, end: edit.end - from };
  const { instructions, problems } = splitInstructions(
    directive(escapeChar) + applyEdits(text.slice(from, instruction.end), [inside]),
  );
  const [only, ...others] = instructions;
  if (!only || others.length > 0 || problems.length > 0) return false;
  return isWanted(only.command.rest) && only.command.flags.length >= instruction.flags.length;
}
