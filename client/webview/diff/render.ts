// Draws the state: header, list as an ARIA grid, footer, and the one message that stands for an empty, loading or
// failed list. Elements are made once; only rows come and go.
import { sizeText } from '../../src/sizes';
import { button, make } from '../elements';
import { type HeaderActions, header } from './header';
import { type MapActions, sizeMap } from './map';
import type { Query } from './messages';
import { rowElement } from './row';
import { isFiltered, rowAt, type State } from './state';
import { treeRowElement } from './treeRow';
import { type VirtualList, virtualList } from './virtualList';

export const rowHeight = 24; // also in diff.css

export interface PageActions extends HeaderActions, MapActions {
  sort(by: Query['sort']): void;
  scrolled(): void;
  select(index: number): void;
  /** `focus`: the keyboard goes along. */
  open(index: number, focus: boolean): void;
  /** Opens or closes a directory of the tree, or goes to the one above. */
  turn(index: number, isOpen: boolean): void;
  clear(): void;
  retry(): void;
}

export interface Page {
  draw(state: State): void;
  list: VirtualList;
}

export function createPage(root: HTMLElement, actions: PageActions): Page {
  let state: State | null = null;
  const head = header(actions);
  const grid = make('div', 'grid');
  grid.setAttribute('role', 'grid');
  grid.tabIndex = 0;
  const columns = columnRow(actions.sort);
  const body = make('div', 'body');
  body.setAttribute('role', 'rowgroup');
  const notice = make('div', 'notice');
  notice.setAttribute('role', 'status');
  const noticeText = make('p');
  const noticeButton = button('primary', '', () =>
    state?.phase === 'failed' ? actions.retry() : actions.clear(),
  );
  notice.append(noticeText, noticeButton);
  const footer = make('footer');
  grid.append(columns.element, body);
  const stage = make('div', 'stage');
  stage.append(grid, notice);
  const map = sizeMap(actions);
  root.append(head.element, map.element, stage, footer);

  const rowOf = (index: number) => {
    const { texts, selected, units, locale, query, tree } = state as State & {
      texts: NonNullable<State['texts']>;
    };
    if (query.tree) return treeRowElement(tree.lines[index], index, index === selected, texts, units, locale);
    return rowElement(rowAt(state as State, index), index, index === selected, texts, units);
  };
  const list = virtualList(body, rowHeight, rowOf, actions.scrolled);

  body.addEventListener('click', (event) => {
    const index = indexOf(event);
    if (index === null) return;
    actions.select(index);
    actions.open(index, false);
  });
  grid.addEventListener('keydown', (event) => {
    if (!state || event.target !== grid) return;
    if (event.key === 'Enter') actions.open(state.selected, true);
    else if (state.query.tree && (event.key === 'ArrowRight' || event.key === 'ArrowLeft')) {
      actions.turn(state.selected, event.key === 'ArrowRight');
    } else {
      const to = destination(event.key, state.selected, list.fits, state.total ?? 0);
      if (to === null) return;
      actions.select(to);
    }
    event.preventDefault();
  });

  const mark = (index: number, isSelected: boolean): void => {
    const row = document.getElementById(`row-${index}`);
    row?.classList.toggle('selected', isSelected);
    row?.setAttribute('aria-selected', String(isSelected));
  };

  return {
    list,
    draw(next) {
      const before = state;
      state = next;
      if (before && differsInSelection(before, next)) {
        mark(before.selected, false);
        mark(next.selected, true);
        grid.setAttribute('aria-activedescendant', `row-${next.selected}`);
        return;
      }
      const { texts, phase } = next;
      if (!texts) return;
      const count = phase === 'ready' ? (next.total ?? 0) : 0;
      head.update(next);
      map.update(next);
      grid.setAttribute('role', next.query.tree ? 'treegrid' : 'grid');
      columns.update(next);
      root.classList.toggle('failed', phase === 'failed');
      root.classList.toggle('waiting', phase === 'loading' || next.ask !== next.answered);
      grid.setAttribute('aria-label', texts.list);
      grid.setAttribute('aria-rowcount', String(count + 1));
      grid.setAttribute('aria-busy', String(phase === 'loading'));
      if (count > 0) grid.setAttribute('aria-activedescendant', `row-${next.selected}`);
      else grid.removeAttribute('aria-activedescendant');
      list.draw(count, true);
      const message = noticeOf(next);
      notice.hidden = message === null;
      noticeText.textContent = message?.text ?? '';
      noticeButton.hidden = !message?.button;
      noticeButton.textContent = message?.button ?? '';
      // Until a query is answered, the counts of the one before stay with its rows.
      if (next.phase !== 'ready' || next.ask === next.answered) footer.textContent = footerText(next);
    },
  };
}

