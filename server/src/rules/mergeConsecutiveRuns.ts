// Consecutive RUNs of a shipped stage that can be one layer. Offered only where `A && B` in one shell is sure to do what A
// and B did in two; which shell text is sure is shell.ts. What would be saved is not guessed: bytes stay unknown.
import { applyEdits, lineEndAt } from '../dockerfile/edit';
import type { Dockerfile, Instruction, TextEdit } from '../dockerfile/model';
import { joinShell, readShell, type SharedShell, type ShellReading } from '../dockerfile/shell';
import { splitInstructions } from '../dockerfile/split';
import { shippedChain } from '../dockerfile/stageGraph';
import type { Finding, Fix, Rule } from './rule';
import { shellOf } from './runShell';

export const mergeConsecutiveRuns: Rule = {
  name: 'MergeConsecutiveRuns',
  severity: 'hint',
  summary: 'Consecutive RUN steps that can be one step, and so one layer, without a change to the image.',
  check({ dockerfile, choice }) {
    const shipped = new Set(shippedChain(dockerfile, choice));
    return chainsOf(dockerfile).flatMap((chain) => {
      if (!shipped.has(chain[0]!.stage!)) return [];
      const all = wholeFix(dockerfile, chain);
      return chain.slice(1).map((run, i) => {
        const above = chain[i]!;
        return findingOf(run, above, fixesOf(dockerfile, above, run, all));
      });
    });
  },
  fixesAt: mergeFixes,
};

/** The fixes at an instruction, whether or not its stage ships; none where it cannot be merged with the RUN above. */
export function mergeFixes(dockerfile: Dockerfile, instructionIndex: number): Fix[] {
  if (!explainMerge(dockerfile, instructionIndex).possible) return [];
  const run = dockerfile.instructions[instructionIndex]!;
  const above = dockerfile.instructions[instructionIndex - 1]!;
  const chain = chainsOf(dockerfile).find((runs) => runs.includes(run) && runs.includes(above));
  return fixesOf(dockerfile, above, run, chain ? wholeFix(dockerfile, chain) : null);
}

/** Whether a RUN can be merged with the one above, and if not, why: a clause for a person. */
export function explainMerge(
  dockerfile: Dockerfile,
  instructionIndex: number,
): { possible: boolean; reason: string | null } {
  const run = dockerfile.instructions[instructionIndex];
  if (run?.keyword !== 'RUN') return { possible: false, reason: 'only a RUN can be merged with a RUN' };
  const above = dockerfile.instructions[instructionIndex - 1];
  if (above?.keyword !== 'RUN' || above.stage !== run.stage) {
    return {
      possible: false,
      reason: above ? `the step above is ${above.keyword}` : 'no step stands above it',
    };
  }
  const hazard =
    pairHazard(dockerfile, read(above), read(run)) ?? joinHazard(newShell(read(above)), read(run));
  const unread = 'the joined text would not be read as one RUN';
  const reason = hazard ?? (joined(dockerfile, [above, run]) ? null : unread);
  return { possible: reason === null, reason };
}

interface ReadRun {
  run: Instruction;
  shell: ShellReading;
}

function read(run: Instruction): ReadRun {
  return { run, shell: readShell(run.rest) };
}

function newShell(first: ReadRun): SharedShell {
  const shell: SharedShell = { ran: new Set(), named: new Set() };
  joinShell(shell, first.shell);
  return shell;
}

/** RUNs that can become one, in order, two at least; as long as possible, each RUN in one chain at the most. */
function chainsOf(dockerfile: Dockerfile): Instruction[][] {
  const chains: Instruction[][] = [];
  let last: ReadRun | null = null;
  let shared: SharedShell | null = null;
  for (const run of dockerfile.instructions) {
    if (run.keyword !== 'RUN') {
      last = null;
      continue;
    }
    const next = read(run);
    if (
      last &&
      shared &&
      last.run.stage === run.stage &&
      pairHazard(dockerfile, last, next) === null &&
      joined(dockerfile, [last.run, run]) !== null &&
      joinHazard(shared, next) === null
    ) {
      const chain = chains.at(-1);
      if (chain?.at(-1) === last.run) chain.push(run);
      else chains.push([last.run, run]);
    } else shared = newShell(next);
    last = next;
  }
  return chains;
}

function pairHazard(dockerfile: Dockerfile, above: ReadRun, below: ReadRun): string | null {
  return (
    shellHazard(dockerfile, above.run) ??
    runHazard(dockerfile, above) ??
    runHazard(dockerfile, below) ??
    gapHazard(dockerfile, above.run, below.run)
  );
}

