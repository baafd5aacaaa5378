// The report of `strata context` for a person: totals, the largest files, what the ignore file took out, and what it might
// take out too.
import path from 'node:path';
import { bytesText, plainStyle } from '../describe/style';
import { formatCount } from '../primitives/bytes';
import type { ContextReport } from './context';
import { clean } from './reportText';

const mostFolders = 8;

/** `top`: how many files are listed. */
export function contextText(report: ContextReport, top: number, workingDirectory: string): string {
  const { snapshot, entries, taken, bloat } = report;
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  const size = (value: number): string => bytesText(value, plainStyle);
  const rows: string[] = [];
  if (taken) {
    const weight = taken.bytes === null ? 'size unknown' : size(taken.bytes);
    rows.push(
      clean(`line ${taken.line}: ${taken.text}`),
      `${weight} · ${formatCount(entries.length, 'file')}`,
    );
    if (taken.why !== null) rows.push(clean(`because: ${taken.why}`));
  } else {
    const name = clean(path.relative(workingDirectory, snapshot.root) || '.');
    rows.push(`${name}  ${size(bytes)} · ${formatCount(entries.length, 'file')} that the build can see`);
  }
  rows.push('');
  for (const { path: at, size: own, link } of entries.slice(0, top)) {
    rows.push(`${size(own).padStart(10)}  ${clean(at)}${link === null ? '' : clean(` -> ${link}`)}`);
  }
  const rest = entries.slice(top);
  if (rest.length > 0) {
    const left = rest.reduce((sum, one) => sum + one.size, 0);
    rows.push(`${size(left).padStart(10)}  in ${formatCount(rest.length, 'more file')}`);
  }
  if (entries.length > 0) rows.push('');
  rows.push(...ignoredRows(report, workingDirectory, size));
  if (bloat.length > 0) {
    rows.push('', 'seldom needed in an image:');
    for (const one of bloat.slice(0, top)) {
      rows.push(`${size(one.bytes).padStart(10)}  ${clean(one.path)}/  ${formatCount(one.files, 'file')}`);
    }
  }
  for (const problem of snapshot.problems) rows.push(`problem: ${clean(problem)}`);
  return `${rows.join('\n').trimEnd()}\n`;
}

function ignoredRows(
  { snapshot }: ContextReport,
  workingDirectory: string,
  size: (bytes: number) => string,
): string[] {
  const { ignored, ignoreFile } = snapshot;
  if (ignoreFile === null) return ['no .dockerignore'];
  const name = clean(path.relative(workingDirectory, ignoreFile));
  const parts: string[] = [];
  if (ignored.files > 0) parts.push(`${formatCount(ignored.files, 'file')} (${size(ignored.bytes)})`);
  if (ignored.folders.length > 0) {
    const shown = ignored.folders.slice(0, mostFolders).map((folder) => `${clean(folder)}/`);
    const more = ignored.folders.length - shown.length;
    // Not entered, and so nobody knows what they hold.
    parts.push(`all of ${shown.join(', ')}${more > 0 ? ` and ${formatCount(more, 'more folder')}` : ''}`);
  }
  return [`${name} takes out ${parts.length > 0 ? parts.join(' and ') : 'nothing'}`];
}
