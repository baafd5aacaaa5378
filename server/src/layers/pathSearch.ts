// Paths that match what a person types, over all that the layers ever held, deleted ones among them. Looks at names
// first and makes paths of the few that match, in steps: an image may have a million.
import { rowPath } from './entry';
import type { LayerIndex } from './model';
import { manyNamesReader } from './nameTable';
import { rowsOfStep } from './steps';

/** Candidates that are looked at; what a person types first matches half an image. */
const mostCandidates = 4000;

/**
 * At most `limit` paths, the closest first: the name itself, names that begin so, names that hold it; among equals the
 * shorter path. With slashes the text is the end of a path, its last part the beginning of a name.
 */
export function* searchPaths(
  indexes: readonly LayerIndex[],
  text: string,
  limit: number,
): Generator<void, string[]> {
  const wanted = text.trim().replace(/^\/+/, '');
  const slash = wanted.lastIndexOf('/');
  const folder = slash < 0 ? '' : wanted.slice(0, slash).toLowerCase();
  const name = wanted.slice(slash + 1).toLowerCase();
  const found = new Map<string, number>();
  for (const index of indexes) {
    if (found.size >= mostCandidates) break;
    yield* search(index, { folder, name, anywhere: slash < 0 }, found);
  }
  return [...found]
    .sort(([a, rankA], [b, rankB]) => rankA - rankB || a.length - b.length || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([path]) => path);
}

interface Wanted {
  folder: string;
  name: string;
  anywhere: boolean;
}

function* search(index: LayerIndex, wanted: Wanted, found: Map<string, number>): Generator<void> {
  const ranks = yield* ranksOfNames(index, wanted);
  for (let row = 0; row < index.count && found.size < mostCandidates; row++) {
    if (row % rowsOfStep === 0) yield;
    // A row without a name is the opaque marker of the root.
    const rank = ranks[index.name[row]!]!;
    if (rank === 0) continue;
    const path = rowPath(index, row);
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/'))).toLowerCase();
    if (wanted.anywhere || parent === wanted.folder || parent.endsWith(`/${wanted.folder}`)) {
      if (!found.has(path)) found.set(path, rank);
    }
  }
}

/** By name id: 0 for no match, else the smaller the closer. */
function* ranksOfNames(index: LayerIndex, { name, anywhere }: Wanted): Generator<void, Uint8Array> {
  const read = manyNamesReader(index.names);
  const ranks = new Uint8Array(index.names.ends.length);
  for (let id = 1; id < ranks.length; id++) {
    if (id % rowsOfStep === 0) yield;
    const text = read(id).toLowerCase();
    if (text === name) ranks[id] = 1;
    else if (text.startsWith(name)) ranks[id] = 2;
    else if (anywhere && text.includes(name)) ranks[id] = 3;
  }
  return ranks;
}
