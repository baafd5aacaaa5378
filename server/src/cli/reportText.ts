// Reports for a person in a terminal: sizes in a column of their own, then the line. Names from images are cleaned of
// control characters, since a terminal would obey them.
import type { Analysis } from '../analysis/model';
import { hintLabel } from '../describe/hint';
import { timeText } from '../describe/hover';
import { instructionTitle } from '../describe/layerTitle';
import { cachedText, stageTitle } from '../describe/lens';
import { nextTotals } from '../describe/next';
import { bytesText, countText, durationText, plainStyle } from '../describe/style';

/** Text that a terminal prints and does not obey. */
export function clean(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** The annotated Dockerfile. */
export function analysisText(analysis: Analysis, columns: number): string {
  const rows: string[] = [heading(analysis), ''];
  const settings = { beforeBuild: 'layers', metadataLines: false } as const;
  const labels = new Map(
    analysis.stages.flatMap((stage) =>
      stage.instructions.map(
        (view) => [view, hintLabel(stage, view, null, settings, plainStyle) ?? ''] as const,
      ),
    ),
  );
  const width = Math.max(0, ...[...labels.values()].map((label) => label.length));
  const last = analysis.stages.flatMap((stage) => stage.instructions).at(-1);
  const digits = String(last?.line ?? 0).length;
  for (const stage of analysis.stages) {
    rows.push(stageTitle(stage, analysis.stages.length === 1, plainStyle));
    for (const view of stage.instructions) {
      const left = `  ${String(view.line).padStart(digits)}  ${(labels.get(view) ?? '').padEnd(width)}  `;
      rows.push(`${left}${clean(instructionTitle(view, Math.max(20, columns - left.length)))}`.trimEnd());
    }
    rows.push('');
  }
  for (const { layer, why } of analysis.unmapped) {
    rows.push(`layer ${layer.index + 1} belongs to no known line: ${clean(why)}`);
  }
  for (const finding of analysis.findings) {
    rows.push(`${finding.severity} line ${finding.line}: ${clean(finding.message)} (${finding.rule})`);
    for (const fix of finding.fixes) rows.push(`  fix: ${fix.title}`);
  }
  for (const problem of analysis.problems) {
    rows.push(`problem${problem.line === null ? '' : ` line ${problem.line}`}: ${clean(problem.message)}`);
  }
  const next = nextTotals(analysis, plainStyle);
  if (next) rows.push(next);
  if (analysis.build?.note) rows.push(`note: ${clean(analysis.build.note)}`);
  return `${rows.join('\n').trimEnd()}\n`;
}

function heading(analysis: Analysis): string {
  const { totals, image, build } = analysis;
  const parts: string[] = [];
  if (image && totals.unpackedBytes !== null)
    parts.push(`${bytesText(totals.unpackedBytes, plainStyle)} unpacked`);
  if (image && totals.compressedBytes !== null) {
    parts.push(`${bytesText(totals.compressedBytes, plainStyle)} compressed`);
  }
  if (image) parts.push(countText(totals.layers, 'layer', plainStyle));
  if (totals.wastedBytes) parts.push(`${bytesText(totals.wastedBytes, plainStyle)} wasted`);
  if (build) {
    if (build.platform !== null) parts.push(clean(build.platform));
    if (build.outcome !== 'built') parts.push(`build ${build.outcome}`);
    if (build.cacheableSteps > 0) parts.push(cachedText(build));
    // Unknown for a build that was imported from a log without times.
    if (build.durationMs > 0) parts.push(durationText(build.durationMs));
    parts.push(`built ${timeText(build.started, plainStyle)} by ${build.builder}`);
  }
  if (!image && !build) parts.push('never built: only what the text tells is shown');
  return `${clean(analysis.dockerfile)}  ${parts.join(' · ')}`;
}

/** Rows under headings, numbers to the right, two blanks between. */
export function table(head: string[], rows: string[][], right: ReadonlySet<number>): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: string[]) =>
    row
      .map((cell, column) =>
        right.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return `${[head, ...rows].map(line).join('\n')}\n`;
}
