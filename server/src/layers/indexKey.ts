// Under which key an index is kept. Indexes are kept for ever by DiffID, and a DiffID is a claim of the image's config
// until someone has hashed the bytes: an archive that claims the DiffID of another image's layer must not lend that
// image its files. So a DiffID is the key only where an engine has verified it; else what was verified here, or the
// place that the claim was read from, is part of the key. It does not verify anything.
import type { Layer } from '../image/model';
import { type Digest, sha256 } from '../primitives/digest';

/** Who says that the layers' bytes have the DiffIDs that the config names. */
export type DiffIdTrust =
  /** An engine or a builder of the person, which verified them as it stored or made the layers. */
  | 'verified'
  /** The image itself. */
  | 'claimed';

export interface IndexKeys {
  /** To look under, the surest first. */
  read: Digest[];
  /** To keep under; null when nothing is known that would tell this layer from another one with the same claim. */
  write: Digest | null;
}

/**
 * @param layer as its source gives it
 * @param base absolute path that the paths of blobs are relative to, where they are
 */
export function indexKeys(layer: Layer, trust: DiffIdTrust, base: string): IndexKeys {
  const { diffId } = layer;
  if (trust === 'verified') return { read: [diffId], write: diffId };
  const own = ownKey(layer, base);
  // Under the DiffID lies what had it in truth: an image that claims it is read as what it says it is.
  return { read: own === null ? [diffId] : [diffId, own], write: own };
}

function ownKey({ diffId, blobDigest, compressedBytes, blob }: Layer, base: string): Digest | null {
  // A compressed blob's digest is verified while it is unpacked (indexer.ts).
  if (blobDigest !== null && compressedBytes !== null) return sha256(`blob\n${blobDigest}\n${diffId}`);
  if (!blob?.region) return null;
  // The same file saved again keeps the indexes of its layers that did not change; another file gets none of them.
  const { length } = blob.region;
  // What was unpacked for this time only is known by where it came from.
  const path = blob.origin ?? blob.region.path;
  const place = /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path) ? path : `${base}/${path}`;
  return sha256(`place\n${place}\n${length}\n${diffId}`);
}
