// Verifies bytes that pass by against the digest that names them. What passes by, and when, is the caller's.
import { createHash } from 'node:crypto';
import { type Digest, shortDigest } from './digest';
import { StrataError } from './errors';

export interface DigestCheck {
  /** How many passed by. */
  bytes: number;
  /** The next bytes, in order. */
  update(bytes: Uint8Array): void;
  /** Once, behind the last ones. Throws StrataError('unreadable') when they are not what the digest says. */
  verify(): void;
}

/** Null without a digest to verify. */
export function digestCheck(digest: Digest | null | undefined): DigestCheck | null {
  if (!digest) return null;
  const hash = createHash('sha256');
  return {
    bytes: 0,
    update(bytes) {
      this.bytes += bytes.length;
      hash.update(bytes);
    },
    verify() {
      if (`sha256:${hash.digest('hex')}` === digest) return;
      throw new StrataError(
        'unreadable',
        `The stored bytes are not what the digest sha256:${shortDigest(digest)}… says.`,
      );
    },
  };
}
