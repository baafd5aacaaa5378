// A layer's tar as bytes at positions, where it lies uncompressed in a plain file. What has to be unpacked is streamed
// by those who need it; what the bytes mean is told by the index.
import type { LayerBlob } from '../image/model';
import { sniffBytes, sniffCompression } from '../primitives/compression';
import type { Host, RandomAccessFile } from '../primitives/host';

/**
 * Opens the tar of a blob for reading at positions in the tar; the caller closes it. Null when the blob is compressed
 * or no part of a file. Throws StrataError('not-found' | 'unreadable' | 'unsupported').
 */
export async function openPlainLayer(
  host: Host,
  blob: LayerBlob,
  signal?: AbortSignal,
): Promise<RandomAccessFile | null> {
  await blob.settle?.(signal);
  const { region } = blob;
  if (!region) return null;
  const file = await host.files.open(region.path);
  let isPlain = false;
  try {
    const head = await file.read(region.offset, Math.min(sniffBytes, region.length));
    isPlain = sniffCompression(head) === 'none';
  } finally {
    if (!isPlain) await file.close();
  }
  if (!isPlain) return null;
  return {
    size: region.length,
    read: (position, length) =>
      file.read(region.offset + position, Math.max(0, Math.min(length, region.length - position))),
    close: () => file.close(),
  };
}
