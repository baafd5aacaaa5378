// What images share: their layers as one tree of snapshots, as an engine stores them (containerd names a snapshot by the
// ChainID: the layer with all below it). An image is a path from a root; where paths run together, bytes are stored
// once. Pure; sizes may be unknown, and then so are the sums.
import type { Digest } from '../primitives/digest';

export interface SharedImage {
  name: string;
  layers: readonly { diffId: Digest; chainId: Digest; bytes: number | null }[];
}

export interface Snapshot {
  chainId: Digest;
  diffId: Digest;
  /** Of this layer alone. */
  bytes: number | null;
  /** Names of all images that hold it, in the order given. */
  images: string[];
  /** Names of those that end with it. */
  tops: string[];
  children: Snapshot[];
}

export interface Sharing {
  roots: Snapshot[];
  /** Bytes that are stored, each snapshot once; null when a size is unknown. */
  storedBytes: number | null;
  /** Bytes that as many images would take without sharing. */
  apartBytes: number | null;
}

/** The same image given twice under one name counts once. */
export function sharingOf(images: readonly SharedImage[]): Sharing {
  const byChain = new Map<Digest, Snapshot>();
  const roots: Snapshot[] = [];
  let stored: number | null = 0;
  let apart: number | null = 0;
  for (const { name, layers } of distinct(images)) {
    let siblings = roots;
    for (const [at, { chainId, diffId, bytes }] of layers.entries()) {
      let snapshot = byChain.get(chainId);
      if (!snapshot) {
        snapshot = { chainId, diffId, bytes, images: [], tops: [], children: [] };
        byChain.set(chainId, snapshot);
        siblings.push(snapshot);
        stored = sum(stored, bytes);
      }
      snapshot.images.push(name);
      if (at === layers.length - 1) snapshot.tops.push(name);
      apart = sum(apart, bytes);
      siblings = snapshot.children;
    }
  }
  return { roots, storedBytes: stored, apartBytes: apart };
}

/** Bytes that sharing a snapshot saves: it is there once for all its images. */
export function savedBytes({ bytes, images }: Snapshot): number | null {
  return bytes === null ? null : bytes * (images.length - 1);
}

/** By ChainID, the names of the images that hold it. */
export function imagesByChain({ roots }: Sharing): Map<Digest, readonly string[]> {
  const found = new Map<Digest, readonly string[]>();
  const waiting = [...roots];
  for (let one = waiting.pop(); one; one = waiting.pop()) {
    found.set(one.chainId, one.images);
    for (const child of one.children) waiting.push(child);
  }
  return found;
}

function distinct(images: readonly SharedImage[]): SharedImage[] {
  const seen = new Set<string>();
  return images.filter(({ name }) => !seen.has(name) && seen.add(name));
}

function sum(total: number | null, bytes: number | null): number | null {
  return total === null || bytes === null ? null : total + bytes;
}
