// A layer's diff as text in an untitled editor, in the language strata-diff: to search, copy or save it. Takes the
// list as the page has filtered and sorted it.
import * as vscode from 'vscode';
import type { DiffHead, DiffRow } from '../../server/src/protocol';
import type { Query, Shown } from '../webview/diff/messages';
import type { LayerServer } from './layerServer';
import { readSettings } from './settings';
import { sizeText, type Units } from './sizes';

const pageSize = 1000;
/** More lines than this, and the text says that it stops here. */
const mostRows = 50_000;

/** An ASCII minus: the editor warns of characters that look like others. */
const signs = { added: '+', modified: '±', removed: '-' } as const;

export async function openDiffReport(
  server: LayerServer,
  shown: Shown,
  head: DiffHead,
  query: Query,
): Promise<void> {
  const rows: DiffRow[] = [];
  let total = 0;
  do {
    const params = { ...shown, ...query, offset: rows.length, limit: pageSize };
    const page = await server.request('strata/diffPage', params);
    total = page.total;
    if (page.rows.length === 0) break;
    rows.push(...page.rows);
  } while (rows.length < Math.min(total, mostRows));
  const content = diffReport(head, rows, total, readSettings().units);
  const document = await vscode.workspace.openTextDocument({ language: 'strata-diff', content });
  await vscode.window.showTextDocument(document, { preview: false });
}

function diffReport(head: DiffHead, rows: DiffRow[], total: number, units: Units): string {
  const where = head.line === null ? '' : ` (${vscode.l10n.t('line {0}', head.line)})`;
  const lines = [
    `# ${head.title}${where} ${vscode.l10n.t('against {0}', head.against)}`,
    `# ${[head.basis, head.reference].filter(Boolean).join(' · ')}`,
    `# ${[
      vscode.l10n.t('+ {0} added {1}', head.added, sizeText(head.bytesAdded, units)),
      vscode.l10n.t('± {0} modified {1}', head.modified, sizeText(head.bytesModified, units)),
      vscode.l10n.t('- {0} removed {1}', head.removed, sizeText(head.bytesRemoved, units)),
    ].join(' · ')}`,
    '',
    ...rows.map((row) => reportLine(row, units)),
  ];
  if (rows.length < total)
    lines.push(
      '',
      `# ${vscode.l10n.t('{0} of {1} changes; narrow the filter to see others', rows.length, total)}`,
    );
  return `${lines.join('\n')}\n`;
}

/** `± modified  1.00 kB → 1.02 kB  etc/passwd  (content, mode)`, the paths in one column. */
function reportLine(row: DiffRow, units: Units): string {
  const sizes = [row.before, row.after]
    .filter((bytes) => bytes !== null)
    .map((bytes) => sizeText(bytes, units));
  const sign = `${signs[row.change]} ${row.change}`.padEnd(10);
  const link = row.link === null ? '' : ` → ${row.link}`;
  const what = row.what.length > 0 ? `  (${row.what.join(', ')})` : '';
  return `${sign}  ${sizes.join(' → ').padStart(20)}  ${oneLine(row.path + link)}${what}`;
}

/** A path may hold line ends and control characters; the report has one line for each. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
