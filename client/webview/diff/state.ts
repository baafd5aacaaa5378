// What the diff page knows: the diff on show, the query, and the rows that have arrived. Pure; main.ts applies what
// happens, render.ts draws it.
import type { DiffHead, DiffRow } from '../../../server/src/protocol';
import {
  type Change,
  changes,
  isQuery,
  isShown,
  type Query,
  type Shown,
  type Texts,
  type ToPage,
} from './messages';

export const pageSize = 200;

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
  rows: ReadonlyMap<number, DiffRow>;
  total: number | null;
  selected: number;
}

/** What survives a restart, as vscode.setState keeps it. */
export interface Kept {
  shown: Shown;
  query: Query;
}

const wholeQuery: Query = { filter: '', kinds: [...changes], sort: 'size' };

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
    rows: new Map(),
    total: null,
    selected: 0,
  };
}

export function received(state: State, message: ToPage): State {
  switch (message.type) {
    case 'loading': {
      const same = JSON.stringify(state.shown) === JSON.stringify(message.shown);
      // Another diff starts with the whole list, but as a person likes it sorted.
      const next = { ...state, phase: 'loading' as const, shown: message.shown, texts: message.texts };
      if (same) return next;
      const query = { ...wholeQuery, sort: state.query.sort };
      return { ...next, query, head: null, rows: new Map(), total: null };
    }
    case 'head':
      return asked({
        ...state,
        phase: 'ready',
        head: message.head,
        units: message.units,
        locale: message.locale,
      });
    case 'failed':
      return { ...state, phase: 'failed', message: message.message };
    case 'rows': {
      if (message.ask !== state.ask) return state;
      const first = state.answered !== state.ask;
      const rows = new Map(first ? [] : state.rows);
      message.page.rows.forEach((row, index) => {
        rows.set(message.offset + index, row);
      });
      const { total } = message.page;
      const selected = first ? 0 : state.selected;
      return { ...state, rows, total, answered: state.ask, selected: clamp(selected, total) };
    }
  }
}

export function withQuery(state: State, change: Partial<Query>): State {
  return asked({ ...state, query: { ...state.query, ...change } });
}

/** Turns a kind on or off; the last one on stays, since a list of nothing helps nobody. */
export function withKindToggled(state: State, kind: Change): State {
  const { kinds } = state.query;
  const next = changes.filter((one) => (one === kind ? !kinds.includes(one) : kinds.includes(one)));
  return next.length === 0 ? state : withQuery(state, { kinds: next });
}

export function withSelected(state: State, index: number): State {
  return { ...state, selected: clamp(index, state.total ?? 0) };
}

/** Offsets of the pages that the rows from `first` to before `end` need and that have not arrived. */
export function missingPages(state: State, first: number, end: number): number[] {
  if (state.phase !== 'ready') return [];
  if (state.answered !== state.ask) return [0];
  const pages: number[] = [];
  const last = Math.min(end, state.total ?? 0);
  for (let offset = Math.floor(first / pageSize) * pageSize; offset < last; offset += pageSize) {
    const known =
      state.rows.has(Math.max(first, offset)) && state.rows.has(Math.min(last, offset + pageSize) - 1);
    if (!known) pages.push(offset);
  }
  return pages;
}

export function isFiltered(state: State): boolean {
  return state.query.filter !== '' || state.query.kinds.length < changes.length;
}

function asked(state: State): State {
  return { ...state, ask: state.ask + 1 };
}

function clamp(index: number, total: number): number {
  return Math.max(0, Math.min(index, total - 1));
}
