// Writes the record of a build beside its Dockerfile, so that whoever opens the project sees measured sizes without
// building. Contents of layers go along while they are small; the base image's never, since it is not the project's.
import { gzipSync } from 'node:zlib';
import { knowledgeOfRecord } from '../analysis/knowledge';
import type { BuildRecord } from '../build/model';
import { keptRecord } from '../build/recordedArguments';
import { type RecordedBuild, type RecordedLayer, writeRecordedBuild } from '../build/recordedBuild';
import type { Layer } from '../image/model';
import { openImage } from '../image/open';
import { encodeIndex } from '../layers/indexFormat';
import type { IndexStore } from '../layers/store';
import { decompress } from '../primitives/decompress';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';

/** Unpacked bytes of a layer's tar above which its contents stay out, and of gzip'd bytes of all together. */
const largestTar = 2_000_000;
const largestTotal = 1_000_000;

/** @throws StrataError 'unsupported' without a store, or when even the lists of files are too large */
export async function recordForProject(
  host: Host,
  store: IndexStore | null,
  dockerfile: string,
  record: BuildRecord,
): Promise<void> {
  const { image, imageReference } = record;
  if (!store || !image || imageReference === null) {
    throw new StrataError(
      'unsupported',
      'Only a measured build whose image was kept can be recorded.',
      'Leave --no-store out.',
    );
  }
  const base = new Set(knowledgeOfRecord(record).mapping?.baseLayers ?? []);
  const opened = await openImage(host, imageReference, { platform: record.choice.platform ?? undefined });
  try {
    const layers: RecordedLayer[] = [];
    let left = largestTotal;
    for (const layer of opened.layers) {
      if (layers.some(({ diffId }) => diffId === layer.diffId)) continue;
      const index = await store.get(layer.diffId);
      if (!index) continue;
      const tar = base.has(layer.index) ? null : await smallTar(layer, left);
      left -= tar?.length ?? 0;
      layers.push({
        diffId: layer.diffId,
        index: Buffer.from(encodeIndex(index)).toString('base64'),
        tar: tar?.toString('base64') ?? null,
      });
    }
    await writeRecordedBuild(host.files, dockerfile, { record: portable(record), layers });
  } finally {
    await opened.close();
  }
}

/** The layer's tar, gzip'd; null when it is too large. */
async function smallTar(layer: Layer, left: number): Promise<Buffer | null> {
  if (!layer.blob) return null;
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of decompress(layer.blob.open())) {
    bytes += part.length;
    if (bytes > largestTar) return null;
    parts.push(part);
  }
  const packed = gzipSync(Buffer.concat(parts), { level: 9 });
  return packed.length <= left ? packed : null;
}

/** Without what is of this machine only: where the image lies, and the names of the builder's instance. */
function portable(record: BuildRecord): RecordedBuild['record'] {
  return {
    ...keptRecord(record),
    imageReference: null,
    // Paths of the context and words for the builder are of this machine, and its cache is no one else's.
    cache: null,
    builder: { ...record.builder, instance: null },
    image: record.image && { ...record.image, reference: `recorded:${record.dockerfile}` },
  };
}
