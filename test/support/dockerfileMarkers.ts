// Dockerfiles as tests write them: `<|>` is a cursor, a line `#= label` speaks of the instruction above it. Marked texts
// are stripped before they are parsed; everything that comes back is text, so that a failure reads as a difference of texts.
import assert from 'node:assert/strict';
import { applyEdits, invertEdits } from '../../server/src/dockerfile/edit';
import {
  type BuildChoice,
  type Dockerfile,
  defaultChoice,
  type Instruction,
} from '../../server/src/dockerfile/model';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { type Finding, type Fix, type RuleContext, runRules } from '../../server/src/rules/rule';

export interface Marked {
  text: string;
  /** Offset of `<|>`; null when there is none. */
  cursor: number | null;
  /** Labels by the 1-based line that stands above them. */
  labels: Map<number, string>;
}

/** Takes the marks out. A first line end right at the start is dropped, so that a template can begin on a new line. */
export function readMarked(marked: string): Marked {
  const labels = new Map<number, string>();
  const kept: string[] = [];
  for (const line of marked.replace(/^\n/, '').split('\n')) {
    const label = /^\s*#= ?(.*)$/.exec(line);
    if (label) labels.set(kept.length, label[1]!);
    else kept.push(line);
  }
  const text = kept.join('\n');
  const cursor = text.indexOf('<|>');
  return { text: text.replace('<|>', ''), cursor: cursor < 0 ? null : cursor, labels };
}

/** Each `#= label` is what `describe` says of the instruction that ends right above it. */
export function checkLabels(
  marked: string,
  describe: (dockerfile: Dockerfile, instruction: Instruction) => string,
): void {
  const { text, labels } = readMarked(marked);
  const dockerfile = parseDockerfile(text);
  const drawn = drawLabels(text, labels);
  const actual = new Map<number, string>();
  for (const line of labels.keys()) {
    const instruction = dockerfile.instructions.find(({ endLine }) => endLine === line);
    assert.ok(instruction, `no instruction ends on line ${line} of\n${text}`);
    actual.set(line, describe(dockerfile, instruction));
  }
  assert.equal(drawLabels(text, actual), drawn);
}

function drawLabels(text: string, labels: ReadonlyMap<number, string>): string {
  return text
    .split('\n')
    .flatMap((line, i) => (labels.has(i + 1) ? [line, `#= ${labels.get(i + 1)}`] : [line]))
    .join('\n');
}

/** `1-3 RUN a b`: lines and logical text of each instruction, heredocs below it. */
export function drawInstructions(text: string): string[] {
  return parseDockerfile(text).instructions.flatMap((instruction) => [
    `${span(instruction.line, instruction.endLine)} ${instruction.text}`,
    ...instruction.heredocs.map(
      ({ name, body, line, endLine, expand, chomp, fileDescriptor, terminated }) =>
        `  << ${name} ${span(line, endLine)} ${JSON.stringify(body)}` +
        `${expand ? '' : ' quoted'}${chomp ? ' chomp' : ''}${fileDescriptor ? ` fd ${fileDescriptor}` : ''}` +
        `${terminated ? '' : ' open'}`,
    ),
  ]);
}

function span(line: number, endLine: number): string {
  return line === endLine ? `${line}` : `${line}-${endLine}`;
}

export function drawProblems(text: string): string[] {
  return parseDockerfile(text).problems.map(({ line, message }) => `${line ?? '-'} ${message}`);
}

/** The instruction on whose lines the cursor stands. */
export function instructionAt({ text, lineStarts, instructions }: Dockerfile, cursor: number): Instruction {
  const cursorLine = lineStarts.findLastIndex((start) => start <= cursor) + 1;
  const found = instructions.find(({ line, endLine }) => line <= cursorLine && cursorLine <= endLine);
  assert.ok(found, `no instruction at offset ${cursor} of\n${text}`);
  return found;
}

export function contextOf(text: string, choice: BuildChoice = defaultChoice): RuleContext {
  return { dockerfile: parseDockerfile(text), choice, rules: 'buildkit' };
}

/** `4 MergeConsecutiveRuns: message` for each finding. */
export function drawFindings(text: string, choice?: BuildChoice): string[] {
  return runRules(contextOf(text, choice)).map(({ rule, line, message }) => `${line} ${rule}: ${message}`);
}

/** Findings of the instruction at the cursor. */
export function findingsAtCursor(marked: string): { text: string; findings: Finding[] } {
  const { text, cursor } = readMarked(marked);
  assert.notEqual(cursor, null, 'the text has no <|>');
  const context = contextOf(text);
  const { line } = instructionAt(context.dockerfile, cursor!);
  return { text, findings: runRules(context).filter((finding) => finding.line === line) };
}

/** Applies the fix of that title at the cursor; undoing it must give the text back byte for byte. */
export function checkFix(marked: string, title: string, expected: string): void {
  const { text, findings } = findingsAtCursor(marked);
  const fixes = findings.flatMap((finding) => finding.fixes);
  const fix = fixes.find((one) => one.title === title);
  assert.ok(fix, `no fix '${title}' among: ${fixes.map((one) => one.title).join(', ') || 'none'}`);
  assert.equal(applyFix(text, fix), expected.replace(/^\n/, ''));
}

export function applyFix(text: string, fix: Fix): string {
  const fixed = applyEdits(text, fix.edits);
  assert.equal(applyEdits(fixed, invertEdits(text, fix.edits)), text, 'undo does not give the text back');
  return fixed;
}
