// One RUN as a part of a merge: which form it has, the shell text that runs, and why it cannot be merged with any other.
import type { BashParser } from '../dockerfile/bash';
import { readHeredoc } from '../dockerfile/heredoc';
import { perDockerfile, perParser } from '../dockerfile/memo';
import type { Dockerfile, Instruction } from '../dockerfile/model';
import type { ShellFacts } from '../dockerfile/shellFacts';
import { plainFacts } from '../dockerfile/shellPlain';
import { shellFacts } from '../dockerfile/shellTree';
import { shellOf } from './runShell';

export interface ReadRun {
  run: Instruction;
  /** `script`: the heredoc is what runs. `line`: a command line, with heredocs of its own or without. */
  form: 'line' | 'script';
  /** The command of an exec form as a shell reads it; null for the shell form. */
  quoted: string | null;
  facts: ShellFacts;
  /** Why it cannot be merged with any other: a sentence without a full stop; null when it can. */
  hazard: string | null;
}

const readings = perParser(() => new Map<number, ReadRun>());

/** Each RUN is read once for a parse of the file. */
export function readRun(dockerfile: Dockerfile, run: Instruction, parser: BashParser | null): ReadRun {
  const known = readings(dockerfile, parser);
  const read = known.get(run.index) ?? readOnce(dockerfile, run, parser);
  known.set(run.index, read);
  return read;
}

function readOnce(dockerfile: Dockerfile, run: Instruction, parser: BashParser | null): ReadRun {
  const head = run.heredocs.length === 1 ? readHeredoc(run.rest) : null;
  const isScript = typeof head === 'object' && head !== null;
  const quoted = run.json ? execText(dockerfile, run, run.json) : null;
  let text = quoted ?? run.rest;
  if (isScript) text = run.heredocs[0]!.body;
  // BuildKit puts the bodies behind the line for the shell to read (dockerfile2llb/convert.go, dispatchRun).
  else for (const { body, name } of run.heredocs) text += `\n${body}${name}`;
  const facts = parser ? shellFacts(text, parser) : plainFacts(text);
  const read: ReadRun = { run, form: isScript ? 'script' : 'line', quoted, facts, hazard: null };
  return { ...read, hazard: runHazard(dockerfile, read, parser !== null) };
}

/** Bash reads the file that it names at the start of each step. */
const namesBashEnv = perDockerfile(({ text }) => /\bBASH_ENV\b/.test(text));

function runHazard(dockerfile: Dockerfile, read: ReadRun, hasParser: boolean): string | null {
  const { run, facts, form, quoted } = read;
  const line = `line ${run.line}`;
  const shell = shellOf(dockerfile, run);
  if (shell.reads) return `the shell is ${shell.name}, which reads its profile anew for each step`;
  if (!shell.joins) return `the shell is ${shell.name}, which may not know &&`;
  if (namesBashEnv(dockerfile)) return 'BASH_ENV makes bash read a file anew for each step';
  const unknown = run.flags.find(({ name }) => !/^(?:mount|network|security|device)$/.test(name));
  if (unknown) return `${line} has the flag ${unknown.raw}`;
  if (run.heredocs.length > 0) {
    if (!hasParser) return `${line} has a heredoc`;
    if (run.heredocs.some(({ terminated }) => !terminated))
      return `${line} has a heredoc that is never closed`;
    if (form === 'script' && run.heredocs[0]!.body.startsWith('#!'))
      return `${line} is a script for a program of its own`;
    if (form === 'line' && facts.commentAt !== null) return `${line} has a comment behind its heredoc`;
  }
  if (run.json && quoted === null) return `${line} is in exec form`;
  if (run.rest === '') return `${line} has no command`;
  return facts.refusal === null ? null : `${line} ${facts.refusal}`;
}

const plainWord = /^[\w@%+=:,./-]+$/;
const quotable = /^[\x20-\x5b\x5d-\x7e]*$/;

/**
 * The exec form as the shell would run the same program with the same words. Only for a program given by its path, since
 * a bare name could be one of the shell's own commands, and only below a shell form, which shows that there is a shell.
 */
function execText(dockerfile: Dockerfile, run: Instruction, words: readonly string[]): string | null {
  if (!words[0]?.startsWith('/') || !plainWord.test(words[0])) return null;
  if (!words.every((word) => quotable.test(word) && !word.includes("'") && !word.includes('<<'))) return null;
  const stage = run.stage === null ? undefined : dockerfile.stages[run.stage];
  const shown = stage?.instructions.some((index) => {
    const other = dockerfile.instructions[index]!;
    const sameShell = shellOf(dockerfile, other).name === shellOf(dockerfile, run).name;
    return (
      index < run.index && other.keyword === 'RUN' && other.json === null && other.rest !== '' && sameShell
    );
  });
  return shown ? words.map((word) => (plainWord.test(word) ? word : `'${word}'`)).join(' ') : null;
}
