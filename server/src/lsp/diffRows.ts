// The rows of a diff as the panel shows them: a flat list, a tree a directory at a time, and a map of bytes; filtered and
// sorted, a page at a time. A diff may have a million changes: work on all of them is cut into slices.
import type { CancellationToken } from 'vscode-languageserver/node';
import type { ChangeGroups } from '../layers/changeGroups';
import { changeMapInSteps } from '../layers/changeMap';
import { type ChangeTree, changeTree } from '../layers/changeTree';
import { entryFilter } from '../layers/entryFilter';
import type { Change, LayerDiff } from '../layers/model';
import { passingChanges, positionsOf } from '../layers/pathMatches';
import { orderBySize } from '../layers/sizeOrder';
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
import { abortOf } from './cancellation';
import { type GroupedBy, groupChanges, groupName } from './diffGroups';
import { diffOf, documentOf } from './diffs';
import { KeptAnswers } from './keptAnswers';
import type { Session } from './session';
import { inSlices } from './slices';

type Query = Pick<DiffPageParams, 'filter' | 'kinds'>;

export async function diffPage(
  session: Session,
  params: DiffPageParams,
  token?: CancellationToken,
): Promise<DiffPage> {
  const { offset, limit, sort } = params;
  const diff = await diffFor(session, params);
  const found = await listOf(diff, params, sort, askerOf(token));
  const rows = Array.from(found.subarray(offset, offset + limit), diff.rows.reader(false));
  return { rows: rows.map(row), total: found.length };
}

export async function diffTree(
  session: Session,
  params: DiffTreeParams,
  token?: CancellationToken,
): Promise<DiffTreePage> {
  const { path, sort, offset, limit, by = 'directory' } = params;
  const diff = await diffFor(session, params);
  const asker = askerOf(token);
  const tree = await (by === 'directory'
    ? treeOf(diff, params, asker)
    : groupsOf(session, diff, params, by, asker));
  const { nodes, total } = await inSlices(tree.childrenInSteps(path, sort, offset, limit), asker);
  const named = by !== 'directory' && path === '' ? by : null;
  const document = documentOf(session, params.uri);
  const rows = nodes.map(({ path, change, totals, bytes }) => ({
    path,
    group: named && groupName(document, params, named, path),
    directory: totals !== null,
    row: change && row(change),
    added: totals?.added ?? null,
    modified: totals?.modified ?? null,
    removed: totals?.removed ?? null,
    bytes,
  }));
  return { rows, total };
}

export async function diffMap(
  session: Session,
  params: DiffMapParams,
  token?: CancellationToken,
): Promise<DiffMapNode | null> {
  const asker = askerOf(token);
  const tree = await treeOf(await diffFor(session, params), params, asker);
  return inSlices(changeMapInSteps(tree, params.path), asker);
}

function askerOf(token: CancellationToken | undefined): AbortSignal | undefined {
  return token && abortOf(token).signal;
}

async function diffFor(session: Session, params: DiffParams): Promise<LayerDiff> {
  const { diff } = await diffOf(session, documentOf(session, params.uri), params);
  return diff;
}

/** Of each diff the answers to the query before, under way or there: a person scrolls in them, page after page. */
interface Answers {
  passing: KeptAnswers<Uint8Array | null>;
  list: KeptAnswers<Uint32Array>;
  tree: KeptAnswers<ChangeTree>;
  groups: KeptAnswers<ChangeGroups>;
  /** Of all changes, whatever the query. */
  bySize: KeptAnswers<Uint32Array>;
}

const answers = new WeakMap<LayerDiff, Answers>();

function answersOf(diff: LayerDiff): Answers {
  const known = answers.get(diff) ?? {
    passing: new KeptAnswers(1),
    list: new KeptAnswers(1),
    tree: new KeptAnswers(1),
    groups: new KeptAnswers(1),
    bySize: new KeptAnswers(1),
  };
  answers.set(diff, known);
  return known;
}

/** By change, 1 where the query means it; null when it means all. */
function passing(diff: LayerDiff, { filter, kinds }: Query, asker: AbortSignal): Promise<Uint8Array | null> {
  const work = (signal: AbortSignal) =>
    inSlices(passingChanges(diff.rows, kinds, entryFilter(filter)), signal);
  return answersOf(diff).passing.get(JSON.stringify([filter, kinds]), work, asker);
}

/** Positions of the changes that the query means, in its order. */
export function listOf(
  diff: LayerDiff,
  query: Query,
  sort: DiffPageParams['sort'],
  asker: AbortSignal | undefined,
): Promise<Uint32Array> {
  const { list, bySize } = answersOf(diff);
  const work = async (signal: AbortSignal) => {
    const passes = await passing(diff, query, signal);
    // Changes come in path order, and sorting is stable. The order serves all queries, and is never given up.
    const order = sort === 'size' ? await bySize.get('all', () => inSlices(orderBySize(diff.rows))) : null;
    if (order && !passes) return order;
    return inSlices(positionsOf(order, passes, diff.rows.count), signal);
  };
  return list.get(JSON.stringify([query.filter, query.kinds, sort]), work, asker);
}

function treeOf(diff: LayerDiff, query: Query, asker: AbortSignal | undefined): Promise<ChangeTree> {
  const work = async (signal: AbortSignal) =>
    inSlices(changeTree(diff.rows, await passing(diff, query, signal)), signal);
  return answersOf(diff).tree.get(JSON.stringify([query.filter, query.kinds]), work, asker);
}

/** By package or layer, of the changes that the query means. */
function groupsOf(
  session: Session,
  diff: LayerDiff,
  params: DiffTreeParams,
  by: GroupedBy,
  asker: AbortSignal | undefined,
): Promise<ChangeGroups> {
  const { filter, kinds } = params;
  const work = async (signal: AbortSignal) => {
    const passes = await passing(diff, params, signal);
    return groupChanges(session, documentOf(session, params.uri), params, by, diff, passes);
  };
  return answersOf(diff).groups.get(JSON.stringify([by, filter, kinds]), work, asker);
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
