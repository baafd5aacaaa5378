// The rows of a diff as the panel shows them: a flat list, a tree a directory at a time, and a map of bytes; filtered and
// sorted, a page at a time.
import { changeMap } from '../layers/changeMap';
import { type ChangeTree, changeBytes, changeTree } from '../layers/changeTree';
import { entryFilter } from '../layers/entryFilter';
import type { Change, LayerDiff } from '../layers/model';
import type {
  DiffMapNode,
  DiffMapParams,
  DiffPage,
  DiffPageParams,
  DiffParams,
  DiffRow,
  DiffTreePage,
  DiffTreeParams,
} from '../protocol';
import { diffOf, documentOf } from './diffs';
import type { Session } from './session';

type Query = Pick<DiffPageParams, 'filter' | 'kinds'> & { sort?: DiffPageParams['sort'] };

export async function diffPage(session: Session, params: DiffPageParams): Promise<DiffPage> {
  const found = matching(await diffFor(session, params), params);
  return { rows: found.slice(params.offset, params.offset + params.limit).map(row), total: found.length };
}

export async function diffTree(session: Session, params: DiffTreeParams): Promise<DiffTreePage> {
  const tree = treeOf(await diffFor(session, params), params);
  const nodes = tree.children(params.path, params.sort);
  const rows = nodes
    .slice(params.offset, params.offset + params.limit)
    .map(({ path, change, totals, bytes }) => ({
      path,
      directory: totals !== null,
      row: change && row(change),
      added: totals?.added ?? null,
      modified: totals?.modified ?? null,
      removed: totals?.removed ?? null,
      bytes,
    }));
  return { rows, total: nodes.length };
}

export async function diffMap(session: Session, params: DiffMapParams): Promise<DiffMapNode | null> {
  return changeMap(treeOf(await diffFor(session, params), params), params.path);
}

async function diffFor(session: Session, params: DiffParams): Promise<LayerDiff> {
  const { diff } = await diffOf(session, documentOf(session, params.uri), params);
  return diff;
}

/** Of each diff the answer to the query before: a person scrolls in it, page after page. */
const lists = new WeakMap<LayerDiff, { key: string; found: readonly Change[] }>();
const trees = new WeakMap<LayerDiff, { key: string; tree: ChangeTree }>();

function matching(diff: LayerDiff, query: Query): readonly Change[] {
  const key = JSON.stringify([query.filter, query.kinds, query.sort]);
  const known = lists.get(diff);
  if (known?.key === key) return known.found;
  const filter = entryFilter(query.filter);
  const kinds = new Set(query.kinds);
  const found = diff.changes.filter(
    (change) =>
      (kinds.size === 0 || kinds.has(change.change)) &&
      (!filter || filter.test({ path: change.path, bytes: changeBytes(change), what: change.what })),
  );
  // Changes come in path order, and sorting is stable.
  if (query.sort === 'size') found.sort((a, b) => changeBytes(b) - changeBytes(a));
  lists.set(diff, { key, found });
  return found;
}

function treeOf(diff: LayerDiff, { filter, kinds }: Query): ChangeTree {
  const key = JSON.stringify([filter, kinds]);
  const known = trees.get(diff);
  if (known?.key === key) return known.tree;
  const tree = changeTree({ changes: [...matching(diff, { filter, kinds, sort: 'path' })] });
  trees.set(diff, { key, tree });
  return tree;
}

function row({ path, change, before, after, what }: Change): DiffRow {
  const shown = after ?? before;
  return {
    path,
    type: shown?.type ?? 'file',
    change,
    before: before?.bytes ?? null,
    after: after?.bytes ?? null,
    what,
    link: shown?.link ?? null,
  };
}
