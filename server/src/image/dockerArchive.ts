// What `docker save` and `podman save` write: a tar whose manifest.json names config and layers, wherever they lie.
// Layer files are layer.tar in a folder (docker up to 24; links to it for repeated layers), `<diffId>.tar` with links
// beside (podman), or blobs as in an OCI layout (docker 25 and later): nothing is assumed of their names.
import { type Digest, isDigest, sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { imageOfArchive, openArchive } from './archive';
import { assembleImage, type LayerSource } from './assemble';
import { array, object, parseJson, parseJsonObject, text } from './config';
import type { Image } from './model';
import { nameAnImage } from './noArchive';
import { readOciArchive } from './ociArchive';
import { maxDocumentsBytes, maxListedLayers, tooMany, tooManyLayers } from './place';
import type { Archive } from './plainArchive';
import { choosePlatform, firstFew, type Platform } from './platform';
import { type ImageChoice, namesImage } from './reference';

export interface DockerArchiveOptions {
  reference: string;
  choice: ImageChoice | null;
  platform?: string;
  close?: () => Promise<void>;
}

interface SavedImage {
  configPath: string;
  names: string[];
  layerPaths: string[];
  /** Digest and media type by DiffID, as docker 25 and later tell. */
  sources: Record<string, unknown>;
  position: number;
}

/** Throws StrataError('unreadable') for what is no such archive, ('usage' | 'not-found') when it is unclear which image. */
export async function openDockerArchive(
  host: Host,
  path: string,
  options: DockerArchiveOptions,
  signal?: AbortSignal,
): Promise<Image> {
  const archive = await openArchive(host, path, signal);
  return imageOfArchive(archive, () => readDockerArchive(host, archive, options));
}

/** The same for an archive that has been opened already, and that its opener closes. */
export async function readDockerArchive(
  host: Host,
  archive: Archive,
  options: DockerArchiveOptions,
): Promise<Image> {
  const { reference, choice } = options;
  const bytes = await archive.read('manifest.json');
  if (!bytes) {
    // buildx leaves it out of an archive with several platforms.
    if (archive.has('index.json'))
      return { ...(await readOciArchive(host, archive, options)), ...closing(options) };
    throw new StrataError(
      'unreadable',
      `${reference} has no manifest.json, so docker save did not write it.`,
      nameAnImage,
    );
  }
  const images = parseManifests(bytes, reference);
  const saved = await chosenImage(host, archive, images, options);
  const configBytes = await archive.read(saved.configPath);
  if (!configBytes)
    throw new StrataError('unreadable', `${reference} does not hold its config ${saved.configPath}.`);
  const problems: string[] = [];
  checkConfigDigest(saved.configPath, configBytes, reference);
  const layers = await layerSources(archive, saved, configBytes);
  if (images.length > 1 && choice === null) {
    problems.push(
      `The archive holds ${images.length} images; this is ${saved.names[0] ?? `@${saved.position}`}.`,
    );
  }
  return assembleImage({ reference, configBytes, layers, problems, close: options.close });
}

function closing({ close }: DockerArchiveOptions): { close?: () => Promise<void> } {
  return close ? { close } : {};
}

function parseManifests(bytes: Uint8Array, reference: string): SavedImage[] {
  const json = parseJson(bytes);
  if (!Array.isArray(json)) {
    throw new StrataError('unreadable', `manifest.json of ${reference} is not a list of images.`);
  }
  if (json.length === 0)
    throw new StrataError('not-found', `${reference} holds no image: its manifest.json is empty.`);
  if (json.length > maxImages) {
    throw new StrataError(
      'hostile',
      `manifest.json of ${reference} lists ${json.length} images; the limit is ${maxImages}.`,
    );
  }
  return json.map((value, position) => {
    const image = object(value);
    const configPath = text(image?.Config);
    // Null is how Go writes that there are none.
    const layerPaths = image?.Layers ?? [];
    if (
      !image ||
      configPath === null ||
      !Array.isArray(layerPaths) ||
      !layerPaths.every((path): path is string => typeof path === 'string')
    ) {
      throw new StrataError(
        'unreadable',
        `manifest.json of ${reference} names no config or layers for image @${position}.`,
      );
    }
    if (layerPaths.length > maxListedLayers) throw tooManyLayers(reference, layerPaths.length);
    const names = array(image.RepoTags).filter((name): name is string => typeof name === 'string');
    return { configPath, names, layerPaths, sources: object(image.LayerSources) ?? {}, position };
  });
}

const maxImages = 10_000;

/** By name or position where one is given; else the only one, or the only one for the platform. */
async function chosenImage(
  host: Host,
  archive: Archive,
  images: SavedImage[],
  { reference, choice, platform }: DockerArchiveOptions,
): Promise<SavedImage> {
  const fitting = images.filter((image) => {
    if (choice === null) return true;
    if ('position' in choice) return image.position === choice.position;
    if ('name' in choice) return image.names.some((name) => namesImage(choice.name, name));
    return image.configPath.includes(choice.digest.slice('sha256:'.length));
  });
  const labelOf = ({ names, position }: SavedImage): string => `${names[0] ?? 'unnamed'} (@${position})`;
  if (fitting.length === 0) {
    throw new StrataError(
      'not-found',
      `${reference} holds no such image; it has: ${firstFew(images.map(labelOf))}.`,
    );
  }
  if (fitting.length === 1 && platform === undefined) return fitting[0]!;
  if (platform === undefined && fitting.length > 1) {
    throw new StrataError(
      'usage',
      `${reference} holds several images: ${firstFew(images.map(labelOf))}.`,
      'Name one behind a colon, or its position behind @.',
    );
  }
  const candidates: { platform: Platform | null; label: string; image: SavedImage }[] = [];
  const known = new Map<string, Platform | null>();
  let bytesRead = 0;
  for (const image of fitting) {
    if (!known.has(image.configPath)) {
      const bytes = await archive.read(image.configPath);
      bytesRead += bytes?.length ?? 0;
      if (bytesRead > maxDocumentsBytes) throw tooMany(reference);
      known.set(image.configPath, bytes && platformOf(bytes));
    }
    candidates.push({ platform: known.get(image.configPath) ?? null, label: labelOf(image), image });
  }
  return choosePlatform(host, reference, candidates, platform).image;
}

function platformOf(configBytes: Uint8Array): Platform | null {
  const json = parseJsonObject(configBytes);
  const os = text(json?.os);
  const architecture = text(json?.architecture);
  return os && architecture ? { os, architecture, variant: text(json?.variant) } : null;
}

/** The config's file bears its digest, in every form of the archive that is known. */
function checkConfigDigest(path: string, bytes: Uint8Array, reference: string): void {
  const hex = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(path)?.[1];
  if (hex && sha256(bytes) !== `sha256:${hex}`) {
    throw new StrataError(
      'unreadable',
      `The config ${path} of ${reference} holds other bytes than its digest says.`,
    );
  }
}

async function layerSources(
  archive: Archive,
  saved: SavedImage,
  configBytes: Uint8Array,
): Promise<LayerSource[]> {
  const diffIds = array(object(parseJsonObject(configBytes)?.rootfs)?.diff_ids);
  const layers: LayerSource[] = [];
  for (const [i, path] of saved.layerPaths.entries()) {
    const diffId = diffIds[i];
    const source = isDigest(diffId) ? object(saved.sources[diffId]) : null;
    const fromPath = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
    const digest = isDigest(source?.digest)
      ? source.digest
      : fromPath
        ? (`sha256:${fromPath}` as Digest)
        : null;
    layers.push({
      stored: await archive.blob(path),
      digest,
      byDigest: fromPath !== undefined && digest === `sha256:${fromPath}`,
      mediaType: text(source?.mediaType),
    });
  }
  return layers;
}
