// A diff as one HTML file that needs nothing else, to read and to attach: what is compared, totals, a table of the changes.
// No script, nothing loaded, every name escaped; its looks are diffHtmlStyle.ts.
import * as l10n from '@vscode/l10n';
import type { Change } from '../layers/model';
import {
  changeSigns,
  changeText,
  cutText,
  type DiffDocument,
  type DiffWriter,
  diffFacts,
  entryText,
  linkOf,
  partsText,
} from './diffDocument';
import { diffHtmlStyle } from './diffHtmlStyle';
import { bytesText, numberText } from './style';
import { visibleText } from './visibleText';

const kinds = ['added', 'modified', 'removed'] as const;

export const diffHtml: DiffWriter = {
  /** Browsers lay out a table of so many rows in a second or two. */
  mostRows: 50_000,

  head(document) {
    const { words, from, to, style, listed } = document;
    const title = words?.title ?? `${from} → ${to}`;
    return `<!DOCTYPE html>
<html lang="${text(style.locale)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${l10n.t('Layer diff')}: ${text(title)}</title>
<style>
${diffHtmlStyle}</style>
</head>
<body>
<main>
<header>
<p class="kicker">${l10n.t('Layer diff')}</p>
<h1><bdi>${text(title)}</bdi></h1>
<dl>
${diffFacts(document).map(factHtml).join('\n')}
</dl>
</header>
${totalsHtml(document)}
${listed === 0 ? `<p class="none">${l10n.t('There are no changes to list.')}</p>` : tableHead()}`;
  },

  row({ totals, style }, change) {
    const link = linkOf(change);
    const target = link === null ? '' : ` <span class="link">→ <bdi>${text(link)}</bdi></span>`;
    return `<tr class="${change.change}"><td class="change">${kindHtml(change.change)}</td><td class="path">${pathHtml(change.path)}${target}</td>${sizeHtml(change, 'before', style)}${sizeHtml(change, 'after', style)}${shareHtml(change, changedBytes(totals))}<td class="what">${text(partsText(change.what))}</td></tr>
`;
  },

  tail(document, written) {
    const cut = cutText(document, written);
    return `${document.listed === 0 ? '' : '</tbody>\n</table>\n'}${cut === '' ? '' : `<p class="cut">${text(cut)}</p>\n`}<footer>${l10n.t('Sizes are those of the files’ contents, unpacked. The share is of all bytes that the changes are about.')}</footer>
</main>
</body>
</html>
`;
  },
};

function factHtml({ label, text: words, name }: { label: string; text: string; name: string }): string {
  const parts = [words && `<bdi>${text(words)}</bdi>`, name && `<code>${text(name)}</code>`];
  return `<div><dt>${label}</dt><dd>${parts.filter(Boolean).join(' ')}</dd></div>`;
}

/** One bar of all changed bytes, and what each part of it is. */
function totalsHtml({ totals, style }: DiffDocument): string {
  const bytes = { added: totals.bytesAdded, modified: totals.bytesModified, removed: totals.bytesRemoved };
  const all = changedBytes(totals);
  const bar = kinds
    .filter((kind) => bytes[kind] > 0)
    .map((kind) => `<i class="${kind}" style="flex-grow:${bytes[kind]}"></i>`);
  const parts = kinds.map(
    (kind) =>
      `<li class="${kind}">${kindHtml(kind, numberText(totals[kind], style))} <span>${bytesText(bytes[kind], style)}</span></li>`,
  );
  return `<section>
${all === 0 ? '' : `<div class="bar" aria-hidden="true">${bar.join('')}</div>\n`}<ul>${parts.join('')}</ul>
</section>`;
}

function tableHead(): string {
  const columns = [
    ['', l10n.t('Change')],
    ['', l10n.t('Path')],
    ['number', l10n.t('Before')],
    ['number', l10n.t('After')],
    ['', l10n.t('Share')],
    ['', l10n.t('What')],
  ];
  const cells = columns.map(([name, title]) => `<th scope="col" class="${name}">${title}</th>`);
  return `<table>
<caption>${l10n.t('Changed files')}</caption>
<thead><tr>${cells.join('')}</tr></thead>
<tbody>
`;
}

function kindHtml(kind: Change['change'], count = ''): string {
  return `<b aria-hidden="true">${changeSigns[kind]}</b> ${count === '' ? '' : `${count} `}${changeText(kind)}`;
}

/** Folders dim before the name; each part apart, so that a name written from right to left turns no other round. */
function pathHtml(path: string): string {
  const slash = path.lastIndexOf('/') + 1;
  const folders = slash === 0 ? '' : `<span class="folders"><bdi>${text(path.slice(0, slash))}</bdi></span>`;
  return `${folders}<bdi>${text(path.slice(slash))}</bdi>`;
}

function sizeHtml(change: Change, side: 'before' | 'after', style: DiffDocument['style']): string {
  const entry = change[side];
  const kind = entry && entry.type !== 'file' ? 'number type' : 'number';
  return `<td class="${kind}">${entryText(entry, style)}</td>`;
}

/** The bar is as long as the number says. Empty where the change is about no bytes. */
function shareHtml({ before, after }: Change, all: number): string {
  const bytes = (after ?? before)?.bytes ?? 0;
  if (bytes === 0 || all === 0) return '<td class="share"></td>';
  const share = (bytes / all) * 100;
  const words = share < 0.1 ? '&lt;0.1 %' : `${share.toFixed(share < 10 ? 1 : 0)} %`;
  return `<td class="share"><i style="width:${share.toFixed(2)}px"></i>${words}</td>`;
}

function changedBytes({ bytesAdded, bytesModified, bytesRemoved }: DiffDocument['totals']): number {
  return bytesAdded + bytesModified + bytesRemoved;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML, in an element or in a quoted attribute. */
function text(given: string): string {
  return visibleText(given).replace(/[&<>"']/g, (mark) => entities[mark]!);
}
