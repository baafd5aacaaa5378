// A repository's .git in a layer: its whole history, with all that was ever committed, goes to everyone who has the image.
// Also where a later line deletes it.
import type { Instruction } from '../dockerfile/model';
import type { Deposit } from '../image/model';
import { formatBytes } from '../primitives/bytes';
import { appendCommand } from './appendCommand';
import { findingAt, groupByLine, type MeasuredContext, measuredContext, pathText } from './measured';
import { plainPath } from './packageManagers';
import type { Fix, Rule } from './rule';

export const gitDirectoryInLayer: Rule = {
  name: 'GitDirectoryInLayer',
  severity: 'warning',
  summary: 'The .git directory of a repository is in a layer, with its whole history.',
  check(context) {
    const measured = measuredContext(context);
    if (!measured) return [];
    const byLine = groupByLine(measured.image.deposits, (deposit) =>
      isRepository(deposit) ? measured.lineOf(deposit.layer) : null,
    );
    return byLine.map(([line, deposits]) => {
      const bytes = deposits.reduce((sum, deposit) => sum + deposit.bytes, 0);
      const first = pathText(deposits[0]!.path);
      const which = deposits.length === 1 ? first : `${first} and ${deposits.length - 1} more`;
      const isCopy = line.keyword === 'COPY' || line.keyword === 'ADD';
      const advice = isCopy ? '; a line .git in .dockerignore keeps it out' : '';
      return findingAt(gitDirectoryInLayer, line, {
        message: `${formatBytes(bytes)} of a repository's history are in the image: ${which}${advice}`,
        bytes,
        fixes: removeFix(measured, line, deposits, bytes),
      });
    });
  },
};

/** A checkout has some ten files at least; a folder of that name with one or two is a marker. */
export function isRepository({ kind, files }: Deposit): boolean {
  return kind === 'git' && files >= 5;
}

function removeFix(
  context: MeasuredContext,
  run: Instruction,
  deposits: readonly Deposit[],
  bytes: number,
): Fix[] {
  if (run.keyword !== 'RUN' || deposits.length > 3 || !deposits.every(({ path }) => plainPath.test(path)))
    return [];
  const command = `rm -rf ${deposits.map(({ path }) => `/${path}`).join(' ')}`;
  const edit = appendCommand(context, run, command);
  if (!edit) return [];
  return [
    {
      title: `Delete it in this RUN: saves ${formatBytes(bytes)}`,
      effect: 'review',
      edits: [edit],
      isPreferred: true,
      saves: bytes,
      note: 'No later step may ask git for a version or a history.',
    },
  ];
}
