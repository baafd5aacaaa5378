// Whether the name that BuildKit gave a step can be the name of an instruction. A check of a tie, never a search:
// names lose quotes, gain values of variables and may be cut, so that many lines can have one name.
import type { Instruction } from '../dockerfile/model';
import { fitsPattern } from './textPattern';

/**
 * The name is the instruction's own text (convert.go, prefixCommand and processCmdEnv): keyword in upper case, known
 * variables expanded, for all but RUN quotes dropped; a heredoc adds ` (its first line...)`.
 */
export function nameFits(name: string, instruction: Instruction): boolean {
  const stated = name.replace(/^\[[^\]]*\]\s*/, '').replace(/^(?:ONBUILD|LINK)\s+/, '');
  const cut = /(?:\.\.\.|…)$/.exec(stated);
  const text = `${instruction.keyword} ${instruction.text.slice(instruction.keyword.length)}`;
  const pattern: (string | null)[] = [];
  let from = 0;
  for (const variable of text.matchAll(/\$(?:\{[^}]*\}|\w+|[@*#?$!-])/g)) {
    pattern.push(bare(text.slice(from, variable.index)), null);
    from = variable.index + variable[0].length;
    // `${a:-${b}}` ends later than the first brace: nothing after it is compared.
    if (variable[0].includes('$', 1)) return startsLike(bare(stated), pattern);
  }
  pattern.push(bare(text.slice(from)));
  if (instruction.heredocs.length > 0) pattern.push(null);
  if (fitsPattern(bare(stated), pattern) !== 'no') return true;
  return cut !== null && startsLike(bare(stated.slice(0, cut.index)), pattern);
}

/** Without what quoting, escaping and joining change. */
function bare(text: string): string {
  return text.replace(/["'\\`\s]+/g, '');
}

/** A cut name: equal as far as both are literal. */
function startsLike(name: string, pattern: readonly (string | null)[]): boolean {
  const end = pattern.indexOf(null);
  const head = pattern.slice(0, end < 0 ? undefined : end).join('');
  return end < 0 ? head.startsWith(name) : name.startsWith(head) || head.startsWith(name);
}
