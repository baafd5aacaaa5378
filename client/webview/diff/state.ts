// What the diff page knows: the diff on show, the query, and the rows that have arrived. Pure; main.ts applies what
// happens, render.ts draws it.
import type { DiffHead, DiffMapNode, DiffRow } from '../../../server/src/protocol';
import {
  type Change,
  changes,
  type Grouping,
  isQuery,
  isShown,
  type Query,
  type Shown,
  type Texts,
  type ToPage,
} from './messages';
import { emptyTree, placeOf, type Tree, withoutPages, withPage, withToggled } from './tree';

export const pageSize = 200;
/** Pages that are held: a million rows would fill the memory of the page, and what is far away comes again in a moment. */
const mostPages = 40;

export interface State {
  phase: 'loading' | 'ready' | 'failed';
  shown: Shown | null;
  texts: Texts | null;
  head: DiffHead | null;
  units: 'decimal' | 'binary';
  locale: string;
  /** Why it failed. */
  message: string;
  query: Query;
  /** Number of the query; rows that answer an older one are dropped. */
  ask: number;
  /** The query whose rows are held: while a newer one is under way, its predecessor stays on the screen. */
  answered: number;
  /** By offset; the one that came last is the last. */
  pages: ReadonlyMap<number, readonly DiffRow[]>;
  total: number | null;
  selected: number;
  /** By directory; its lines are the rows while `query.tree`. */
  tree: Tree;
  /** Undefined until it arrives; null without bytes. */
  map: DiffMapNode | null | undefined;
  /** Number of the map on show. */
  mapAsk: number;
}

/** What survives a restart, as vscode.setState keeps it. */
export interface Kept {
  shown: Shown;
  query: Query;
}

const wholeQuery: Query = {
  filter: '',
  kinds: [...changes],
  sort: 'size',
  tree: false,
  by: 'directory',
  map: true,
  mapPath: '',
};

export function initialState(kept: unknown): State {
  const object =
    typeof kept === 'object' && kept !== null ? (kept as Partial<Record<keyof Kept, unknown>>) : {};
  return {
    phase: 'loading',
    shown: isShown(object.shown) ? object.shown : null,
    texts: null,
    head: null,
    units: 'decimal',
    locale: 'en',
    message: '',
    query: isQuery(object.query) ? object.query : wholeQuery,
    ask: 0,
    answered: 0,
    pages: new Map(),
    total: null,
    selected: 0,
    tree: emptyTree,
    map: undefined,
    mapAsk: 0,
  };
}

export function received(state: State, message: ToPage): State {
  switch (message.type) {
    case 'loading': {
      const same = JSON.stringify(state.shown) === JSON.stringify(message.shown);
      // Another diff starts with the whole list, but as a person likes it sorted.
      const next = { ...state, phase: 'loading' as const, shown: message.shown, texts: message.texts };
      if (same) return next;
      const { sort, tree, by, map } = state.query;
      const query = { ...wholeQuery, sort, tree, by, map };
      const fresh = { pages: new Map(), total: null, tree: emptyTree, map: undefined };
      return { ...next, query, head: null, ...fresh };
    }
    case 'head':
      return asked({
        ...state,
        phase: 'ready',
        head: message.head,
        units: message.units,
        locale: message.locale,
      });
    case 'children': {
      if (message.ask !== state.ask) return state;
      const tree = withPage(state.tree, message.path, message.page, message.offset);
      const first = state.answered !== state.ask;
      // Lines may have come before the one that is selected.
      const selected = first ? 0 : placeOf(state.tree.lines[state.selected], state.selected, tree);
      return withTree({ ...state, answered: state.ask, selected }, tree);
    }
    case 'map':
      return message.ask === state.ask ? { ...state, map: message.map, mapAsk: state.mapAsk + 1 } : state;
    case 'failed':
      return { ...state, phase: 'failed', message: message.message };
    case 'rows': {
      if (message.ask !== state.ask) return state;
      const first = state.answered !== state.ask;
      const pages = new Map(first ? [] : state.pages);
      pages.delete(message.offset);
      pages.set(message.offset, message.page.rows);
      for (const offset of pages.keys()) if (pages.size > mostPages) pages.delete(offset);
      const { total } = message.page;
      const selected = first ? 0 : state.selected;
      return { ...state, pages, total, answered: state.ask, selected: clamp(selected, total) };
    }
  }
}

export function withQuery(state: State, change: Partial<Query>): State {
  return asked({ ...state, query: { ...state.query, ...change } });
}

/** In other groups: none of them is open yet. */
export function withGrouping(state: State, by: Grouping): State {
  return withQuery({ ...state, tree: emptyTree }, { by });
}

/** Turns a kind on or off; the last one on stays, since a list of nothing helps nobody. */
export function withKindToggled(state: State, kind: Change): State {
  const { kinds } = state.query;
  const next = changes.filter((one) => (one === kind ? !kinds.includes(one) : kinds.includes(one)));
  return next.length === 0 ? state : withQuery(state, { kinds: next });
}

/** Into another directory of the map; the list stays. */
export function withMapPath(state: State, mapPath: string): State {
  return { ...state, query: { ...state.query, mapPath } };
}

/** Opens or closes a directory of the tree. */
export function withDirectory(state: State, path: string, isOpen?: boolean): State {
  return withTree(state, withToggled(state.tree, path, isOpen));
}

function withTree(state: State, tree: Tree): State {
  const total = tree.lines.length;
  return { ...state, tree, total, selected: clamp(state.selected, total) };
}

export function withSelected(state: State, index: number): State {
  return { ...state, selected: clamp(index, state.total ?? 0) };
}

/** A row of the list; undefined when it is not held. */
export function rowAt({ pages }: State, index: number): DiffRow | undefined {
  const offset = index - (index % pageSize);
  return pages.get(offset)?.[index - offset];
}

/** Offsets of the pages that the rows from `first` to before `end` need and that have not arrived. */
export function missingPages(state: State, first: number, end: number): number[] {
  if (state.phase !== 'ready' || state.query.tree) return [];
  if (state.answered !== state.ask) return [0];
  const pages: number[] = [];
  const last = Math.min(end, state.total ?? 0);
  for (let offset = Math.floor(first / pageSize) * pageSize; offset < last; offset += pageSize) {
    if (!state.pages.has(offset)) pages.push(offset);
  }
  return pages;
}

export function isFiltered(state: State): boolean {
  return state.query.filter !== '' || state.query.kinds.length < changes.length;
}

function asked(state: State): State {
  const { tree } = state.query;
  return { ...state, ask: state.ask + 1, tree: tree ? withoutPages(state.tree) : emptyTree };
}

function clamp(index: number, total: number): number {
  return Math.max(0, Math.min(index, total - 1));
}
