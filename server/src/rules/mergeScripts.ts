// Heredoc scripts (`RUN <<EOF`) merged into one script. The last command decides whether a script fails, unless it says
// `set -e`; so each body keeps a status of its own, in a group, or all have the same `set -e…` at their head.
import { lineEndAt } from '../dockerfile/edit';
import type { Dockerfile, TextEdit } from '../dockerfile/model';
import { splitInstructions } from '../dockerfile/split';
import type { MergePlan } from './mergePlan';
import { directive, type SourcePart, trimmed } from './mergeText';

/** The edits, or why the scripts do not go into one heredoc: a sentence without a full stop. */
export function mergeScriptEdits(
  dockerfile: Dockerfile,
  parts: readonly SourcePart[],
  plan: MergePlan,
  flags: readonly string[],
): TextEdit[] | string {
  const { text, escape: escapeChar } = dockerfile;
  const runs = parts.map(({ read }) => read.run);
  const first = runs[0]!;
  const [head] = first.heredocs;
  if (!head) return 'there is no heredoc';
  const otherTabs = runs.find(({ heredocs }) => heredocs[0]!.chomp !== head.chomp);
  if (otherTabs) return 'one heredoc drops tabs and the other does not';
  const eol = lineEndAt(text, first.start);
  const scripts = parts.map(({ bodies }) => bodies.slice(0, bodies.lastIndexOf('\n') + 1));
  const script = joinScripts(scripts, parts, plan, eol);
  const added = flags.filter((raw) => !first.flags.some((flag) => flag.raw === raw));
  const lead = text.slice(first.keywordEnd, dockerfile.lineStarts[head.line - 1]!);
  const flagText = added.length > 0 ? ` ${added.join(' ')}` : '';
  const terminator = parts[0]!.bodies.slice(parts[0]!.bodies.lastIndexOf('\n') + 1);
  let merged = `${text.slice(first.start, first.keywordEnd)}${flagText}${lead}${script}${terminator}`;
  for (const { crossed } of parts) merged += crossed;
  const read = splitInstructions(directive(escapeChar) + merged);
  const [only, ...others] = read.instructions;
  const count = runs.at(-1)!.index - first.index + 1 - runs.length;
  const expected = head.chomp ? script.replace(/(^|\n)\t+/g, '$1') : script;
  const isOne = only?.heredocs.length === 1 && only.heredocs[0]!.body === expected && others.length === count;
  if (!isOne || read.problems.length > 0)
    return `a line of a script is ${head.name}, which would end the other`;
  return [trimmed(text, first.start, runs.at(-1)!.end, merged)];
}

function joinScripts(scripts: string[], parts: readonly SourcePart[], plan: MergePlan, eol: string): string {
  const isFlat =
    plan.joint === ';' && plan.head === '' && plan.parts.every(({ open, close }) => open + close === '');
  let result = plan.head === '' ? '' : plan.head + eol;
  for (const [i, script] of scripts.entries()) {
    const isLast = i === scripts.length - 1;
    for (const comment of parts[i]!.comments) result += comment + eol;
    const { open } = plan.parts[i]!;
    if (plan.joint === '&&') {
      const [from, to] = open.startsWith('(') ? '()' : '{}';
      result += `${from}${eol}${script}${to}${isLast ? '' : ' &&'}${eol}`;
    } else if (isFlat) result += script;
    else {
      const off = open.includes('set +e') ? `set +e${eol}` : '';
      result += isLast ? off + script : `(${eol}${off}${script})${eol}`;
    }
  }
  return result;
}
