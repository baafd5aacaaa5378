// The texts of an index in another order: those of links and xattrs first. They are few among many names, so that
// their columns then are half as wide. What the index says stays the same.
import type { LayerIndex } from './model';
import { narrow } from './rowTable';

/** The index, or a smaller one that says the same; it may share memory with the one given. */
export function packIndex(index: LayerIndex): LayerIndex {
  const { link, xattrs, name, count, names } = index;
  if (!(link instanceof Uint32Array || xattrs instanceof Uint32Array)) return index;
  const texts = names.ends.length;
  const isFirst = new Uint8Array(texts);
  for (let row = 0; row < count; row++) {
    isFirst[link[row]!] = 1;
    isFirst[xattrs[row]!] = 1;
  }
  // 0 is no text and stays where it is.
  isFirst[0] = 0;
  const ids = new Uint32Array(texts);
  const bytes = new Uint8Array(names.bytes.length);
  const ends = new Uint32Array(texts);
  let used = 0;
  let next = 1;
  for (const turn of [1, 0]) {
    for (let id = 1; id < texts; ) {
      const start = id;
      while (id < texts && isFirst[id] === turn) id++;
      const from = names.ends[start - 1]!;
      bytes.set(names.bytes.subarray(from, names.ends[id - 1]!), used);
      for (let at = start; at < id; at++) {
        ids[at] = next;
        ends[next++] = used + names.ends[at]! - from;
      }
      used += names.ends[id - 1]! - from;
      while (id < texts && isFirst[id] !== turn) id++;
    }
  }
  const moved = (column: ArrayLike<number>): Uint32Array => {
    const to = new Uint32Array(count);
    for (let row = 0; row < count; row++) to[row] = ids[column[row]!]!;
    return to;
  };
  return {
    ...index,
    names: { bytes, ends },
    name: narrow(moved(name), count),
    link: narrow(moved(link), count),
    xattrs: narrow(moved(xattrs), count),
  };
}
