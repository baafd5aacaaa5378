// Whether files hold what their names say: the first bytes of each, read where they can be had cheaply. What was read
// is judged and forgotten; nothing of it is kept or shown.
import type { Layer } from '../image/model';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { type Body, bodyOf, plainPieces, streamPieces, takeBodies } from './bodies';
import { openPlainLayer } from './layerBytes';
import type { LayerIndex } from './model';
import type { SecretCandidate } from './secretNames';

/** Enough for the head of a key and for the lines of a configuration. */
const headBytes = 16 * 1024;
/** How far a compressed layer is unpacked for them. */
const maxUnpacked = 256 * 2 ** 20;

/**
 * By row: whether the content is a secret. Rows that could not be read are left out.
 * Throws StrataError('cancelled') or an abort only.
 */
export async function readSecrets(
  host: Host,
  layer: Layer,
  index: LayerIndex,
  candidates: readonly SecretCandidate[],
  signal?: AbortSignal,
): Promise<Map<number, boolean>> {
  const found = new Map<number, boolean>();
  const { blob } = layer;
  if (!blob) return found;
  const kinds = new Map(candidates.map(({ row, path }) => [row, path]));
  const sparse = new Set(index.sparse);
  const bodies: Body[] = candidates
    .filter(({ row }) => !sparse.has(row))
    .map(({ row }) => bodyOf(index, row))
    .map((body) => ({ ...body, end: Math.min(body.end, body.offset + headBytes) }))
    .sort((a, b) => a.offset - b.offset);
  try {
    const file = await openPlainLayer(host, blob, signal);
    const near = file ? bodies : bodies.filter(({ end }) => end <= maxUnpacked);
    if (near.length === 0) return found;
    try {
      const pieces = file ? plainPieces(file, near, signal) : streamPieces(blob, signal);
      await takeBodies(near, pieces, ({ row }) => {
        const parts: Uint8Array[] = [];
        return {
          // A piece is only lent.
          add: (part) => void parts.push(part.slice()),
          end: () => void found.set(row, isSecret(kinds.get(row)!, Buffer.concat(parts).toString('latin1'))),
        };
      });
    } finally {
      await file?.close();
    }
  } catch (error) {
    if (isCancelled(error) || signal?.aborted || !(error instanceof StrataError)) throw error;
  }
  return found;
}

/** @param text the first bytes, as Latin-1 */
export function isSecret(path: string, text: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  switch (name) {
    case '.npmrc':
      // `${NPM_TOKEN}` is taken from the environment when npm runs.
      return /^[^#;\n]*(?:_authToken|_auth|_password)[ \t]*=[ \t]*["']?[^\s"'$]/m.test(text);
    case '.pypirc':
    case '.netrc':
      return /\bpassword\b[ \t]*[:=]?[ \t]*\S/i.test(text);
    case '.git-credentials':
      return /:\/\/[^\s/@:]*:[^\s/@]+@/.test(text);
    case 'credentials':
      return /aws_(?:secret_access_key|session_token)[ \t]*=[ \t]*\S/i.test(text);
    case 'config.json':
      return /"(?:auth|identitytoken|registrytoken)"\s*:\s*"[^"]/.test(text);
    case '.env':
      return /^[ \t]*(?:export[ \t]+)?\w*(?:SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|PRIVATE_?KEY)\w*[ \t]*=[ \t]*["']?[^\s"'$#<]/im.test(
        text,
      );
    default:
      return /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/.test(text);
  }
}
