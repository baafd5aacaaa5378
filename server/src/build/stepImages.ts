// Asks an engine, after the build, about the image that each step left: how many layers it has and what made it. Decides
// how many are asked for. What cannot be told is left out, and history then has to tell.
import { type Digest, isDigest } from '../primitives/digest';
import { isCancelled } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { type Fields, fields, list } from './jsonFields';
import type { BuildStep, StepLayers } from './model';

export interface StepEngine {
  program: string;
  /** docker and podman answer `image inspect` alike, for many images at once. */
  speaks: 'docker' | 'buildah';
  signal: AbortSignal;
}

export interface StepImage extends StepLayers {
  /** The newest entry of its history; empty when there is none. */
  createdBy: string;
  comment: string;
}

const mostAsked = 2_000;
const atOnce = 100;
/** buildah tells of one image at a time, in some 30 ms. */
const mostOneByOne = 200;
const timeoutMs = 30_000;

/**
 * By name or id, as asked for.
 * @throws StrataError 'cancelled'
 */
export async function stepImages(
  host: Host,
  engine: StepEngine,
  names: readonly string[],
): Promise<Map<string, StepImage>> {
  const asked = [...new Set(names)].filter((name) => name !== '' && !name.startsWith('-'));
  if (asked.length > mostAsked) return new Map();
  return engine.speaks === 'docker' ? inspectAll(host, engine, asked) : inspectEach(host, engine, asked);
}

/** What an image is called that a step left, or on which it stands: `base` of `FROM base`; null when there is none. */
export function imageOf(step: BuildStep): string | null {
  if (step.imageId !== null) return step.imageId;
  return step.keyword === 'FROM' ? (/^FROM (?:--\S+ )*(\S+)/i.exec(step.name)?.[1] ?? null) : null;
}

/** The steps with the layers of their images. */
export function withLayers(
  steps: readonly BuildStep[],
  images: ReadonlyMap<string, StepLayers>,
): BuildStep[] {
  return steps.map((step) => {
    const name = imageOf(step);
    const isScratch = step.keyword === 'FROM' && step.imageId === null && name?.toLowerCase() === 'scratch';
    const found = isScratch ? { count: 0, top: null } : images.get(name ?? '');
    const bytes = isScratch ? 0 : found?.bytes;
    const imageLayers = found && {
      count: found.count,
      top: found.top,
      ...(bytes === undefined ? {} : { bytes }),
    };
    return { ...step, imageLayers: imageLayers ?? null };
  });
}

/** One process for many; an image that is gone makes it end with an error, and the others are told all the same. */
async function inspectAll(host: Host, engine: StepEngine, names: string[]): Promise<Map<string, StepImage>> {
  const found = new Map<string, StepImage>();
  for (let at = 0; at < names.length; at += atOnce) {
    const asked = names.slice(at, at + atOnce);
    for (const image of listOf(await engineAnswer(host, engine, ['image', 'inspect', ...asked]))) {
      const id = String(image.Id ?? '').replace(/^sha256:/, '');
      const tags = Array.isArray(image.RepoTags) ? image.RepoTags.map(String) : [];
      const { Type, Layers } = fields(image.RootFS);
      // docker leaves the list out where an image has no layer yet.
      const layers = stepImage(Layers ?? (Type === 'layers' ? [] : null), image.History);
      const bytes = layersBytes(image);
      const told = layers && (bytes === null ? layers : { ...layers, bytes });
      for (const name of told ? asked : []) {
        const isId = /^(?:sha256:)?[0-9a-f]{11,64}$/.test(name);
        const isThis = isId
          ? id.startsWith(name.replace('sha256:', ''))
          : tags.some((tag) => isName(tag, name));
        if (told && isThis) found.set(name, told);
      }
    }
  }
  return found;
}

/** moby's own, where an image's Size is the sum of its layers' (image/store.go) [Engine 20.10: as docker history says]. */
const graphDrivers = /^(?:overlay2|fuse-overlayfs|btrfs|zfs|vfs|aufs|devicemapper|windowsfilter)$/;

/**
 * Null with the containerd image store, which counts what it keeps compressed too; and for podman, which counts the config
 * too, so that differences of two images would be wrong.
 */
function layersBytes({ GraphDriver, Size, VirtualSize, NamesHistory }: Fields): number | null {
  const isPodman = NamesHistory !== undefined;
  if (isPodman || !graphDrivers.test(String(fields(GraphDriver).Name ?? ''))) return null;
  // Old engines tell the whole size as VirtualSize too; where both are there they are the same.
  const isOdd = VirtualSize !== undefined && VirtualSize !== Size;
  return !isOdd && Number.isSafeInteger(Size) && Number(Size) >= 0 ? Number(Size) : null;
}

/** `localhost/base:latest` for `base`: podman and docker complete names. */
function isName(tag: string, name: string): boolean {
  const whole = /:[^/]*$/.test(name) ? name : `${name}:latest`;
  return tag === whole || tag.endsWith(`/${whole}`);
}

async function inspectEach(host: Host, engine: StepEngine, names: string[]): Promise<Map<string, StepImage>> {
  const found = new Map<string, StepImage>();
  for (const name of names.slice(0, mostOneByOne)) {
    const [image] = listOf(`[${await engineAnswer(host, engine, ['inspect', '--type', 'image', name])}]`);
    const config = fields(image?.OCIv1);
    const { type, diff_ids: layers } = fields(config.rootfs);
    const told = stepImage(layers ?? (type === 'layers' ? [] : null), config.history);
    if (told) found.set(name, told);
  }
  return found;
}

/** What the program prints; empty when it refuses. @throws StrataError 'cancelled' */
export async function engineAnswer(
  host: Host,
  { program, signal }: StepEngine,
  args: readonly string[],
): Promise<string> {
  try {
    return (await host.processes.run(program, args, { signal, timeoutMs })).stdout;
  } catch (error) {
    if (isCancelled(error)) throw error;
    return '';
  }
}

function stepImage(layers: unknown, history: unknown): StepImage | null {
  if (!Array.isArray(layers) || !layers.every((layer): layer is Digest => isDigest(layer))) return null;
  const newest = fields(Array.isArray(history) ? history.at(-1) : null);
  return {
    count: layers.length,
    top: layers.at(-1) ?? null,
    createdBy: String(newest.created_by ?? ''),
    comment: String(newest.comment ?? ''),
  };
}

function listOf(json: string): Fields[] {
  try {
    return list(JSON.parse(json)).map(fields);
  } catch {
    return [];
  }
}
