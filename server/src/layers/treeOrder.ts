// The order in which paths are shown: parents before children, siblings in byte order of their names.
import type { PathTrie } from './pathTrie';
import { sortNodes } from './sortedNodes';
import { rowsOfStep } from './steps';

/** The nodes, each once, in the order of the tree; in steps. */
export function* inTreeOrder(trie: PathTrie, nodes: ArrayLike<number>): Generator<void, Int32Array> {
  const { parent, firstChild, nextSibling } = trie;
  const marks = new Uint8Array(trie.count);
  let wanted = 0;
  for (let i = 0; i < nodes.length; i++) {
    if (i % rowsOfStep === 0) yield;
    const node = nodes[i]!;
    if ((marks[node]! & isWanted) !== 0) continue;
    marks[node]! |= isWanted;
    wanted++;
    for (let at = parent[node]!; at >= 0 && (marks[at]! & onTheWay) === 0; at = parent[at]!) {
      marks[at]! |= onTheWay;
    }
  }
  const compare = trie.compareSiblings();
  const lastFirst = (a: number, b: number): number => compare(b, a);
  const ordered = new Int32Array(wanted);
  let count = 0;
  const waiting: number[] = [0];
  let looked = 0;
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (++looked % rowsOfStep === 0) yield;
    if ((marks[node]! & isWanted) !== 0) ordered[count++] = node;
    if ((marks[node]! & onTheWay) === 0) continue;
    const children: number[] = [];
    let isSorted = true;
    for (let child = firstChild[node]!; child !== 0; child = nextSibling[child]!) {
      if (++looked % rowsOfStep === 0) yield;
      if (marks[child] === 0) continue;
      isSorted &&= children.length === 0 || lastFirst(children[children.length - 1]!, child) < 0;
      children.push(child);
    }
    // The last one is taken first. Builders write tars in order, so that there is often nothing to sort.
    if (isSorted) for (const child of children) waiting.push(child);
    else if (children.length < rowsOfStep) waiting.push(...children.sort(lastFirst));
    else for (const child of yield* sortNodes(Int32Array.from(children), lastFirst)) waiting.push(child);
  }
  return ordered;
}

const isWanted = 1;
const onTheWay = 2;
