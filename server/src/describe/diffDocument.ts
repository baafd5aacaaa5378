// What a document about a diff tells, whatever it is written as: which states, totals, what the list was narrowed to, and
// the words for it. Markdown, HTML and JSON are diffMarkdown, diffHtml and diffJson; a document in pieces is diffPieces.
import * as l10n from '@vscode/l10n';
import type { Change, ChangedPart, ChangeKind, ChangeTotals, Entry } from '../layers/model';
import { bytesText, numberText, type Style } from './style';

export interface DiffDocument {
  /** The states, as the command line names them: `app:1@3`, `nothing`. */
  from: string;
  to: string;
  /** What made the change, and what it is compared with, in words; null where the names above say all. */
  words: { title: string; against: string; line: number | null } | null;
  /** Of all changes, whatever is listed. */
  totals: ChangeTotals;
  /** How the list was narrowed and sorted; null for all changes as the writer's reader likes them best. */
  query: DiffQuery | null;
  /** Changes in the list. */
  listed: number;
  /** `built 12:41 by buildx 0.36.1`; empty when there is nothing to say. */
  basis: string;
  /** When the image was built, ISO 8601; null when that is not known. */
  built: string | null;
  problems: readonly string[];
  style: Style;
}

export interface DiffQuery {
  filter: string;
  kinds: readonly ChangeKind[];
  sort: 'size' | 'path';
}

/** Writes a document piece by piece: what stands before the changes, a change, what stands behind them. Pure. */
export interface DiffWriter {
  /** Changes that a document holds; the others are counted in it. */
  mostRows: number;
  head(document: DiffDocument): string;
  /** @param at its place in the list */
  row(document: DiffDocument, change: Change, at: number): string;
  /** @param written changes that the document has */
  tail(document: DiffDocument, written: number): string;
}

export const changeSigns: Record<ChangeKind, string> = { added: '+', modified: '±', removed: '−' };

export function changeText(change: ChangeKind): string {
  switch (change) {
    case 'added':
      return l10n.t('added');
    case 'modified':
      return l10n.t('modified');
    case 'removed':
      return l10n.t('removed');
  }
}

/** Label and value of each thing to know of a document, names of others in them. */
export function diffFacts(document: DiffDocument): { label: string; text: string; name: string }[] {
  const { words, from, to, basis, built, problems } = document;
  const line = words?.line ? ` (${l10n.t('line {0}', words.line)})` : '';
  return [
    // Without words, the states are the title.
    ...(words
      ? [
          { label: l10n.t('Before'), text: words.against, name: from },
          { label: l10n.t('After'), text: `${words.title}${line}`, name: to },
        ]
      : []),
    { label: l10n.t('Basis'), text: basis, name: '' },
    { label: l10n.t('Built'), text: built === null ? '' : momentText(built), name: '' },
    { label: l10n.t('List'), text: listText(document), name: '' },
    ...problems.map((problem) => ({ label: l10n.t('Note'), text: problem, name: '' })),
  ].filter(({ text, name }) => text !== '' || name !== '');
}

/** `1,204 changes`, `3 of 1,204 changes: filter '*.so', added, by path`. */
function listText({ totals, query, listed, style }: DiffDocument): string {
  const all = totals.added + totals.modified + totals.removed;
  const count =
    listed === all
      ? l10n.t('{0} changes', numberText(all, style))
      : l10n.t('{0} of {1} changes', numberText(listed, style), numberText(all, style));
  const how = query === null || query.sort === 'size' ? l10n.t('the largest first') : l10n.t('by path');
  if (query === null) return `${count}, ${how}`;
  const filter = query.filter === '' ? '' : l10n.t('those that match the filter “{0}”', query.filter);
  const kinds = query.kinds.length === 3 ? '' : query.kinds.map(changeText).join(', ');
  return [count, filter, kinds, how].filter(Boolean).join(', ');
}

/** What is said where a document ends before the list does; empty when it has all. */
export function cutText({ listed, style }: DiffDocument, written: number): string {
  if (written >= listed) return '';
  const [shown, all] = [numberText(written, style), numberText(listed, style)];
  return l10n.t('Only the first {0} of {1} changes are listed here; JSON has all of them.', shown, all);
}

/** `2026-11-24 12:41 UTC`: who reads it may be anywhere. */
function momentText(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A file's size; of anything else what it is. Empty where nothing is. */
export function entryText(entry: Entry | null, style: Style): string {
  if (!entry) return '';
  switch (entry.type) {
    case 'file':
      return bytesText(entry.bytes, style);
    case 'directory':
      return l10n.t('directory');
    case 'symlink':
      return l10n.t('symbolic link');
    case 'hardlink':
      return l10n.t('hard link');
    case 'fifo':
      return l10n.t('pipe');
    default:
      return l10n.t('device');
  }
}

/** Target of a link after the change, before it when it is gone. */
export function linkOf({ before, after }: Change): string | null {
  return (after ?? before)?.link ?? null;
}

export function partsText(what: readonly ChangedPart[]): string {
  const words: Partial<Record<ChangedPart, string>> = {
    content: l10n.t('content'),
    mode: l10n.t('mode'),
    owner: l10n.t('owner'),
    link: l10n.t('link'),
    type: l10n.t('type'),
  };
  return what.map((part) => words[part] ?? part).join(', ');
}