/** Moving through the list changes nothing else, and is done as fast as a key repeats. */
function differsInSelection(a: State, b: State): boolean {
  const keys = Object.keys(b) as (keyof State)[];
  return (b.total ?? 0) > 0 && keys.every((key) => key === 'selected' || a[key] === b[key]);
}

function indexOf(event: Event): number | null {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.row') : null;
  return row?.dataset.index === undefined ? null : Number(row.dataset.index);
}

/** Where a key leads; null when it is none of the list's. */
function destination(key: string, from: number, fits: number, total: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return from + 1;
    case 'ArrowUp':
      return from - 1;
    case 'PageDown':
      return from + fits;
    case 'PageUp':
      return from - fits;
    case 'Home':
      return 0;
    case 'End':
      return total - 1;
    default:
      return null;
  }
}

function noticeOf(state: State): { text: string; button?: string } | null {
  const { texts, phase } = state;
  if (!texts) return null;
  if (phase === 'failed') return { text: state.message, button: texts.retry };
  if (phase === 'loading' || state.total === null) return { text: texts.loading };
  if (state.total > 0) return null;
  if (isFiltered(state)) return { text: texts.noMatch, button: texts.clear };
  return { text: state.head?.layer === null ? texts.same : texts.empty };
}

function footerText(state: State): string {
  const { texts, head, total, units, locale } = state;
  if (!texts || !head || total === null || state.phase !== 'ready') return '';
  const all = head.added + head.modified + head.removed;
  const number = (count: number) => count.toLocaleString(locale);
  const parts: string[] = [];
  if (state.query.tree) parts.push(all === 1 ? texts.oneChange : texts.changes.replace('{0}', number(all)));
  else if (isFiltered(state))
    parts.push(texts.changesOfAll.replace('{0}', number(total)).replace('{1}', number(all)));
  else parts.push(total === 1 ? texts.oneChange : texts.changes.replace('{0}', number(total)));
  if (head.wastedBytes) parts.push(texts.hidden.replace('{0}', sizeText(head.wastedBytes, units)));
  return parts.join(' · ');
}

function columnRow(sort: (by: Query['sort']) => void) {
  const row = make('div', 'row columns');
  row.setAttribute('role', 'row');
  row.setAttribute('aria-rowindex', '1');
  const plain = (name: string) => {
    const cell = make('div', `cell ${name}`);
    cell.setAttribute('role', 'columnheader');
    return cell;
  };
  const sortable = (name: string, by: Query['sort']) => {
    const cell = plain(name);
    const head = button('', '', () => sort(by));
    const arrow = make('span', 'codicon');
    arrow.setAttribute('aria-hidden', 'true');
    const word = make('span');
    head.append(word, arrow);
    cell.append(head);
    return { cell, word, arrow, by };
  };
  const change = plain('change');
  const path = sortable('pathCell', 'path');
  const before = plain('before');
  const after = sortable('after', 'size');
  const what = plain('what');
  row.append(change, path.cell, before, after.cell, what);
  const group = make('div', 'columnGroup');
  group.setAttribute('role', 'rowgroup');
  group.append(row);
  return {
    element: group,
    update({ texts, query }: State) {
      if (!texts) return;
      change.textContent = texts.change;
      path.word.textContent = texts.path;
      before.textContent = texts.before;
      after.word.textContent = texts.after;
      what.textContent = texts.what;
      for (const { cell, arrow, by } of [path, after]) {
        const direction = by === 'size' ? 'descending' : 'ascending';
        cell.setAttribute('aria-sort', query.sort === by ? direction : 'none');
        arrow.className = `codicon codicon-arrow-small-${by === 'size' ? 'down' : 'up'}`;
        arrow.hidden = query.sort !== by;
      }
    },
  };
}
