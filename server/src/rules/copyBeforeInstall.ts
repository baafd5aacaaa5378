// All sources are copied, and then an install runs that needs its manifest alone: each edit of any file makes it run
// again. Told where the install is the step right after the copy; what it cost is said when the last build ran it.
import { lineEndAt } from '../dockerfile/edit';
import type { Dockerfile, Instruction } from '../dockerfile/model';
import { reachableStages } from '../dockerfile/stageGraph';
import { formatDuration } from '../primitives/bytes';
import { removeInstruction } from './appendCommand';
import { type Install, installOf } from './installs';
import { findingAt, relatedAt } from './measured';
import type { Finding, Fix, Rule, RuleContext } from './rule';

export const copyBeforeInstall: Rule = {
  name: 'CopyBeforeInstall',
  severity: 'info',
  summary: 'An install runs again after each edit, because all sources are copied before it.',
  check(context) {
    const { dockerfile, choice } = context;
    const reachable = reachableStages(dockerfile, choice);
    return dockerfile.instructions.flatMap((run) => {
      if (run.keyword !== 'RUN' || run.stage === null || !reachable.has(run.stage)) return [];
      const copy = dockerfile.instructions[run.index - 1];
      const install = isPlain(run) ? installOf(run.rest) : null;
      return install && copy?.stage === run.stage && copiesAll(copy)
        ? findingOf(context, copy, run, install)
        : [];
    });
  },
};

/** An install that took less is not worth a second step, ms. */
const leastMs = 1000;

function isPlain({ json, heredocs, flags }: Instruction): boolean {
  return json === null && heredocs.length === 0 && flags.every(({ name }) => name === 'mount');
}

/** `COPY . .`: the whole context, from nowhere else. */
export function copiesAll({ keyword, words, flags, heredocs, json }: Instruction): boolean {
  if ((keyword !== 'COPY' && keyword !== 'ADD') || heredocs.length > 0 || json !== null) return false;
  if (flags.some(({ name }) => name !== 'chown' && name !== 'link' && name !== 'chmod')) return false;
  return words.length === 2 && (words[0] === '.' || words[0] === './');
}

function findingOf(context: RuleContext, copy: Instruction, run: Instruction, install: Install): Finding[] {
  const ran = context.cache?.(run.index) === 'miss';
  const ms = ran ? (context.durationMs?.(run.index) ?? null) : null;
  if (ms !== null && ms < leastMs) return [];
  const cost = ms === null ? '' : `, ${formatDuration(ms)} in the last build`;
  return [
    findingAt(copyBeforeInstall, run, {
      message: `${install.command} runs again after each edit of a source file${cost}: line ${copy.line} copies them all before it`,
      bytes: null,
      fixes: fixOf(context.dockerfile, copy, run, install),
      related: [relatedAt(copy, 'copies all sources')],
    }),
  ];
}

function fixOf(dockerfile: Dockerfile, copy: Instruction, run: Instruction, install: Install): Fix[] {
  const { text, lineStarts } = dockerfile;
  // Comments between the two would lose what they speak of.
  if (text.slice(copy.end, run.start).trim() !== '') return [];
  if (lineStarts[copy.line - 1] !== copy.start || lineStarts[run.line - 1] !== run.start) return [];
  const destination = copy.words[1]!;
  const folder = destination.endsWith('/') ? destination : `${destination}/`;
  if (!/^[\w./@+-]+$/.test(destination)) return [];
  const flags = copy.flags.map(({ raw }) => ` ${raw}`).join('');
  const end = lineEndAt(text, copy.start);
  const manifests = `${copy.keyword}${flags} ${install.manifests.join(' ')} ${folder}`;
  const moved = `${manifests}${end}${text.slice(run.start, run.end)}${end}`;
  return [
    {
      title: `Copy ${install.manifests.join(' and ')} first, then install`,
      effect: 'review',
      edits: [{ start: copy.start, end: copy.start, text: moved }, removeInstruction(dockerfile, run)],
      isPreferred: true,
      note: `${install.manifests.join(' and ')} must be in the context. ${install.note}`,
    },
  ];
}
