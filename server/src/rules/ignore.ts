// `# strata: ignore=RuleName[,Other]` in the comment right above an instruction takes out those findings there. Names that
// are no rule are told, so that a slip of the pen does not ignore nothing in silence.
import type { Dockerfile } from '../dockerfile/model';
import { ignorableBudgets } from './budgets';
import type { Finding } from './rule';

export interface Ignored {
  ignored(rule: string, line: number): boolean;
  /** A hint for each name that is no rule. */
  findings: Finding[];
}

/** Code of the hints; no rule, so that it can be neither ignored nor switched off. */
const code = 'IgnoreComment';
const pattern = /^[ \t]*#[ \t]*strata:[ \t]*ignore[ \t]*=[ \t]*(.*)$/;

/** Reads the comments between instructions; those inside one (continuations, heredocs) are not ours. */
export function ignoreComments(dockerfile: Dockerfile, rules: ReadonlySet<string>): Ignored {
  const ruleNames = new Set([...rules, ...ignorableBudgets]);
  const byLine = new Map<number, ReadonlySet<string>>();
  const findings: Finding[] = [];
  // Most files have none: then there is nothing to walk.
  if (dockerfile.text.includes('strata:')) {
    let after = 0;
    for (const { line, endLine } of dockerfile.instructions) {
      const names = new Set<string>();
      for (let above = line - 1; above > after && isComment(dockerfile, above); above--) {
        for (const { name, start } of namesOn(dockerfile, above)) {
          names.add(name);
          if (!ruleNames.has(name)) findings.push(unknownName(name, above, start, ruleNames));
        }
      }
      if (names.size > 0) for (let own = line; own <= endLine; own++) byLine.set(own, names);
      after = endLine;
    }
  }
  return { ignored: (rule, line) => byLine.get(line)?.has(rule) ?? false, findings };
}

function textOf({ text, lineStarts }: Dockerfile, line: number): string {
  return text.slice(lineStarts[line - 1], lineStarts[line] ?? text.length).replace(/[\r\n]+$/, '');
}

function isComment(dockerfile: Dockerfile, line: number): boolean {
  return /^\s*#/.test(textOf(dockerfile, line));
}

function namesOn(dockerfile: Dockerfile, line: number): { name: string; start: number }[] {
  const text = textOf(dockerfile, line);
  const list = pattern.exec(text)?.[1];
  if (list === undefined) return [];
  const listStart = dockerfile.lineStarts[line - 1]! + text.length - list.length;
  return [...list.matchAll(/[^\s,]+/g)].map((match) => ({ name: match[0], start: listStart + match.index }));
}

function unknownName(name: string, line: number, start: number, ruleNames: ReadonlySet<string>): Finding {
  const meant = [...ruleNames].find((one) => one.toLowerCase() === name.toLowerCase());
  const end = start + name.length;
  return {
    rule: code,
    severity: 'hint',
    line,
    endLine: line,
    start,
    end,
    message: `${name} is no rule of Strata${meant ? `; did you mean ${meant}?` : ''}`,
    bytes: null,
    fixes: meant
      ? [
          {
            title: `Change to ${meant}`,
            effect: 'review',
            edits: [{ start, end, text: meant }],
            isPreferred: true,
          },
        ]
      : [],
  };
}
