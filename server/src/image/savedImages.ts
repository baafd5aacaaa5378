// An image that an engine has to save before its layers can be read: docker and podman alike. Saving takes seconds a
// GB, so it is done only for bytes that someone asks for: an image whose config is known from an earlier time opens
// at once, and its layers come when the first of them is read. How an engine is asked is in its own file.
import { sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { imageOfArchive, openArchive } from './archive';
import { assembleImage } from './assemble';
import { parseImageConfig } from './config';
import { readDockerArchive } from './dockerArchive';
import { type EngineImage, findConfig, type KeptConfig, keepConfig, keyOf } from './keptConfigs';
import type { Image, LayerBlob } from './model';
import { choosePlatform } from './platform';
import { type SharedTask, sharedTask } from './sharedTask';

export interface SavedOptions {
  reference: string;
  platform?: string;
  /** A folder in which the saved file is kept for the next time; without it, `close` removes it. */
  keep?: string;
  /** A folder for the images' configs; default: `keep`. Without either, an image is saved each time. */
  configs?: string;
  signal?: AbortSignal;
}

/** How an engine is asked. */
export interface EngineDoor {
  /** Throws StrataError('not-found') when the engine has no such image. */
  inspect(): Promise<EngineImage>;
  /** Writes a docker archive to a path where nothing is. */
  save(path: string, signal: AbortSignal | undefined): Promise<void>;
}

/** Throws as the door does, and StrataError('unreadable') for what it saved. */
export async function openSaved(host: Host, door: EngineDoor, options: SavedOptions): Promise<Image> {
  const { platform, keep, configs = keep } = options;
  const told = await door.inspect();
  const path = keep === undefined ? null : `${keep}/${keyOf(told.id, platform).slice('sha256:'.length)}.tar`;
  const kept = configs === undefined ? null : await findConfig(host, configs, told, platform);
  if (kept) {
    // Used now, even when its bytes turn out not to be needed.
    if (path !== null && (await host.files.stat(path))) await host.files.touch(path);
    return lazyImage(host, kept, options, (signal) => openTar(host, door, path, options, signal));
  }
  const { image, configBytes } = await openTar(host, door, path, options, options.signal);
  try {
    if (configs !== undefined && configBytes)
      await keepConfig(host, configs, told, platform, image, configBytes);
  } catch (error) {
    await image.close();
    throw error;
  }
  return image;
}

interface SavedImage {
  image: Image;
  /** Null when the archive told the config in no way that was seen. */
  configBytes: Uint8Array | null;
}

/** @param keptPath where the file stays; null for a temporary one that the image's `close` removes */
async function openTar(
  host: Host,
  door: EngineDoor,
  keptPath: string | null,
  options: SavedOptions,
  signal: AbortSignal | undefined,
): Promise<SavedImage> {
  const { files } = host;
  const { keep } = options;
  if (keptPath !== null && (await files.stat(keptPath))) {
    await files.touch(keptPath);
    try {
      return await readSaved(host, keptPath, options, signal);
    } catch (error) {
      // The program that wrote it was killed: podman writes in place, the manifest last.
      if (!(error instanceof StrataError) || error.code !== 'unreadable') throw error;
      await files.remove(keptPath);
    }
  }
  const folder = keptPath === null ? await files.makeTemporary('strata-') : null;
  const path = keptPath ?? `${folder}/image.tar`;
  const remove = (): Promise<void> => files.remove(folder ?? path);
  try {
    if (keep !== undefined) await files.makeDirectory(keep);
    await door.save(path, signal);
    return await readSaved(host, path, options, signal, folder === null ? undefined : remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

async function readSaved(
  host: Host,
  path: string,
  { reference, platform }: SavedOptions,
  signal: AbortSignal | undefined,
  close?: () => Promise<void>,
): Promise<SavedImage> {
  const archive = await openArchive(host, path, signal);
  const documents: Uint8Array[] = [];
  const watched = {
    ...archive,
    async read(name: string): Promise<Uint8Array | null> {
      const bytes = await archive.read(name);
      if (bytes) documents.push(bytes);
      return bytes;
    },
  };
  const image = await imageOfArchive(archive, () =>
    readDockerArchive(host, watched, { reference, choice: null, platform, close }),
  );
  return { image, configBytes: documents.find((bytes) => sha256(bytes) === image.id) ?? null };
}

/** An image of which only the config is at hand. */
function lazyImage(
  host: Host,
  { configBytes, layers }: KeptConfig,
  { reference, platform }: SavedOptions,
  open: (signal: AbortSignal) => Promise<SavedImage>,
): Image {
  const id = sha256(configBytes);
  let saved: Image | null = null;
  const task = sharedTask(`Saving ${reference}`, async (signal) => {
    const { image } = await open(signal);
    if (image.id === id) {
      saved = image;
      return image;
    }
    await image.close();
    throw new StrataError('not-found', `${reference} is another image by now.`, 'Open it again.');
  });
  const image = assembleImage({
    reference,
    configBytes,
    layers: layers.map(({ blobDigest, compressedBytes, mediaType }, index) => ({
      stored: { blob: lazyBlob(task, index), size: 0, head: new Uint8Array(0) },
      digest: blobDigest,
      mediaType,
      compressedBytes,
    })),
    problems: [],
    async close() {
      await task.stop();
      await saved?.close();
    },
  });
  const config = parseImageConfig(configBytes)?.config ?? null;
  choosePlatform(host, reference, [{ platform: config, label: '' }], platform);
  return image;
}

function lazyBlob(task: SharedTask<Image>, index: number): LayerBlob {
  let blob: LayerBlob | null = null;
  const settle = async (signal?: AbortSignal): Promise<LayerBlob> => {
    const image = await task.get(signal);
    blob = image.layers[index]?.blob ?? null;
    if (!blob) throw new StrataError('not-found', 'The image does not hold its bytes.');
    return blob;
  };
  return {
    get region() {
      return blob?.region ?? null;
    },
    async settle(signal) {
      await settle(signal);
    },
    async *open(signal) {
      yield* (await settle(signal)).open(signal);
    },
  };
}
