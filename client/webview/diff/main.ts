// The diff page's entry: takes the panel's messages and a person's actions, changes the state, draws, and asks the
// panel for the rows in sight.
import { changes, isToPage, type ToPanel } from './messages';
import { createPage } from './render';
import { openingOf } from './row';
import {
  initialState,
  type Kept,
  missingPages,
  pageSize,
  received,
  rowAt,
  type State,
  withDirectory,
  withGrouping,
  withKindToggled,
  withMapPath,
  withQuery,
  withSelected,
} from './state';
import { missingPaths, nextPages, treePageSize } from './tree';

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
/** Of these at once: who drags through a million rows passes thousands of pages, and wants where they stop. */
const mostAsked = 4;
let askedPages = 0;
let typing: ReturnType<typeof setTimeout> | undefined;

const page = createPage(document.getElementById('page') as HTMLElement, {
  filter(text) {
    clearTimeout(typing);
    typing = setTimeout(() => query(withQuery(state, { filter: text })), typingMs);
  },
  toggle: (kind) => query(withKindToggled(state, kind)),
  sort: (by) => query(withQuery(state, { sort: by })),
  clear: () => query(withQuery(state, { filter: '', kinds: [...changes] })),
  toggleTree: () => query(withQuery(state, { tree: !state.query.tree })),
  groupBy: (by) => query(withGrouping(state, by)),
  toggleMap: () => {
    set({ ...state, query: { ...state.query, map: !state.query.map } });
    fetchRows();
  },
  openAll: () => vscode.postMessage({ type: 'changes', query: state.query }),
  swap: () => vscode.postMessage({ type: 'swap' }),
  enter(path) {
    set(withMapPath(state, path));
    fetchRows();
  },
  openFile: (path, how) => vscode.postMessage({ type: 'open', path, how, focus: false }),
  line: () => vscode.postMessage({ type: 'line' }),
  export: () => vscode.postMessage({ type: 'export', query: state.query }),
  retry: () => vscode.postMessage({ type: 'retry' }),
  scrolled: fetchRows,
  select(index) {
    set(withSelected(state, index));
    page.list.show(state.selected);
  },
  open(index, focus) {
    const line = state.query.tree ? state.tree.lines[index] : undefined;
    if (line?.more) return;
    if (line?.node.directory) {
      set(withDirectory(state, line.node.path));
      fetchRows();
      return;
    }
    const row = line ? line.node.row : rowAt(state, index);
    const how = row && openingOf(row);
    if (how) vscode.postMessage({ type: 'open', path: row.path, how, focus });
  },
  turn(index, isOpen) {
    const line = state.tree.lines[index];
    if (!line) return;
    const { node, parent } = line;
    if (node.directory && line.isOpen !== isOpen) set(withDirectory(state, node.path, isOpen));
    else if (isOpen) set(withSelected(state, node.directory ? index + 1 : index));
    else
      set(
        withSelected(
          state,
          Math.max(
            0,
            state.tree.lines.findIndex((one) => one.node.path === parent),
          ),
        ),
      );
    page.list.show(state.selected);
    fetchRows();
  },
});

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (!isToPage(data)) return;
  if (data.type === 'rows' && asked.delete(`${data.ask}:${data.offset}`)) askedPages--;
  // What was asked about another diff is not answered any more.
  if (data.type === 'loading' || data.type === 'failed') {
    asked.clear();
    askedPages = 0;
  }
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
  if (state.phase === 'ready') {
    fetchMap();
    fetchTree();
  }
  const { first, end } = page.list.range();
  for (const offset of missingPages(state, first, end)) {
    const key = `${state.ask}:${offset}`;
    // Another query does not wait for the pages of the one before.
    if (asked.has(key) || (askedPages >= mostAsked && offset > 0)) continue;
    asked.add(key);
    askedPages++;
    vscode.postMessage({ type: 'rows', ask: state.ask, query: state.query, offset, limit: pageSize });
  }
}

/** The map of this query and directory, unless it was asked for already. */
function fetchMap(): void {
  const { query, ask } = state;
  const key = `map ${ask} ${query.mapPath}`;
  if (!query.map || asked.has(key)) return;
  asked.add(key);
  vscode.postMessage({ type: 'map', ask, query });
}

function fetchTree(): void {
  const { query, ask } = state;
  if (!query.tree) return;
  const first = missingPaths(state.tree).map((path) => ({ path, offset: 0 }));
  const { first: top, end } = page.list.range();
  for (const { path, offset } of [...first, ...nextPages(state.tree, top, end)]) {
    const key = `tree ${ask} ${offset} ${path}`;
    if (asked.has(key)) continue;
    asked.add(key);
    vscode.postMessage({ type: 'children', ask, query, path, offset, limit: treePageSize });
  }
}
