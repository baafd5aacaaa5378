// The table of contents that an eStargz or a zstd:chunked layer carries behind its files: what is in the layer, read
// without the layer. Where it lies the layer's last bytes or the manifest tell; only one that has the digest which the
// manifest names is believed (stargz-snapshotter, docs/estargz.md, "TOC" and "Footer"; containers/storage,
// docs/containers-storage-zstd-chunked.md). What it says becomes an index in layers/listedIndex.ts.
import { joinChunks, oneChunk } from '../primitives/chunks';
import { decompress } from '../primitives/decompress';
import { type Digest, isDigest, sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import { readTar } from '../primitives/tar';
import type { LayerBlob } from './model';

/** Where a manifest says that a layer's table of contents is, and what it must be. */
export type ListingClaim =
  | { kind: 'estargz'; digest: Digest }
  /** `offset` and `length` in bytes of the stored layer; `digest` is of the compressed table. */
  | { kind: 'zstd:chunked'; digest: Digest; offset: number; length: number };

const maxStored = 64 * 2 ** 20;
const limits = { maxBytes: 512 * 2 ** 20, maxRatio: 2000, ratioAfter: 64 * 2 ** 20 };
/** An empty gzip member whose extra field bears the offset: 10 bytes of header, 2 + 4 + 22 of extra, 5 of data, 8 of trailer. */
const footerBytes = 51;

/** What the annotations of a layer's descriptor claim; null where they claim nothing that can be checked. */
export function listingClaim(annotations: Readonly<Record<string, unknown>>): ListingClaim | null {
  const estargz = annotations['containerd.io/snapshot/stargz/toc.digest'];
  if (isDigest(estargz)) return { kind: 'estargz', digest: estargz };
  // Before 2022 without `github` (podman 4.3 writes that).
  const told = (name: string): unknown =>
    annotations[`io.github.containers.zstd-chunked.${name}`] ??
    annotations[`io.containers.zstd-chunked.${name}`];
  const digest = told('manifest-checksum');
  const position = told('manifest-position');
  // offset:length:length uncompressed:type, and type 1 is the one that there is.
  const parts = typeof position === 'string' ? /^(\d{1,15}):(\d{1,10}):\d{1,10}:1$/.exec(position) : null;
  return isDigest(digest) && parts
    ? { kind: 'zstd:chunked', digest, offset: Number(parts[1]), length: Number(parts[2]) }
    : null;
}

/**
 * The table as JSON text; null where the layer does not give it: then the layer itself tells.
 * @param size bytes of the stored layer
 * Throws StrataError('unreadable') when it is not what the manifest says it is, and what a connection throws.
 */
export async function readListing(
  blob: LayerBlob,
  size: number,
  claim: ListingClaim,
  signal?: AbortSignal,
): Promise<string | null> {
  try {
    const table =
      claim.kind === 'estargz' ? await estargz(blob, size, signal) : await chunked(blob, claim, signal);
    if (table === null) return null;
    if (sha256(table.checked) !== claim.digest) {
      throw new StrataError(
        'unreadable',
        `The table of contents of a layer is not the one of its digest ${claim.digest}.`,
        'Something between here and the registry may have changed it.',
      );
    }
    return (await table.json()).toString('utf8');
  } catch (error) {
    if (error instanceof StrataError && (error.code === 'unsupported' || error.code === 'hostile'))
      return null;
    throw error;
  }
}

interface Table {
  /** The bytes that the digest is of. */
  checked: Uint8Array;
  json(): Promise<Buffer>;
}

async function estargz(blob: LayerBlob, size: number, signal?: AbortSignal): Promise<Table | null> {
  if (!blob.range || size <= footerBytes) return null;
  const footer = Buffer.from(await blob.range(size - footerBytes, footerBytes, signal));
  const offset = footerOffset(footer);
  if (offset === null || offset >= size - footerBytes) return null;
  const length = size - footerBytes - offset;
  if (length > maxStored) return null;
  const stored = await blob.range(offset, length, signal);
  for await (const { name, body } of readTar(decompress(oneChunk(stored), { limits, signal }))) {
    if (name !== 'stargz.index.json') continue;
    const json = await joinChunks(body);
    return { checked: json, json: async () => json };
  }
  return null;
}

/** `SG`, 22, then the offset in 16 hexadecimal digits and `STARGZ`. */
function footerOffset(footer: Buffer): number | null {
  const extra = footer.subarray(12, 38);
  if (footer.length !== footerBytes || footer[0] !== 0x1f || footer[1] !== 0x8b) return null;
  if (extra.toString('latin1', 0, 2) !== 'SG' || extra.readUInt16LE(2) !== 22) return null;
  const text = /^([0-9a-f]{16})STARGZ$/.exec(extra.toString('latin1', 4, 26));
  const offset = text ? Number.parseInt(text[1]!, 16) : Number.NaN;
  return Number.isSafeInteger(offset) ? offset : null;
}

async function chunked(
  blob: LayerBlob,
  { offset, length }: ListingClaim & { kind: 'zstd:chunked' },
  signal?: AbortSignal,
): Promise<Table | null> {
  if (!blob.range || length > maxStored) return null;
  const stored = await blob.range(offset, length, signal);
  return { checked: stored, json: () => joinChunks(decompress(oneChunk(stored), { limits, signal })) };
}
