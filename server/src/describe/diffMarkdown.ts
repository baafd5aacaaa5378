// A diff as Markdown, for a merge request or a job's summary: what is compared, totals, a table of the changes. Names are
// shown as text, whatever they hold.
import * as l10n from '@vscode/l10n';
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
import { markdownName, markdownText } from './markdownText';
import { bytesText, numberText } from './style';

export const diffMarkdown: DiffWriter = {
  /** GitHub and GitLab refuse, or do not draw, documents of a mebibyte. */
  mostRows: 1000,

  head(document) {
    const { words, from, to, listed } = document;
    const title = words ? markdownText(words.title) : `${markdownName(from)} → ${markdownName(to)}`;
    const facts = diffFacts(document).map(({ label, text, name }) => {
      const value = [markdownText(text), name && markdownName(name)].filter(Boolean).join(' · ');
      return `- **${label}:** ${value}\n`;
    });
    const columns = [l10n.t('Change'), l10n.t('Path'), l10n.t('Before'), l10n.t('After'), l10n.t('What')];
    const table = listed === 0 ? '' : `\n${row(columns)}| --- | --- | ---: | ---: | --- |\n`;
    return `## ${l10n.t('Layer diff')}: ${title}\n\n${facts.join('')}\n${totalsTable(document)}${table}`;
  },

  row({ style }, change) {
    const link = linkOf(change);
    const target = link === null ? '' : ` → ${markdownName(link)}`;
    return row([
      `${changeSigns[change.change]} ${changeText(change.change)}`,
      `${markdownName(change.path)}${target}`,
      entryText(change.before, style),
      entryText(change.after, style),
      partsText(change.what),
    ]);
  },

  tail(document, written) {
    const cut = cutText(document, written);
    return cut === '' ? '' : `\n${cut}\n`;
  },
};

function totalsTable({ totals, style }: DiffDocument): string {
  const one = (kind: 'added' | 'modified' | 'removed', bytes: number) =>
    row([
      `${changeSigns[kind]} ${changeText(kind)}`,
      numberText(totals[kind], style),
      bytesText(bytes, style),
    ]);
  return [
    row([l10n.t('Change'), l10n.t('Paths'), l10n.t('Size')]),
    '| --- | ---: | ---: |\n',
    one('added', totals.bytesAdded),
    one('modified', totals.bytesModified),
    one('removed', totals.bytesRemoved),
  ].join('');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}
