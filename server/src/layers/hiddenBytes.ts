// All wasted bytes summed by who wrote them and who hid them, and where most of them lie: exact, while the list of
// wasted files is cut at its largest. Which bytes are wasted is waste.ts.
import type { HiddenBytes, WastedFile } from '../image/model';
import type { PathTrie } from './pathTrie';

interface Pair extends Omit<HiddenBytes, 'places'> {
  /** The only file, as long as it is one. */
  node: number;
  /** Bytes by the node of the directory that holds the files. */
  directories: Map<number, number>;
}

const hows: readonly WastedFile['how'][] = ['overwritten', 'deleted', 'copied-up'];
/** More than an image of a Dockerfile can have; an attacker's image of thousands of layers could. */
const maxPairs = 1000;
const maxPlaces = 3;
/** A further place is told when it holds a tenth of all. */
const tellingPart = 0.1;

export class HiddenBytesCounter {
  private readonly pairs = new Map<number, Pair>();
  private last: Pair | null = null;

  /** @param node of the path that is hidden */
  add(
    trie: PathTrie,
    node: number,
    { bytes, writtenBy, hiddenBy, how, special }: Omit<HiddenBytes, 'files' | 'places'>,
  ): void {
    let pair = this.last;
    if (pair?.writtenBy !== writtenBy || pair.hiddenBy !== hiddenBy || pair.how !== how) {
      const key = (writtenBy * 2 ** 20 + hiddenBy) * hows.length + hows.indexOf(how);
      pair = this.pairs.get(key) ?? null;
      if (!pair) {
        pair = { writtenBy, hiddenBy, how, bytes: 0, files: 0, special, node, directories: new Map() };
        this.pairs.set(key, pair);
      }
      this.last = pair;
    }
    pair.bytes += bytes;
    pair.files++;
    pair.special ||= special;
    const directory = trie.parent[node]!;
    pair.directories.set(directory, (pair.directories.get(directory) ?? 0) + bytes);
  }

  /** Largest first. */
  result(trie: PathTrie): HiddenBytes[] {
    const pathOf = trie.pathReader(false);
    return [...this.pairs.values()]
      .sort((a, b) => b.bytes - a.bytes || a.writtenBy - b.writtenBy || a.hiddenBy - b.hiddenBy)
      .slice(0, maxPairs)
      .map(({ node, directories, ...pair }) => ({
        ...pair,
        places:
          pair.files === 1
            ? [{ path: pathOf(node), bytes: pair.bytes }]
            : placesOf(trie, directories, pair.bytes).map((place) => ({
                path: pathOf(place.node),
                bytes: place.bytes,
              })),
      }));
  }
}

/** The deepest directories that each hold more than half of what those before it left. */
function placesOf(
  { parent }: PathTrie,
  directories: ReadonlyMap<number, number>,
  total: number,
): { node: number; bytes: number }[] {
  const places: { node: number; bytes: number }[] = [];
  let rest = new Map(directories);
  let left = total;
  while (places.length < maxPlaces && left >= total * tellingPart && rest.size > 0) {
    const sums = new Map<number, number>();
    for (const [directory, bytes] of rest) {
      for (let at = directory; at >= 0; at = parent[at]!) sums.set(at, (sums.get(at) ?? 0) + bytes);
    }
    // Those with more than half are one way down from the root, and a child's number is larger than its parent's.
    let node = 0;
    for (const [at, bytes] of sums) if (bytes * 2 > left && at > node) node = at;
    const bytes = sums.get(node)!;
    if (node === 0 || bytes < total * tellingPart) break;
    places.push({ node, bytes });
    left -= bytes;
    rest = new Map([...rest].filter(([directory]) => !isBelow(parent, directory, node)));
  }
  return places;
}

function isBelow(parent: Int32Array, node: number, top: number): boolean {
  let at = node;
  while (at > top) at = parent[at]!;
  return at === top;
}
