// The rows of a diff as the panel shows them: a flat list, a tree a directory at a time, and a map of bytes; filtered and
// sorted, a page at a time. A diff may have a million changes: work on all of them is cut into slices.
import { changeMap } from '../layers/changeMap';
import { type ChangeTree, changeTree } from '../layers/changeTree';
import { entryFilter } from '../layers/entryFilter';
import type { Change, LayerDiff } from '../layers/model';
import { passingChanges, positionsOf } from '../layers/pathMatches';
import { sizeOrder } from '../layers/sizeOrder';
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
import { inSlices } from './slices';

type Query = Pick<DiffPageParams, 'filter' | 'kinds'>;

export async function diffPage(session: Session, params: DiffPageParams): Promise<DiffPage> {
  const { offset, limit, sort } = params;
  const diff = await diffFor(session, params);
  const found = await listOf(diff, params, sort);
  const rows = Array.from(found.subarray(offset, offset + limit), diff.rows.reader(false));
  return { rows: rows.map(row), total: found.length };
}

export async function diffTree(session: Session, params: DiffTreeParams): Promise<DiffTreePage> {
  const { path, sort, offset, limit } = params;
  const tree = await treeOf(await diffFor(session, params), params);
  const { nodes, total } = tree.children(path, sort, offset, limit);
  const rows = nodes.map(({ path, change, totals, bytes }) => ({
    path,
    directory: totals !== null,
    row: change && row(change),
    added: totals?.added ?? null,
    modified: totals?.modified ?? null,
    removed: totals?.removed ?? null,
    bytes,
  }));
  return { rows, total };
}

export async function diffMap(session: Session, params: DiffMapParams): Promise<DiffMapNode | null> {
  return changeMap(await treeOf(await diffFor(session, params), params), params.path);
}

async function diffFor(session: Session, params: DiffParams): Promise<LayerDiff> {
  const { diff } = await diffOf(session, documentOf(session, params.uri), params);
  return diff;
}

/** Of each diff the answers to the query before, under way or there: a person scrolls in them, page after page. */
interface Answers {
  passing: Kept<Uint8Array | null>;
  list: Kept<Uint32Array>;
  tree: Kept<ChangeTree>;
  /** Of all changes, whatever the query. */
  bySize: Kept<Uint32Array>;
}

interface Kept<T> {
  key: string;
  value: Promise<T> | null;
}

const answers = new WeakMap<LayerDiff, Answers>();

function answersOf(diff: LayerDiff): Answers {
  const none = { key: '', value: null };
  const known = answers.get(diff) ?? {
    passing: { ...none },
    list: { ...none },
    tree: { ...none },
    bySize: { ...none },
  };
  answers.set(diff, known);
  return known;
}

function keep<T>(kept: Kept<T>, key: string, make: () => Promise<T>): Promise<T> {
  if (kept.key === key && kept.value) return kept.value;
  kept.key = key;
  kept.value = make();
  return kept.value;
}

/** By change, 1 where the query means it; null when it means all. */
function passing(diff: LayerDiff, { filter, kinds }: Query): Promise<Uint8Array | null> {
  return keep(answersOf(diff).passing, JSON.stringify([filter, kinds]), () =>
    inSlices(passingChanges(diff.rows, kinds, entryFilter(filter))),
  );
}

/** Positions of the changes that the query means, in its order. */
function listOf(diff: LayerDiff, query: Query, sort: DiffPageParams['sort']): Promise<Uint32Array> {
  const { list, bySize } = answersOf(diff);
  return keep(list, JSON.stringify([query.filter, query.kinds, sort]), async () => {
    const passes = await passing(diff, query);
    // Changes come in path order, and sorting is stable.
    const order =
      sort === 'size' ? await keep(bySize, 'all', () => inSlices(sizeOrder(diff.rows.bytes))) : null;
    if (order && !passes) return order;
    return inSlices(positionsOf(order, passes, diff.rows.count));
  });
}

function treeOf(diff: LayerDiff, query: Query): Promise<ChangeTree> {
  return keep(answersOf(diff).tree, JSON.stringify([query.filter, query.kinds]), async () =>
    inSlices(changeTree(diff.rows, await passing(diff, query))),
  );
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
