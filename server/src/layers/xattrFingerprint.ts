// Extended attributes (capabilities, SELinux labels) are not kept, only whether they differ.
import { createHash } from 'node:crypto';

/** Two sets of xattrs are the same when their fingerprints are: 16 hex digits of a sha256 over names and values. */
export function xattrFingerprint(xattrs: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256');
  for (const name of [...xattrs.keys()].sort()) {
    const value = xattrs.get(name)!;
    hash.update(`${name}\0${value.length}\0`).update(value);
  }
  return hash.digest('hex').slice(0, 16);
}
