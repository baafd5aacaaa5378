// The source text of a merged RUN: each part with its own formatting and comments, joined in the style of the file. It
// checks what it wrote by reading it again as BuildKit would; what may be merged is for others to decide.
import { lineEndAt } from '../dockerfile/edit';
import type { Dockerfile, Instruction, TextEdit } from '../dockerfile/model';
import { splitInstructions } from '../dockerfile/split';
import type { MergePlan } from './mergePlan';
import type { ReadRun } from './mergeReading';
import { joinStyle } from './mergeStyle';

/** A part as it stands in the source. */
export interface SourcePart {
  read: ReadRun;
  /** Its command as written, without heredoc bodies and without a comment at its end. */
  command: string;
  /** Comment lines that go with it, each with its indentation: those above it, and within its first lines. */
  comments: string[];
  /** The comment at its end, which becomes a comment line; null where it may stay. */
  trailing: string | null;
  /** Heredoc bodies with their terminators, as written; empty when there are none. */
  bodies: string;
  /** Instructions and comments that stand between it and the next part and stay behind the merged step. */
  crossed: string;
}

/** The parts in source form; null when one of them is written in a way that cannot be joined. */
export function sourceParts(
  dockerfile: Dockerfile,
  reads: readonly ReadRun[],
  plan: MergePlan,
): SourcePart[] | null {
  const parts: SourcePart[] = [];
  for (const [i, read] of reads.entries()) {
    const next = reads[i + 1];
    const above = i > 0 ? gapAbove(dockerfile, reads[i - 1]!.run, read.run) : { comments: [], crossed: '' };
    const part = sourcePart(dockerfile, read, i > 0, next !== undefined || plan.parts[i]!.close !== '');
    if (!part) return null;
    if (i > 0) parts[i - 1]!.crossed = above.crossed;
    part.comments.unshift(...above.comments);
    parts.push(part);
  }
  return parts;
}

function sourcePart(
  dockerfile: Dockerfile,
  read: ReadRun,
  moves: boolean,
  isFollowed: boolean,
): SourcePart | null {
  const { run, facts, quoted } = read;
  const { text } = dockerfile;
  const [heredoc] = run.heredocs;
  let end = run.end;
  if (heredoc) {
    end = dockerfile.lineStarts[heredoc.line - 1]! - 1;
    if (text[end - 1] === '\r') end--;
  }
  const start = run.restStart;
  if (run.rest === '' || text[start] !== run.rest[0]) return null;
  let command = text.slice(start, end).trimEnd();
  let trailing: string | null = null;
  if (read.form === 'line' && facts.commentAt !== null && quoted === null && isFollowed) {
    trailing = run.rest.slice(facts.commentAt);
    // A comment that goes on over a continuation hides commands; whoever wrote that did not mean it.
    if (!command.endsWith(trailing)) return null;
    command = command.slice(0, -trailing.length).trimEnd();
  }
  const lead = text.slice(run.keywordEnd, start);
  const comments = moves ? lead.split('\n').filter((line) => line.trimStart().startsWith('#')) : [];
  return {
    read,
    command: quoted ?? command,
    comments: comments.map((line) => line.trimEnd()),
    trailing,
    bodies: heredoc ? text.slice(dockerfile.lineStarts[heredoc.line - 1]!, run.end) : '',
    crossed: '',
  };
}

/** What makes a text that is read for itself keep the escape character of its file. */
export function directive(escapeChar: string): string {
  return escapeChar === '\\' ? '' : `# escape=${escapeChar}\n`;
}

/** Comment lines right above a part go with it; instructions between, and comments above those, stay. */
function gapAbove({ text, instructions }: Dockerfile, above: Instruction, below: Instruction) {
  const between = instructions.slice(above.index + 1, below.index);
  const crossedEnd = between.at(-1)?.end ?? above.end;
  const crossed = text.slice(above.end, crossedEnd);
  const comments = text
    .slice(crossedEnd, below.start)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trimStart().startsWith('#'));
  return { comments, crossed };
}

