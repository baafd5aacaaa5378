// How shell texts of several RUN steps are put into one shell so that each does what it did in a shell of its own: what
// stands between them, and which of them are grouped. It knows facts only, no Dockerfile.
//
// Two forms. `A && B` where a failure of A ends the step; left of `&&` a shell heeds no `set -e` (POSIX, set), however
// deep it was set. So where a text depends on `set -e`, the outer shell gets it and the texts become statements of their
// own: `set -e; ( A ); ( B )`. A subshell keeps directory, variables, options, traps and remembered commands to itself.
import type { ShellFacts } from '../dockerfile/shellFacts';

export interface PlannedText {
  open: string;
  close: string;
}

export interface MergePlan {
  /** `&&`: in front of a text; `;`: behind the text before. */
  joint: '&&' | ';';
  /** Statements before the first text: empty or `set -e`. */
  head: string;
  parts: PlannedText[];
}

/** The plan for two or more texts that may all be joined; `errexit` when the shell itself runs with `-e`. */
export function planMerge(facts: readonly ShellFacts[], errexit: boolean): MergePlan {
  const remembered = rememberedTooLong(facts);
  const earlier = facts.slice(0, -1);
  const heedless = earlier.some((text) => text.errexit || (errexit && !text.plain));
  if (!heedless) return { joint: '&&', head: '', parts: facts.map((text, i) => listed(text, i)) };
  const [{ head }] = facts as [ShellFacts];
  const flat =
    !errexit &&
    head !== null &&
    facts.every((text) => text.head === head) &&
    earlier.every((text, i) => text.catches && text.leakPastHead === null && !remembered[i]);
  if (flat) return { joint: ';', head: '', parts: facts.map(() => ({ open: '', close: '' })) };
  return { joint: ';', head: errexit ? '' : 'set -e', parts: facts.map((text, i) => stated(text, i)) };

  function listed(text: ShellFacts, i: number): PlannedText {
    const isLast = i === facts.length - 1;
    if (!isLast && (text.leak !== null || remembered[i])) return inParentheses('');
    // `A || B && C` groups from the left, as the first text needs it.
    const looser = text.operators.has(';') || (text.operators.has('||') && i > 0);
    const needed = looser || (text.ends && !isLast);
    return needed ? { open: '{ ', close: text.ends ? ' }' : '; }' } : { open: '', close: '' };
  }

  function stated(text: ShellFacts, i: number): PlannedText {
    const off = errexit || text.plain || text.head !== null ? '' : 'set +e; ';
    if (i === facts.length - 1) return { open: off, close: '' };
    const bare = text.plain && text.catches && text.leak === null && !remembered[i];
    return bare && !text.ends ? { open: '', close: '' } : inParentheses(off);
  }
}

function inParentheses(inside: string): PlannedText {
  return { open: `( ${inside}`, close: ' )' };
}

/**
 * Which texts must keep to themselves where they found a command, since a later one runs that command again after it may
 * have been replaced: after `pip install --upgrade pip` a shell would go on with the old pip.
 */
function rememberedTooLong(facts: readonly ShellFacts[]): boolean[] {
  const result = facts.map(() => false);
  const named = new Set<string>();
  for (const [i, { commands, operands }] of facts.entries()) {
    for (const command of commands) {
      if (!named.has(command)) continue;
      for (let earlier = 0; earlier < i; earlier++) {
        if (facts[earlier]!.commands.includes(command)) result[earlier] = true;
      }
    }
    for (const operand of operands) {
      const name = operand.replace(/[@=<>~!].*$/, '');
      named.add(name);
      named.add(name.slice(name.lastIndexOf('/') + 1));
    }
  }
  return result;
}
