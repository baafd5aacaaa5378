// The hash of (parent, name), by which a child is found in an index and in a trie. A seed of this process is mixed in, so
// that no image can be made to collide.

export function hashPair(parent: number, name: number): number {
  let h = Math.imul((parent + 1) ^ seed, 0x9e3779b1) ^ Math.imul(name, 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

const seed = Math.floor(Math.random() * 2 ** 32) | 0;
