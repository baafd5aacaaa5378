// What lies under the sizes of a recorded build: the indexes of its layers, and a way to the bytes of its files. From
// the store and the kept image, or from the record that travels with a project. Measures nothing anew.
import type { BuildRecord } from '../build/model';
import { type RecordedBuild, readRecordedBuild } from '../build/recordedBuild';
import type { Image, Layer, LayerBlob, MeasuredImage } from '../image/model';
import { openImage } from '../image/open';
import { decodeIndex } from '../layers/indexFormat';
import type { LayerIndex } from '../layers/model';
import type { IndexStore } from '../layers/store';
import type { Host } from '../primitives/host';

export interface Contents {
  /** By layer of the image; null for what is not known. */
  indexes: readonly (LayerIndex | null)[];
  /** Opens the image for the bytes of its files; null when it was not kept. The caller closes it. */
  open: ((signal?: AbortSignal) => Promise<Image>) | null;
}

export const noContents: Contents = { indexes: [], open: null };

/** @param dockerfile absolute path; its travelling record is used when `record` came from it */
export async function contentsOfRecord(
  host: Host,
  store: IndexStore | null,
  dockerfile: string,
  record: BuildRecord,
): Promise<Contents> {
  if (!record.image) return noContents;
  const travelling = record.imageReference === null ? await readRecordedBuild(host.files, dockerfile) : null;
  const recorded = travelling?.record.id === record.id ? travelling : null;
  const indexes = await Promise.all(
    record.image.layers.map(
      async ({ diffId }) => (await store?.get(diffId)) ?? recordedIndex(recorded, diffId),
    ),
  );
  return { indexes, open: opener(host, record, recorded) };
}

/** How to get at the bytes of an image that can still be read. */
export function opener(host: Host, record: BuildRecord, recorded: RecordedBuild | null): Contents['open'] {
  const { imageReference, image } = record;
  if (imageReference !== null) {
    return (signal) =>
      openImage(host, imageReference, { platform: record.choice.platform ?? undefined, signal });
  }
  return image && recorded ? () => Promise.resolve(recordedImage(image, recorded)) : null;
}

function recordedIndex(recorded: RecordedBuild | null, diffId: string): LayerIndex | null {
  const layer = recorded?.layers.find((one) => one.diffId === diffId);
  return layer ? decodeIndex(Buffer.from(layer.index, 'base64'), layer.diffId) : null;
}

/** The image of a travelling record: its layers' bytes as far as they were recorded. */
function recordedImage(measured: MeasuredImage, recorded: RecordedBuild): Image {
  const layers: Layer[] = measured.layers.map((layer) => ({
    index: layer.index,
    diffId: layer.diffId,
    chainId: layer.chainId,
    blobDigest: layer.blobDigest,
    compressedBytes: layer.compressedBytes,
    mediaType: null,
    blob: recordedBlob(recorded.layers.find((one) => one.diffId === layer.diffId)?.tar ?? null),
  }));
  const [os = '', architecture = '', variant = null] = measured.platform.split('/');
  return {
    reference: measured.reference,
    id: measured.id,
    platform: measured.platform,
    config: {
      os,
      architecture,
      variant,
      diffIds: layers.map(({ diffId }) => diffId),
      history: measured.history,
      workingDir: '',
      user: '',
      env: [],
      onBuild: [],
    },
    layers,
    problems: [],
    close: async () => {},
  };
}

function recordedBlob(tar: string | null): LayerBlob | null {
  if (tar === null) return null;
  return {
    region: null,
    async *open() {
      yield Buffer.from(tar, 'base64');
    },
  };
}
