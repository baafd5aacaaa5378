// What lies under the sizes of a recorded build: the indexes of its layers, and a way to the bytes of its files. From
// the store and the kept image, or from the record that travels with a project. Measures nothing anew.
import type { BuildRecord } from '../build/model';
import { type RecordedBuild, readRecordedBuild } from '../build/recordedBuild';
import type { Image, Layer, LayerBlob, MeasuredImage, MeasuredLayer } from '../image/model';
import { openImage } from '../image/open';
import { isEngineReference, isFileReference } from '../image/reference';
import { decodeIndex } from '../layers/indexFormat';
import { indexKeys } from '../layers/indexKey';
import type { LayerIndex } from '../layers/model';
import type { IndexStore } from '../layers/store';
import type { Digest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';

export interface Contents {
  /** By layer of the image; null for what is not known. */
  indexes: readonly (LayerIndex | null)[];
  /** Opens the image for the bytes of its files; null when it was not kept. The caller closes it. */
  open: ((signal?: AbortSignal) => Promise<Image>) | null;
  /** False when opening it may take long: the engine would have to save the image each time. */
  opensQuickly: boolean;
  /** Opening it reads this machine's files alone: no program is run, nothing is fetched. False where that is not known. */
  opensFromFiles?: boolean;
}

export const noContents: Contents = { indexes: [], open: null, opensQuickly: true };

/** How an image is opened again: see MeasureTools. */
export type OpenTools = { docker?: string; podman?: string; keep?: string; configs?: string };

/** What of a record its contents hang on. */
export type RecordedImage = Pick<BuildRecord, 'id' | 'choice' | 'imageReference' | 'image'>;

/**
 * @param dockerfile absolute path; its travelling record is used when `record` came from it
 * @param known the indexes of the image's layers, where they are at hand; otherwise they are read
 */
export async function contentsOfRecord(
  host: Host,
  store: IndexStore | null,
  tools: OpenTools,
  dockerfile: string,
  record: RecordedImage,
  known: Contents['indexes'] | null = null,
): Promise<Contents> {
  if (!record.image) return noContents;
  const travelling = record.imageReference === null ? await readRecordedBuild(host.files, dockerfile) : null;
  const recorded = travelling?.record.id === record.id ? travelling : null;
  const indexes =
    known ??
    (await Promise.all(
      record.image.layers.map(
        async (layer) => (await keptIndex(store, layer)) ?? recordedIndex(recorded, layer.diffId),
      ),
    ));
  const isEngine = isEngineReference(record.imageReference ?? '');
  return {
    indexes,
    open: opener(host, tools, record, recorded),
    opensQuickly: !isEngine || tools.keep !== undefined,
    opensFromFiles: record.imageReference === null || isFileReference(record.imageReference),
  };
}

/** Whether the files of all layers of a recorded build are kept: what `contentsOfRecord` would find, without reading it. */
export async function areFilesKnown(
  host: Host,
  store: IndexStore | null,
  dockerfile: string,
  record: RecordedImage,
): Promise<boolean> {
  const layers = record.image?.layers ?? [];
  if (layers.length === 0) return false;
  const isKept = async (layer: MeasuredLayer) => {
    for (const key of keysOf(layer)) if (await store?.has(layer.diffId, key)) return true;
    return false;
  };
  const kept = await Promise.all(layers.map(isKept));
  const missing = layers.filter((_, at) => !kept[at]);
  if (missing.length === 0) return true;
  const travelling = record.imageReference === null ? await readRecordedBuild(host.files, dockerfile) : null;
  const recorded = travelling?.record.id === record.id ? travelling : null;
  return recorded !== null && missing.every(({ diffId }) => recordedIndex(recorded, diffId) !== null);
}

/** How to get at the bytes of an image that can still be read. */
function opener(
  host: Host,
  tools: OpenTools,
  record: RecordedImage,
  recorded: RecordedBuild | null,
): Contents['open'] {
  const { imageReference, image } = record;
  if (imageReference !== null) {
    return async (signal) => {
      const opened = await openImage(host, imageReference, {
        ...tools,
        platform: record.choice.platform ?? undefined,
        signal,
      });
      if (opened.id === image?.id) return opened;
      // Tags and layouts move on with the next build.
      await opened.close();
      throw new StrataError(
        'not-found',
        'The image of this build is gone: another one took its place.',
        'Build again.',
      );
    };
  }
  return image && recorded ? () => Promise.resolve(recordedImage(image, recorded)) : null;
}

/** Of an image that was imported, whose DiffIDs nobody verified, the index is kept under its blob's digest as well. */
function keysOf(layer: MeasuredLayer): Digest[] {
  return indexKeys({ ...layer, mediaType: null, blob: null }, 'claimed', '/').read;
}

async function keptIndex(store: IndexStore | null, layer: MeasuredLayer): Promise<LayerIndex | null> {
  for (const key of keysOf(layer)) {
    const index = await store?.get(layer.diffId, key);
    if (index) return index;
  }
  return null;
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
