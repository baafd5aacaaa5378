// The diff page's entry: takes the panel's messages and a person's actions, changes the state, draws, and asks the
// panel for the rows in sight.
import { isToPage, type ToPanel } from './messages';
import { createPage } from './render';
import { openingOf } from './row';
import {
  initialState,
  type Kept,
  missingPages,
  pageSize,
  received,
  type State,
  withKindToggled,
  withQuery,
  withSelected,
} from './state';

declare function acquireVsCodeApi(): {
  postMessage(message: ToPanel): void;
  getState(): unknown;
  setState(state: Kept): void;
};

const vscode = acquireVsCodeApi();
const typingMs = 150;

let state = initialState(vscode.getState());
/** Pages asked for and not here yet, as `query:offset`. */
const asked = new Set<string>();
let typing: ReturnType<typeof setTimeout> | undefined;

const page = createPage(document.getElementById('page') as HTMLElement, {
  filter(text) {
    clearTimeout(typing);
    typing = setTimeout(() => query(withQuery(state, { filter: text })), typingMs);
  },
  toggle: (kind) => query(withKindToggled(state, kind)),
  sort: (by) => query(withQuery(state, { sort: by })),
  clear: () => query(withQuery(state, { filter: '', kinds: ['added', 'modified', 'removed'] })),
  line: () => vscode.postMessage({ type: 'line' }),
  report: () => vscode.postMessage({ type: 'report', query: state.query }),
  retry: () => vscode.postMessage({ type: 'retry' }),
  scrolled: fetchRows,
  select(index) {
    set(withSelected(state, index));
    page.list.show(state.selected);
  },
  open(index, focus) {
    const row = state.rows.get(index);
    const how = row && openingOf(row);
    if (how) vscode.postMessage({ type: 'open', path: row.path, how, focus });
  },
});

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (!isToPage(data)) return;
  if (data.type === 'rows') asked.delete(`${data.ask}:${data.offset}`);
  const answersAnew = data.type === 'rows' && data.ask === state.ask && state.answered !== state.ask;
  set(received(state, data));
  if (answersAnew) page.list.toTop();
  fetchRows();
});

vscode.postMessage({ type: 'ready' });

/** Another query: the rows of the one before stay until its first page is here. */
function query(next: State): void {
  set(next);
  fetchRows();
}

function set(next: State): void {
  state = next;
  if (state.shown) vscode.setState({ shown: state.shown, query: state.query });
  page.draw(state);
}

function fetchRows(): void {
  const { first, end } = page.list.range();
  for (const offset of missingPages(state, first, end)) {
    const key = `${state.ask}:${offset}`;
    if (asked.has(key)) continue;
    asked.add(key);
    vscode.postMessage({ type: 'rows', ask: state.ask, query: state.query, offset, limit: pageSize });
  }
}
