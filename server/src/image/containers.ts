// The containers of the local engines and what they wrote: asked of docker and podman by their own programs. Which
// image a container was made of is told by the layers that its image has; what its writable layer holds is
// layers/writableLayer.ts.
import { type Digest, isDigest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { array, object, parseJson, text } from './config';
import { inspected } from './engineInspect';
import { askEngine, type Engine, type EngineTools, streamFromEngine } from './engines';

export interface Container {
  engine: Engine;
  /** 64 hexadecimal digits. */
  id: string;
  name: string;
  /** As the engine calls its image. */
  image: string;
  /** Reference of the image as the engine stores it. */
  reference: string;
  /** The layers of its image, oldest first; empty when the engine does not tell. */
  diffIds: Digest[];
  /** `running`, `exited`, `created`, …; the engine's own word. */
  state: string;
}

export interface ContainerChange {
  /** Without a leading slash. */
  path: string;
  kind: 'added' | 'changed' | 'deleted';
}

const mostContainers = 200;
const containerId = /^[0-9a-f]{64}$/;
const mostChanges = 1_000_000;

/** All containers of an engine, newest first. Throws StrataError('no-daemon' | 'unreadable' | 'cancelled'). */
export async function listContainers(
  host: Host,
  engine: Engine,
  tools: EngineTools = {},
): Promise<Container[]> {
  const args = ['ps', '--all', '--quiet', '--no-trunc'];
  const ids = (await askEngine(host, engine, args, 'Listing containers', tools))
    .split('\n')
    .filter((id) => containerId.test(id))
    .slice(0, mostContainers);
  return ids.length === 0 ? [] : inspectContainers(host, engine, ids, tools);
}

/** One container by its id. Throws StrataError('not-found' | 'no-daemon' | 'unreadable' | 'cancelled'). */
export async function findContainer(
  host: Host,
  engine: Engine,
  id: string,
  tools: EngineTools = {},
): Promise<Container> {
  const found = containerId.test(id) ? await inspectContainers(host, engine, [id], tools) : [];
  const container = found.find((one) => one.id === id);
  if (container) return container;
  throw new StrataError('not-found', `${engine} has no container ${id.slice(0, 64)}.`);
}

async function inspectContainers(
  host: Host,
  engine: Engine,
  ids: readonly string[],
  tools: EngineTools,
): Promise<Container[]> {
  const ask = (args: string[], what: string) => askEngine(host, engine, args, what, tools);
  const containers = inspected(await ask(['container', 'inspect', ...ids], 'Looking at containers'));
  const images = [...new Set(containers.flatMap(({ Image }) => imageId(Image) ?? []))];
  const layers = new Map<string, Digest[]>();
  if (images.length > 0) {
    for (const image of inspected(
      await ask(['image', 'inspect', ...images], 'Looking at images of containers'),
    )) {
      const id = imageId(image.Id);
      if (id) layers.set(id, array(object(image.RootFS)?.Layers).filter(isDigest));
    }
  }
  return containers.flatMap((json) => {
    const id = text(json.Id);
    const image = imageId(json.Image);
    if (!id || !image) return [];
    return {
      engine,
      id,
      name: (text(json.Name) ?? id.slice(0, 12)).replace(/^\//, ''),
      image: text(object(json.Config)?.Image) ?? text(json.ImageName) ?? image,
      reference: `${engine === 'docker' ? 'docker-daemon' : 'containers-storage'}:${image}`,
      diffIds: layers.get(image) ?? [],
      state: text(object(json.State)?.Status) ?? '',
    };
  });
}

/** Ids come with and without their algorithm. */
function imageId(value: unknown): string | null {
  const id = text(value)?.replace(/^sha256:/, '') ?? '';
  return /^[0-9a-f]{64}$/.test(id) ? id : null;
}

/**
 * What a container changed, added and deleted since it was made; directories that hold a change are among them.
 * Throws StrataError('not-found' | 'no-daemon' | 'hostile' | 'unreadable').
 */
export async function containerChanges(
  host: Host,
  { engine, id }: Pick<Container, 'engine' | 'id'>,
  tools: EngineTools = {},
): Promise<ContainerChange[]> {
  const what = `Asking what the container ${id.slice(0, 12)} wrote`;
  const ask = (...args: string[]) => askEngine(host, engine, ['diff', ...args, '--', id], what, tools);
  const changes =
    engine === 'podman' ? podmanChanges(await ask('--format', 'json')) : dockerChanges(await ask());
  if (changes.length > mostChanges) {
    throw new StrataError('hostile', `${what}: it changed more than ${mostChanges} paths.`);
  }
  return changes;
}

const kinds = { A: 'added', C: 'changed', D: 'deleted' } as const;

/** `C /etc`, one a line. A name can hold line ends: what begins no change belongs to the name before. */
function dockerChanges(output: string): ContainerChange[] {
  const changes: ContainerChange[] = [];
  for (const line of output.split('\n')) {
    const match = /^([ACD]) \/(.*)$/s.exec(line);
    const last = changes.at(-1);
    if (match) changes.push({ kind: kinds[match[1] as keyof typeof kinds], path: match[2]! });
    else if (last && line !== '') last.path += `\n${line}`;
  }
  return changes;
}

function podmanChanges(output: string): ContainerChange[] {
  const json = object(parseJson(Buffer.from(output, 'utf8'))) ?? {};
  const named = (key: string, kind: ContainerChange['kind']): ContainerChange[] =>
    array(json[key]).flatMap((one) =>
      typeof one === 'string' ? { kind, path: one.replace(/^\//, '') } : [],
    );
  return [...named('changed', 'changed'), ...named('added', 'added'), ...named('deleted', 'deleted')];
}

/**
 * All files of a container as one tar, handed on as it comes.
 * Throws StrataError('not-found' | 'no-daemon' | 'no-space' | 'unreadable' | 'cancelled').
 */
export async function exportContainer(
  host: Host,
  { engine, id }: Pick<Container, 'engine' | 'id'>,
  tools: EngineTools,
  onChunk: (chunk: Uint8Array) => void | Promise<void>,
): Promise<void> {
  const what = `Reading the container ${id.slice(0, 12)}`;
  if (engine === 'docker') return streamFromEngine(host, engine, ['export', '--', id], what, tools, onChunk);
  // podman opens /dev/stdout by name, which cannot be done where that is a socket, as between processes here.
  const folder = await host.files.makeTemporary('strata-');
  try {
    const file = `${folder}/container.tar`;
    await askEngine(host, engine, ['export', '--output', file, '--', id], what, tools);
    for await (const chunk of host.files.stream(file, { signal: tools.signal })) await onChunk(chunk);
  } finally {
    await host.files.remove(folder);
  }
}

/**
 * One path of a container as a tar, handed on as it comes; a link is itself.
 * Throws as `exportContainer`.
 */
export function copyFromContainer(
  host: Host,
  { engine, id }: Pick<Container, 'engine' | 'id'>,
  path: string,
  tools: EngineTools,
  onChunk: (chunk: Uint8Array) => void | Promise<void>,
): Promise<void> {
  const what = `Reading /${path} of the container ${id.slice(0, 12)}`;
  return streamFromEngine(host, engine, ['cp', `${id}:/${path}`, '-'], what, tools, onChunk);
}
