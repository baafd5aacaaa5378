// Finds the image of a build that was made elsewhere: among the places that its sources name, the first that holds
// it, by its digest and never by its name alone, for names move on. Saves and fetches nothing to find that out.
import type { ImageFacts } from '../build/importedPart';
import { isImageOf } from '../build/importedPart';
import type { Provenance } from '../build/model';
import { inspectImage } from '../image/engineInspect';
import type { Image } from '../image/model';
import { openImage } from '../image/open';
import { type Digest, isDigest } from '../primitives/digest';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import type { OpenTools } from './contents';

const mostTried = 8;

/** The caller closes it; null when it is nowhere. @throws StrataError 'cancelled' */
export async function findImage(
  host: Host,
  facts: ImageFacts,
  platform: string | null,
  tools: OpenTools & { signal?: AbortSignal },
): Promise<Image | null> {
  /** Engines that do not answer: each would be asked, and waited for, by every reference anew. */
  const down = new Set<string>();
  for (const reference of candidates(facts).slice(0, mostTried)) {
    const transport = /^(?:docker-daemon|containers-storage):/.exec(reference)?.[0];
    if (transport && down.has(transport)) continue;
    try {
      if (!(await mayHold(host, reference, facts, tools))) continue;
      const image = await openImage(host, reference, { ...tools, platform: platform ?? undefined });
      // By digest of its manifest, a registry gives no other one.
      if (isImageOf(facts, image.id) ?? true) return image;
      await image.close();
    } catch (error) {
      // Not there, no engine, no network: the next one.
      if (isCancelled(error) || !(error instanceof StrataError)) throw error;
      if (transport && error.code === 'no-daemon') down.add(transport);
    }
  }
  return null;
}

function candidates({ references, ids }: ImageFacts): string[] {
  const named = references.filter((one) => !one.startsWith('docker://') || one.includes('@sha256:'));
  const inEngine = references.some((one) => one.startsWith('docker-daemon:'));
  return [...named, ...(inEngine ? ids.filter(isDigest).map((id) => `docker-daemon:${id}`) : [])];
}

/** Asks an engine which image its name stands for; all others are compared once they are open. */
async function mayHold(
  host: Host,
  reference: string,
  facts: ImageFacts,
  { docker, podman, signal }: OpenTools & { signal?: AbortSignal },
): Promise<boolean> {
  const [, transport, name] = /^(docker-daemon|containers-storage):(.*)$/s.exec(reference) ?? [];
  if (transport === undefined || name === undefined) return true;
  if (name.startsWith('-')) return false;
  const engine = transport === 'docker-daemon' ? 'docker' : 'podman';
  const told = await inspectImage(host, engine, name, { docker, podman, signal });
  // With containerd's image store the id is that of a manifest or an index.
  return isImageOf(facts, told.id) === true || facts.manifests.includes(told.id);
}

/** Whether an image is the one that a build left: by its id, else by its layers; null when neither can tell. */
export function isOfBuild(facts: ImageFacts, provenance: Provenance | null, image: Image): boolean | null {
  const byId = isImageOf(facts, image.id);
  if (byId !== null) return byId;
  const blobs = image.layers.map(({ blobDigest }) => blobDigest);
  const chain = provenance && resultLayers(provenance);
  if (!chain || blobs.length === 0 || blobs.includes(null)) return null;
  // Blobs that were compressed anew have digests of their own: other ones prove nothing.
  return chain.length === blobs.length && chain.every((digest, at) => digest === blobs[at]) ? true : null;
}

/** The layers of the image, as the provenance has them: those of the step whose result it is. */
function resultLayers({ steps }: Provenance): Digest[] | null {
  const end = steps.at(-1);
  const result = end?.op === 'none' ? end.inputs[0]?.replace(/:\d+$/, '') : null;
  const layers = steps.find(({ id }) => id === result)?.layers;
  return layers ? layers.map(({ digest }) => digest) : null;
}
