// One row of the list: sign and word for the change, path, sizes, what changed. Names from images are set as text,
// never as HTML.
import type { DiffRow } from '../../../server/src/protocol';
import { sizeText, type Units } from '../../src/sizes';
import type { Change, Opening, Texts } from './messages';
import { pathText, visible } from './pathText';

export const signs: Record<Change, string> = { added: '+', modified: '±', removed: '−' };

const icons: Record<string, string> = {
  directory: 'folder',
  symlink: 'file-symlink-file',
  file: 'file',
  hardlink: 'file',
};

/** What Enter and a click do; null when the entry has no content to show. */
export function openingOf(row: DiffRow): Opening | null {
  if (row.type !== 'file' && row.type !== 'hardlink') return null;
  if (row.change === 'removed') return 'lower';
  return row.change === 'modified' && row.before !== null ? 'compare' : 'upper';
}

/** `row` is undefined while its page is under way. `path`: what stands for its path, where that is not all of it. */
export function rowElement(
  row: DiffRow | undefined,
  index: number,
  selected: boolean,
  texts: Texts,
  units: Units,
  path?: HTMLElement,
): HTMLElement {
  const element = document.createElement('div');
  element.id = `row-${index}`;
  element.className = selected ? 'row selected' : 'row';
  element.dataset.index = String(index);
  element.setAttribute('role', 'row');
  element.setAttribute('aria-rowindex', String(index + 2)); // 1 is the header
  element.setAttribute('aria-selected', String(selected));
  if (!row) {
    element.classList.add('awaited');
    element.append(cell('pathCell', '…'));
    return element;
  }
  element.dataset.change = row.change;
  const opening = openingOf(row);
  if (opening) element.classList.add('openable');
  element.append(
    changeCell(row.change, texts),
    pathCell(row, path),
    sizeCell('before', row, row.before, units),
    sizeCell('after', row, row.after, units),
    whatCell(row.what, texts),
  );
  if (opening) {
    element.title = openingText(opening, texts);
    element.setAttribute('aria-description', element.title);
  }
  return element;
}

export function changeCell(change: Change, texts: Texts): HTMLElement {
  const element = cell('change', '');
  const sign = document.createElement('span');
  sign.className = `sign ${change}`;
  sign.textContent = signs[change];
  sign.setAttribute('aria-hidden', 'true');
  const word = document.createElement('span');
  word.className = 'word';
  word.textContent = texts[change];
  element.append(sign, word);
  return element;
}

/** A translation has the word that a filter takes (`what:mode`) as its tooltip. */
function whatCell(what: readonly string[], texts: Texts): HTMLElement {
  const words = what.join(', ');
  const element = cell('what', what.map((part) => texts.parts[part] ?? part).join(', '));
  if (element.textContent !== words) element.title = words;
  return element;
}

function pathCell(row: DiffRow, path = pathText(row.path)): HTMLElement {
  const element = cell('pathCell', '');
  const icon = document.createElement('span');
  icon.className = `codicon codicon-${icons[row.type] ?? 'symbol-misc'}`;
  icon.setAttribute('aria-hidden', 'true');
  element.append(icon, path);
  if (row.link !== null) {
    const link = document.createElement('bdi');
    link.className = 'link';
    link.textContent = visible(row.link);
    link.title = link.textContent;
    element.append(link);
  }
  return element;
}

/** Empty for folders, links and devices, which store no bytes. */
function sizeCell(name: string, row: DiffRow, bytes: number | null, units: Units): HTMLElement {
  const stores = row.type === 'file' || row.type === 'hardlink';
  return cell(name, bytes !== null && (stores || bytes > 0) ? sizeText(bytes, units) : '');
}

export function cell(name: string, text: string): HTMLElement {
  const element = document.createElement('div');
  element.className = `cell ${name}`;
  element.setAttribute('role', 'gridcell');
  element.textContent = text;
  return element;
}

function openingText(opening: Opening, texts: Texts): string {
  if (opening === 'compare') return texts.compare;
  return opening === 'upper' ? texts.open : texts.openBefore;
}
