// What `image inspect` of docker and podman tells of an image: which one it is, and its layers.
import { isDigest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { array, object, parseJson, text } from './config';
import { askEngine, type Engine, type EngineTools } from './engines';
import type { EngineImage } from './keptConfigs';

export interface InspectedImage extends EngineImage {
  /** Whether the engine keeps its images in a containerd, where the id is the digest of a manifest or an index. */
  inContainerd: boolean;
}

/** Throws as `askEngine`, and StrataError('unreadable'). */
export async function inspectImage(
  host: Host,
  engine: Engine,
  name: string,
  tools: EngineTools,
): Promise<InspectedImage> {
  const args = ['image', 'inspect', name];
  const image = parseInspected(await askEngine(host, engine, args, `Looking for the image ${name}`, tools));
  if (image) return image;
  throw new StrataError('unreadable', `${engine} image inspect ${name} did not tell the image's id.`);
}

/** What `inspect` of an engine prints: a list of objects, as many as were asked for. */
export function inspected(output: string): Record<string, unknown>[] {
  return array(parseJson(Buffer.from(output, 'utf8')))
    .map(object)
    .filter((one) => one !== null);
}

/** Null when it has no id. */
function parseInspected(output: string): InspectedImage | null {
  const [image] = inspected(output);
  const told = text(image?.Id) ?? '';
  // podman leaves the algorithm out.
  const id = /^[0-9a-f]{64}$/.test(told) ? `sha256:${told}` : told;
  const diffIds = array(object(image?.RootFS)?.Layers);
  if (!isDigest(id)) return null;
  // Engine 28 and later tell the descriptor; before, and to older clients, the driver's name does: moby's own is overlay2.
  const inContainerd =
    object(image?.Descriptor) !== null || text(object(image?.GraphDriver)?.Name) === 'overlayfs';
  return { id, diffIds: diffIds.length > 0 && diffIds.every(isDigest) ? diffIds : null, inContainerd };
}
