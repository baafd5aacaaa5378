// The report of `strata check` as Markdown: a job's summary, or a comment on a change. Text of Dockerfiles and images is
// shown as text: it can neither end a table's cell nor become a link, an image or HTML.
import { markdownText } from '../describe/markdownText';
import { bytesText, plainStyle } from '../describe/style';
import { type CheckReport, countsText } from './checkReport';
import { basisText, budgetCells, otherProblems, outcomeText } from './reportCheck';

/** Job summaries of GitHub hold 1 MiB; a summary of more rows is read by nobody. */
const mostRows = 200;

export function checkMarkdown(report: CheckReport): string {
  const { analysis, checks } = report;
  const { totals } = analysis;
  const parts = [
    `### Strata: ${markdownText(analysis.dockerfile)}`,
    '',
    `**${markdownText(outcomeText(report))}** (${countsText(report)})`,
  ];
  if (analysis.image) {
    const facts = [
      totals.unpackedBytes === null ? null : `${bytesText(totals.unpackedBytes, plainStyle)} unpacked`,
      totals.compressedBytes === null ? null : `${bytesText(totals.compressedBytes, plainStyle)} compressed`,
      `${totals.layers} ${totals.layers === 1 ? 'layer' : 'layers'}`,
      totals.wastedBytes === null ? null : `${bytesText(totals.wastedBytes, plainStyle)} wasted`,
    ];
    parts.push('', facts.filter((fact) => fact !== null).join(' · '));
  }
  parts.push('', markdownText(basisText(report)));
  if (checks.length > 0) {
    parts.push('', '| Budget | Limit | Measured | |', '| --- | ---: | ---: | --- |');
    for (const check of checks) parts.push(row(budgetCells(check)));
  }
  const { findings } = analysis;
  if (findings.length > 0) {
    parts.push('', '| Line | | Finding | Rule | Size |', '| ---: | --- | --- | --- | ---: |');
    for (const { line, severity, message, rule, bytes } of findings.slice(0, mostRows)) {
      const size = bytes === null ? '' : bytesText(bytes, plainStyle);
      parts.push(row([String(line), severity, message, rule, size]));
    }
    if (findings.length > mostRows) parts.push('', `${findings.length - mostRows} more are not shown.`);
  }
  for (const { message } of otherProblems(report).slice(0, mostRows))
    parts.push('', `- ${markdownText(message)}`);
  return `${parts.join('\n')}\n`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(markdownText).join(' | ')} |`;
}
