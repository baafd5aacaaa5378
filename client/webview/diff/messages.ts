// What the diff panel and its page say to each other, and the guards with which each side looks at what it was sent.
// Types and guards only; both sides bundle this file.
import type {
  DiffHead,
  DiffMapNode,
  DiffPage,
  DiffPageParams,
  DiffParams,
  DiffRow,
  DiffTreePage,
  DiffTreeParams,
  StateRef,
} from '../../../server/src/protocol';

export type Change = DiffRow['change'];
export const changes: readonly Change[] = ['added', 'modified', 'removed'];

export type Grouping = NonNullable<DiffTreeParams['by']>;
export const groupings: readonly Grouping[] = ['directory', 'package', 'layer'];

/** How a person has set the list: kept by the page across restarts. */
export interface Query {
  filter: string;
  /** Shown kinds; never empty. */
  kinds: Change[];
  sort: DiffPageParams['sort'];
  /** In groups, or one flat list. */
  tree: boolean;
  /** What the groups are, while there are some. */
  by: Grouping;
  /** Whether the map shows, and of which directory. */
  map: boolean;
  mapPath: string;
}

/** All changes, as the page first lists them. */
export const wholeList: Query = {
  filter: '',
  kinds: [...changes],
  sort: 'size',
  tree: false,
  by: 'directory',
  map: true,
  mapPath: '',
};

/** Which states the page compares. */
export type Shown = DiffParams;

export type Opening = 'upper' | 'lower' | 'compare';

/** Panel to page. */
export type ToPage =
  /** Another diff, or the first one: the page shows that it loads. */
  | { type: 'loading'; shown: Shown; texts: Texts }
  | { type: 'head'; head: DiffHead; units: 'decimal' | 'binary'; locale: string }
  | { type: 'rows'; ask: number; offset: number; page: DiffPage }
  | { type: 'children'; ask: number; path: string; offset: number; page: DiffTreePage }
  | { type: 'map'; ask: number; map: DiffMapNode | null }
  | { type: 'failed'; message: string };

/** Page to panel. */
export type ToPanel =
  | { type: 'ready' }
  | { type: 'retry' }
  /** `ask` comes back with the rows: answers to an older query are dropped. */
  | { type: 'rows'; ask: number; query: Query; offset: number; limit: number }
  | { type: 'children'; ask: number; query: Query; path: string; offset: number; limit: number }
  | { type: 'map'; ask: number; query: Query }
  /** All changed files as one multi-file diff. */
  | { type: 'changes'; query: Query }
  | { type: 'swap' }
  /** `focus`: the keyboard goes to the editor (Enter); else it stays here (click). */
  | { type: 'open'; path: string; how: Opening; focus: boolean }
  | { type: 'line' }
  /** As text or a file: the panel asks which. */
  | { type: 'export'; query: Query };

/** Every word on the page, translated by the panel. `{0}` is filled by the page. */
export interface Texts {
  loading: string;
  layer: string;
  line: string;
  against: string;
  added: string;
  modified: string;
  removed: string;
  filter: string;
  path: string;
  before: string;
  after: string;
  change: string;
  what: string;
  changes: string;
  oneChange: string;
  changesOfAll: string;
  hidden: string;
  empty: string;
  same: string;
  failed: string;
  noMatch: string;
  clear: string;
  retry: string;
  export: string;
  exportHint: string;
  open: string;
  compare: string;
  openBefore: string;
  list: string;
  treeHint: string;
  groupBy: string;
  byDirectory: string;
  byPackage: string;
  byLayer: string;
  showMap: string;
  map: string;
  wholeMap: string;
  noBytes: string;
  others: string;
  more: string;
  /** Of those that come when they are in sight. */
  moreComing: string;
  openAll: string;
  openAllHint: string;
  swap: string;
  swapHint: string;
  filterHint: string;
  inDirectory: string;
  /** What can change of a file, by the word that a filter takes for it. */
  parts: Record<string, string>;
}

export function isToPanel(value: unknown): value is ToPanel {
  if (!isObject(value)) return false;
  switch (value.type) {
    case 'ready':
    case 'retry':
    case 'line':
    case 'swap':
      return true;
    case 'changes':
    case 'export':
      return isQuery(value.query);
    case 'map':
      return isCount(value.ask) && isQuery(value.query);
    case 'children':
      return (
        isCount(value.ask) &&
        isCount(value.offset) &&
        isCount(value.limit) &&
        typeof value.path === 'string' &&
        isQuery(value.query)
      );
    case 'rows':
      return isCount(value.ask) && isCount(value.offset) && isCount(value.limit) && isQuery(value.query);
    case 'open':
      return (
        typeof value.path === 'string' &&
        typeof value.focus === 'boolean' &&
        (value.how === 'upper' || value.how === 'lower' || value.how === 'compare')
      );
    default:
      return false;
  }
}

/** The panel is trusted; this tells its messages from those of other origins and of browser extensions. */
export function isToPage(value: unknown): value is ToPage {
  return (
    isObject(value) &&
    ['loading', 'head', 'rows', 'children', 'map', 'failed'].some((type) => type === value.type)
  );
}

export function isShown(value: unknown): value is Shown {
  return isObject(value) && typeof value.uri === 'string' && isState(value.from) && isState(value.to);
}

export function isState(value: unknown): value is StateRef {
  if (!isObject(value)) return false;
  switch (value.of) {
    case 'image':
      return isCount(value.upTo) || value.upTo === -1;
    case 'build':
      return typeof value.id === 'string';
    case 'reference':
      return typeof value.reference === 'string' && (value.upTo === null || isCount(value.upTo));
    case 'container':
      return (
        (value.engine === 'docker' || value.engine === 'podman') &&
        typeof value.id === 'string' &&
        (value.below === undefined || typeof value.below === 'boolean')
      );
    default:
      return false;
  }
}

export function isQuery(value: unknown): value is Query {
  return (
    isObject(value) &&
    typeof value.filter === 'string' &&
    (value.sort === 'size' || value.sort === 'path') &&
    typeof value.tree === 'boolean' &&
    groupings.some((by) => value.by === by) &&
    typeof value.map === 'boolean' &&
    typeof value.mapPath === 'string' &&
    Array.isArray(value.kinds) &&
    value.kinds.length > 0 &&
    value.kinds.every((kind) => changes.some((change) => change === kind))
  );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