function joinHazard(shell: SharedShell, { run, shell: reading }: ReadRun): string | null {
  const hazard = joinShell(shell, reading);
  return hazard === null ? null : `line ${run.line} ${hazard}`;
}

/** Why a RUN cannot be merged with any other. */
function runHazard({ escape: escapeChar }: Dockerfile, { run, shell }: ReadRun): string | null {
  const line = `line ${run.line}`;
  if (escapeChar !== '\\') return `the file has ${escapeChar} as its escape character`;
  if (run.flags.length > 0) return `${line} has the flag ${run.flags[0]!.raw}`;
  if (run.heredocs.length > 0) return `${line} has a heredoc`;
  if (run.json !== null) return `${line} is in exec form`;
  if (run.rest === '') return `${line} has no command`;
  return shell.hazard === null ? null : `${line} ${shell.hazard}`;
}

/** Why the lines between two RUNs, or between keyword and command, do not allow to join them. */
function gapHazard(
  { text, instructions }: Dockerfile,
  above: Instruction,
  below: Instruction,
): string | null {
  if (below.index !== above.index + 1 || instructions[below.index] !== below)
    return 'a step stands between them';
  if (text.slice(above.end, below.start).includes('#')) return 'a comment stands between them';
  return commandStart(text, below) === null
    ? `the command of line ${below.line} does not follow its RUN`
    : null;
}

function shellHazard(dockerfile: Dockerfile, run: Instruction): string | null {
  const shell = shellOf(dockerfile, run);
  return shell.joins ? null : `the shell is ${shell.name}, which may not know &&`;
}

/** Source offset of the first character of the command; null when a comment stands before it. */
function commandStart(text: string, { keywordEnd, rest }: Instruction): number | null {
  const gap = /(?:[ \t]|\\[ \t]*\r*\n)*/y;
  gap.lastIndex = keywordEnd;
  gap.exec(text);
  return gap.lastIndex > keywordEnd && text[gap.lastIndex] === rest[0] ? gap.lastIndex : null;
}

const joint = '    && ';

/** The edits that join the runs, each with its own formatting; null when the result is not that one RUN. */
function joined({ text }: Dockerfile, runs: readonly Instruction[]): TextEdit[] | null {
  const edits: TextEdit[] = [];
  for (const [i, below] of runs.slice(1).entries()) {
    const end = commandStart(text, below);
    if (end === null) return null;
    let start = runs[i]!.end;
    while (text[start - 1] === ' ' || text[start - 1] === '\t') start--;
    edits.push({ start, end, text: ` \\${lineEndAt(text, start)}${joint}` });
  }
  const from = runs[0]!.start;
  const inside = edits.map((edit) => ({ ...edit, start: edit.start - from, end: edit.end - from }));
  const merged = splitInstructions(applyEdits(text.slice(from, runs.at(-1)!.end), inside));
  const [only, ...others] = merged.instructions;
  const expected = runs.map(({ rest }) => rest).join(` ${joint}`);
  const same =
    only && others.length === 0 && only.command.rest === expected && only.command.flags.length === 0;
  return same && only.json === null && only.heredocs.length === 0 && merged.problems.length === 0
    ? edits
    : null;
}

function wholeFix(dockerfile: Dockerfile, chain: readonly Instruction[]): Fix | null {
  const edits = chain.length > 2 ? joined(dockerfile, chain) : null;
  const title = `Merge all ${chain.length} consecutive RUN steps`;
  return edits && { title, effect: 'same-result', edits, isPreferred: false };
}

function fixesOf(dockerfile: Dockerfile, above: Instruction, run: Instruction, all: Fix | null): Fix[] {
  const edits = joined(dockerfile, [above, run]);
  const one: Fix[] = edits
    ? [{ title: 'Merge with the RUN above', effect: 'same-result', edits, isPreferred: true }]
    : [];
  return all ? [...one, all] : one;
}

function findingOf(run: Instruction, above: Instruction, fixes: Fix[]): Finding {
  return {
    rule: mergeConsecutiveRuns.name,
    severity: mergeConsecutiveRuns.severity,
    line: run.line,
    endLine: run.endLine,
    start: run.start,
    end: run.keywordEnd,
    message: `this RUN and the one of line ${above.line} can be one layer`,
    bytes: null,
    fixes,
  };
}
