// The order in which paths are shown: parents before children, siblings in byte order of their names.
import type { PathTrie } from './pathTrie';

/** The nodes, each once, in the order of the tree. */
export function inTreeOrder(trie: PathTrie, nodes: readonly number[]): number[] {
  const wanted = new Uint8Array(trie.count);
  const onTheWay = new Uint8Array(trie.count);
  for (const node of nodes) {
    wanted[node] = 1;
    for (let at = trie.parent[node]!; at >= 0 && onTheWay[at] === 0; at = trie.parent[at]!) onTheWay[at] = 1;
  }
  const compare = trie.compareSiblings();
  const ordered: number[] = [];
  const waiting: number[] = [0];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (wanted[node] === 1) ordered.push(node);
    if (onTheWay[node] === 0) continue;
    const children: number[] = [];
    for (let child = trie.firstChild[node]!; child !== 0; child = trie.nextSibling[child]!) {
      if (wanted[child] === 1 || onTheWay[child] === 1) children.push(child);
    }
    // The last one is taken first.
    children.sort((a, b) => compare(b, a));
    for (const child of children) waiting.push(child);
  }
  return ordered;
}
