// A container as a state of files: the layers of its image and its writable layer on top, which is in no image. Bytes of
// what the container wrote are copied out of it one file at a time.

import { type Container, containerChanges, copyFromContainer, listContainers } from '../image/containers';
import type { MeasuredImage } from '../image/model';
import type { LayerIndex } from '../layers/model';
import { writableLayer } from '../layers/writableLayer';
import { joinChunks, oneChunk } from '../primitives/chunks';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { readTar } from '../primitives/tar';
import type { Contents } from './contents';
import { everyEngine } from './everyEngine';
import type { MeasureTools } from './measureRecord';
import { contentsOfReference } from './referenceContents';

export interface ContainerContents {
  container: Container;
  /** The writable layer is the last one. */
  contents: Contents;
  image: MeasuredImage | null;
  /** Bytes of a file that the container wrote. Throws StrataError('not-found' | 'hostile' | 'unreadable'). */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
}

/**
 * Containers of all engines that answer, newest first; the reasons why others did not.
 * Throws StrataError('cancelled').
 */
export async function containersOf(
  { host, docker, podman }: Pick<MeasureTools, 'host' | 'docker' | 'podman'>,
  signal?: AbortSignal,
): Promise<{ containers: Container[]; refusals: StrataError[] }> {
  const { found, refusals } = await everyEngine(['docker', 'podman'], (engine) =>
    listContainers(host, engine, { docker, podman, signal }),
  );
  return { containers: found, refusals };
}

/**
 * @param known indexes of an image that may be the container's: taken when the layers are the same
 * Throws as `openImage` and `writableLayer`.
 */
export async function contentsOfContainer(
  tools: MeasureTools,
  container: Container,
  known: Contents | null,
  signal?: AbortSignal,
): Promise<ContainerContents> {
  const { host, docker, podman } = tools;
  const engine = { docker, podman, signal };
  const below = sameLayers(known?.indexes ?? [], container)
    ? { ...known!, image: null }
    : await contentsOfReference(tools, container.reference, signal);
  const changes = await containerChanges(host, container, engine);
  const own = await writableLayer(host, container, changes, engine);
  return {
    container,
    image: below.image,
    contents: { ...below, indexes: [...below.indexes, own] },
    read: (path, maxBytes) => readFile(host, container, path, maxBytes, { docker, podman }),
  };
}

function sameLayers(indexes: readonly (LayerIndex | null)[], { diffIds }: Container): boolean {
  return (
    diffIds.length > 0 &&
    indexes.length === diffIds.length &&
    indexes.every((index, i) => index?.diffId === diffIds[i])
  );
}

/** Headers and the end of a tar that holds one file. */
const tarExtraBytes = 64 * 1024;

async function readFile(
  host: Host,
  container: Container,
  path: string,
  maxBytes: number,
  engine: { docker?: string; podman?: string },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  await copyFromContainer(host, container, path, engine, (chunk) => {
    length += chunk.length;
    if (length > maxBytes + tarExtraBytes) {
      throw new StrataError(
        'hostile',
        `/${path} has more than ${maxBytes} bytes.`,
        'Copy it out with the engine.',
      );
    }
    chunks.push(Uint8Array.from(chunk));
  });
  for await (const member of readTar(oneChunk(Buffer.concat(chunks)))) {
    if (member.type !== 'file') break;
    return await joinChunks(member.body);
  }
  throw new StrataError('not-found', `/${path} is no file of the container any more.`);
}
