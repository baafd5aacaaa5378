// A line that BuildKit takes for an unknown instruction and that plainly goes on with the RUN above, whose backslash is
// missing: it starts with an operator, or it is indented right below a RUN. Lines that could be anything else are left to
// the parser's own problems.
import { applyEdits } from '../dockerfile/edit';
import type { Dockerfile, Instruction, TextEdit } from '../dockerfile/model';
import { nearKeyword } from '../dockerfile/rejections';
import { readShell } from '../dockerfile/shell';
import { splitInstructions } from '../dockerfile/split';
import { directive } from './mergeText';
import type { Finding, Fix, Rule } from './rule';

export const missingLineContinuation: Rule = {
  name: 'MissingLineContinuation',
  severity: 'error',
  summary: 'A line that goes on with the RUN above, where the sign of continuation is missing.',
  check({ dockerfile }) {
    return blocksOf(dockerfile).flatMap((block) => {
      const members = [block.run, ...block.lines];
      const all = block.lines.length > 1 ? mend(dockerfile, members) : null;
      return block.lines.map((line, i) => {
        const one = mend(dockerfile, [members[i]!, line]);
        const whole = i === 0 || block.lines.length <= longBlock ? all : null;
        return findingOf(dockerfile, line, fixesOf(dockerfile.escape, block.lines.length, one, whole));
      });
    });
  },
};

/** Of more lines, only the first has the fix of all: a thousand lines with a thousand edits each are a million. */
const longBlock = 16;

/** A RUN and the broken lines below it. */
interface Block {
  run: Instruction;
  lines: Instruction[];
}

function blocksOf(dockerfile: Dockerfile): Block[] {
  const blocks: Block[] = [];
  let block: Block | null = null;
  for (const instruction of dockerfile.instructions) {
    if (instruction.known) {
      block = opensBlock(instruction) ? { run: instruction, lines: [] } : null;
      continue;
    }
    if (!block) continue;
    if (!continues(dockerfile, instruction, block.lines.at(-1) ?? block.run, block.run)) {
      block = null;
      continue;
    }
    if (block.lines.length === 0) blocks.push(block);
    block.lines.push(instruction);
  }
  return blocks;
}

function opensBlock({ keyword, json, heredocs, rest }: Instruction): boolean {
  return keyword === 'RUN' && json === null && heredocs.length === 0 && rest !== '';
}

function continues(dockerfile: Dockerfile, line: Instruction, above: Instruction, run: Instruction): boolean {
  // No command and no instruction can start with these.
  if (/^(?:&&|\|\||\||;(?!;))/.test(line.text)) return true;
  // Any other text could be a slip of another kind, unless it stands deeper than its RUN and right below.
  const indent = line.start - dockerfile.lineStarts[line.line - 1]!;
  const runIndent = run.start - dockerfile.lineStarts[run.line - 1]!;
  const rightBelow = line.line === above.endLine + 1 && indent > runIndent;
  return rightBelow && !line.text.includes('<<') && nearKeyword(line.keyword) === null;
}

/** False when the text ends in a comment, of which a continued line would become a part, or when that is doubtful. */
function canBeContinued({ text, keyword, rest }: Instruction): boolean {
  const command = keyword === 'RUN' ? rest : text.replace(/^(?:&&|\|\||\||;)[ \t]*/, '');
  return !/(?:^|[ \t])#/.test(command) || readShell(command).hazard === null;
}

/** The edits that make one instruction of these, which follow each other; null when they do not. */
function mend({ text, escape: escapeChar }: Dockerfile, members: readonly Instruction[]): TextEdit[] | null {
  const above = members.slice(0, -1);
  if (!above.every(canBeContinued)) return null;
  const edits = above.map(({ end }) => {
    const spaced = text[end - 1] === ' ' || text[end - 1] === '\t';
    return { start: end, end, text: spaced ? escapeChar : ` ${escapeChar}` };
  });
  const from = members[0]!.start;
  const inside = edits.map((edit) => ({ ...edit, start: edit.start - from, end: edit.end - from }));
  const mended = splitInstructions(
    directive(escapeChar) + applyEdits(text.slice(from, members.at(-1)!.end), inside),
  );
  return mended.instructions.length === 1 && mended.problems.length === 0 ? edits : null;
}

function fixesOf(sign: string, broken: number, one: TextEdit[] | null, all: TextEdit[] | null): Fix[] {
  const fixes: Fix[] = [];
  if (all) {
    fixes.push({
      title: `Add the missing ${sign} to ${broken} lines`,
      effect: 'review',
      edits: all,
      isPreferred: true,
    });
  }
  if (one) {
    fixes.push({
      title: `Add the missing ${sign} to the line above`,
      effect: 'review',
      edits: one,
      isPreferred: !all,
    });
  }
  return fixes;
}

function findingOf(dockerfile: Dockerfile, line: Instruction, fixes: Fix[]): Finding {
  return {
    rule: missingLineContinuation.name,
    severity: missingLineContinuation.severity,
    line: line.line,
    endLine: line.endLine,
    start: line.start,
    end: line.end,
    message: `this line continues the RUN above; a ${dockerfile.escape} is missing`,
    bytes: null,
    fixes,
    explains: [line.line],
  };
}