/** The edits that make one RUN of the parts; null when the result would not be read as that one RUN. */
export function mergeEdits(
  dockerfile: Dockerfile,
  parts: readonly SourcePart[],
  plan: MergePlan,
  flags: readonly string[],
): TextEdit[] | null {
  const { text, escape: escapeChar } = dockerfile;
  const first = parts[0]!.read.run;
  const last = parts.at(-1)!.read.run;
  const eol = lineEndAt(text, first.start);
  const style = joinStyle(
    dockerfile,
    parts.map(({ read }) => read.run),
  );
  let merged = text.slice(first.start, first.keywordEnd) + leadOf(dockerfile, parts[0]!, flags);
  const glue: string[] = [plan.head === '' ? '' : `${plan.head}; `];
  for (const [i, part] of parts.entries()) {
    const { open, close } = plan.parts[i]!;
    if (i > 0) {
      const before = parts[i - 1]!;
      const left =
        plan.joint === ';'
          ? endsStatement(before, plan.parts[i - 1]!.close)
            ? ''
            : ';'
          : style.trails
            ? ' &&'
            : '';
      const right = plan.joint === '&&' && !style.trails ? '&& ' : '';
      const own = lineEndAt(text, before.read.run.end);
      const comments = [...(before.trailing ? [style.indent + before.trailing] : []), ...part.comments];
      // Behind the last part no line goes on: its comment stands above it.
      if (i === parts.length - 1 && part.trailing) comments.push(style.indent + part.trailing);
      merged += `${left} ${escapeChar}${own}${comments.map((line) => line + own).join('')}${style.indent}${right}`;
      glue.push(plan.parts[i - 1]!.close + left + right);
    } else merged += glue[0];
    merged += open + part.command + close;
    glue[i] += open;
  }
  for (const { bodies } of parts) if (bodies) merged += eol + bodies;
  for (const { crossed } of parts) merged += crossed;
  const crossed = parts.flatMap(({ read }, i) => {
    const next = parts[i + 1];
    return next ? dockerfile.instructions.slice(read.run.index + 1, next.read.run.index) : [];
  });
  if (!isMerged(merged, escapeChar, parts, [...glue, plan.parts.at(-1)!.close], flags, crossed)) return null;
  return [trimmed(text, first.start, last.end, merged)];
}

function endsStatement(part: SourcePart, close: string): boolean {
  return close === '' && part.read.facts.ends;
}

/** What stands between RUN and the command of the first part: as it was, unless flags are new. */
function leadOf(dockerfile: Dockerfile, { read: { run } }: SourcePart, flags: readonly string[]): string {
  const asWritten = dockerfile.text.slice(run.keywordEnd, run.restStart);
  const added = flags.filter((raw) => !run.flags.some((flag) => flag.raw === raw));
  return added.length === 0 ? asWritten : ` ${added.join(' ')}${asWritten}`;
}

/** Reads the merged text as BuildKit would: one RUN with each part's command unchanged and only our glue between them. */
function isMerged(
  merged: string,
  escapeChar: string,
  parts: readonly SourcePart[],
  glue: readonly string[],
  flags: readonly string[],
  crossed: readonly Instruction[],
): boolean {
  const { instructions, problems } = splitInstructions(directive(escapeChar) + merged);
  const [only, ...others] = instructions;
  if (!only || problems.length > 0 || only.json !== null || only.command.keyword !== 'RUN') return false;
  if (others.length !== crossed.length || others.some((other, i) => other.text !== crossed[i]!.text))
    return false;
  if (
    only.command.flags
      .map(({ raw }) => raw)
      .sort()
      .join('\n') !== [...flags].sort().join('\n')
  )
    return false;
  const bodies = parts.flatMap(({ read }) => read.run.heredocs.map(({ body }) => body));
  if (only.heredocs.length !== bodies.length || only.heredocs.some(({ body }, i) => body !== bodies[i]))
    return false;
  let rest: string | null = only.command.rest;
  for (const [i, { read, trailing }] of parts.entries()) {
    const end = trailing === null ? undefined : read.facts.commentAt!;
    const command = read.quoted ?? read.run.rest.slice(0, end).trimEnd();
    rest = behind(rest, glue[i]!);
    if (!rest?.startsWith(command)) return false;
    rest = rest.slice(command.length);
  }
  return behind(rest, glue.at(-1)!) === '';
}

/** The text behind our glue and the blanks in it and after it; null when something else stands there. */
function behind(text: string | null, glue: string): string | null {
  let rest = text?.trimStart() ?? null;
  for (const character of glue.replace(/\s/g, '')) {
    if (!rest?.startsWith(character)) return null;
    rest = rest.slice(1).trimStart();
  }
  return rest;
}

/** One edit, without what is the same at both ends. */
export function trimmed(text: string, start: number, end: number, merged: string): TextEdit {
  let head = 0;
  const old = text.slice(start, end);
  while (head < old.length && head < merged.length && old[head] === merged[head]) head++;
  let tail = 0;
  const most = Math.min(old.length, merged.length) - head;
  while (tail < most && old[old.length - 1 - tail] === merged[merged.length - 1 - tail]) tail++;
  return { start: start + head, end: end - tail, text: merged.slice(head, merged.length - tail) };
}
