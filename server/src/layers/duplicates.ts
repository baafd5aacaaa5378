// The same content stored more than once in the merged view: large files of equal size first, then, as long as a budget
// lasts, their sums. What could not be compared is not claimed.
import type { DuplicateContent, Layer } from '../image/model';
import type { ContentPair, ContentSums } from './contentSums';
import { type LayerIndex, rowTypes } from './model';
import type { Stack } from './stack';

/** Smaller files are too many to read, and too little to gain. */
const leastBytes = 64 * 1024;
/** Bodies read at most, the largest first. */
const maxRead = 128 * 2 ** 20;
/** To unpack before them in compressed layers, with them. */
const maxUnpacked = 512 * 2 ** 20;
/** Files of one size that are compared. */
const maxAlike = 64;
const maxResults = 200;
const maxCopies = 20;

interface AlikeFile {
  layer: number;
  row: number;
  node: number;
}

/** Visible files of equal size, two at least, by that size; the largest first. */
function alikeFiles(stack: Stack): { bytes: number; files: AlikeFile[] }[] {
  const bySize = new Map<number, AlikeFile[]>();
  stack.layers.forEach((index, layer) => {
    const { size, type, count } = index;
    let nodes: Int32Array | null = null;
    for (let row = 0; row < count; row++) {
      if (size[row]! < leastBytes || type[row] !== rowTypes.file) continue;
      nodes ??= stack.trie.nodesOf(index);
      const node = nodes[row]!;
      if (stack.layer[node] !== layer || stack.row[node] !== row) continue;
      const bytes = size[row]!;
      const alike = bySize.get(bytes);
      if (alike) alike.push({ layer, row, node });
      else bySize.set(bytes, [{ layer, row, node }]);
    }
  });
  return [...bySize]
    .map(([bytes, files]) => ({ bytes, files }))
    .filter(({ files }) => files.length > 1)
    .sort((a, b) => b.bytes - a.bytes);
}

/** Largest first. Throws as ContentSums.read. */
export async function findDuplicates(
  stack: Stack,
  sums: ContentSums,
  layers: ReadonlyMap<LayerIndex, Layer>,
  signal?: AbortSignal,
): Promise<DuplicateContent[]> {
  const groups: ReturnType<typeof alikeFiles> = [];
  let left = maxRead;
  for (const group of alikeFiles(stack)) {
    const files = group.files.slice(0, maxAlike);
    if (group.bytes * files.length > left) continue;
    left -= group.bytes * files.length;
    groups.push({ ...group, files });
  }
  const version = ({ layer, row }: AlikeFile) => ({ index: stack.layers[layer]!, row });
  const pairs = groups.flatMap(({ files }): ContentPair[] =>
    files.slice(1).map((file) => ({ before: version(files[0]!), after: version(file) })),
  );
  if (pairs.length === 0) return [];
  await sums.read(pairs, layers, { maxBytes: maxUnpacked, signal });
  const pathOf = stack.trie.pathReader(false);
  const found: DuplicateContent[] = [];
  for (const { bytes, files } of groups) {
    for (let rest = files; rest.length > 1; ) {
      const [first, ...others] = rest as [AlikeFile, ...AlikeFile[]];
      const isSame = (file: AlikeFile) => sums.sameContent(version(first), version(file)) === true;
      const copies = [first, ...others.filter(isSame)];
      rest = others.filter((file) => !isSame(file));
      if (copies.length < 2) continue;
      found.push({
        bytes,
        count: copies.length,
        copies: copies.slice(0, maxCopies).map(({ layer, node }) => ({ layer, path: pathOf(node) })),
      });
    }
  }
  return found.sort((a, b) => b.bytes * (b.count - 1) - a.bytes * (a.count - 1)).slice(0, maxResults);
}
