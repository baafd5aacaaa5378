// The hash of (parent, name), by which a child is found in an index and in a trie.

export function hashPair(parent: number, name: number): number {
  let h = Math.imul(parent + 1, 0x9e3779b1) ^ Math.imul(name, 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
