// What a file is that is no archive of an image, in words that help who named it: a text, empty, something else. A tar
// that was cut or damaged keeps its own words. Decides nothing on what an archive has to hold.
import { StrataError } from '../primitives/errors';

export const nameAnImage =
  'Name an archive that docker save, podman save or skopeo wrote, a folder with an OCI layout, or an image by its name; a Dockerfile is for strata analyze.';

/**
 * @param head the file's first bytes, unpacked ones too where it is compressed
 * @param size of the file
 * @param error what reading it as a tar said; null when it merely has no members
 */
export function noArchive(
  path: string,
  head: Uint8Array,
  size: number,
  isPacked: boolean,
  error: unknown,
): unknown {
  if (error !== null && !(error instanceof StrataError && error.code === 'unreadable')) return error;
  const refuse = (what: string) =>
    new StrataError('unreadable', `${path} ${what}, so it is no archive of an image.`, nameAnImage, error);
  if (size === 0) return refuse('is empty');
  if (isPacked) {
    // Of what is unpacked, the tar's reader alone has seen the beginning.
    const ends = /^The tar is cut: it ends at byte (\d+),/.exec(error?.message ?? '')?.[1];
    const isNone = /the block at byte 0 is no header/.test(error?.message ?? '') || Number(ends) < blockBytes;
    return isNone ? refuse('is compressed, and what is in it is no tar') : error;
  }
  if (isText(head)) return refuse('is a text');
  if (/the block at byte 0 is no header/.test(error?.message ?? ''))
    return refuse('does not begin as a tar does');
  return error;
}

const blockBytes = 512;

/** A tar's header has zeros behind its name. */
function isText(head: Uint8Array): boolean {
  if (head.some((byte) => byte < 0x20 && (byte < 0x09 || byte > 0x0d) && byte !== 0x1b)) return false;
  try {
    // A letter may be cut at the end.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
