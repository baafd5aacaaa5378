// What `image inspect` of docker and podman tells of an image: which one it is, and its layers.
import { isDigest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import { array, object, parseJson, text } from './config';
import type { EngineImage } from './keptConfigs';

/**
 * @param run runs the engine's program and gives its output
 * Throws as `run` does, and StrataError('unreadable').
 */
export async function inspectImage(
  program: 'docker' | 'podman',
  name: string,
  run: (args: string[], what: string) => Promise<string>,
): Promise<EngineImage> {
  const image = parseInspected(await run(['image', 'inspect', name], `Looking for the image ${name}`));
  if (image) return image;
  throw new StrataError('unreadable', `${program} image inspect ${name} did not tell the image's id.`);
}

/** Null when it has no id. */
function parseInspected(output: string): EngineImage | null {
  const json = parseJson(Buffer.from(output, 'utf8'));
  const image = object(Array.isArray(json) ? json[0] : null);
  const told = text(image?.Id) ?? '';
  // podman leaves the algorithm out.
  const id = /^[0-9a-f]{64}$/.test(told) ? `sha256:${told}` : told;
  const diffIds = array(object(image?.RootFS)?.Layers);
  if (!isDigest(id)) return null;
  return { id, diffIds: diffIds.length > 0 && diffIds.every(isDigest) ? diffIds : null };
}
