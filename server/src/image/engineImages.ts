// The images that a local engine holds, with their layers: what they share can be told from that. One listing and one
// look at all of them; no image is read.
import { chainIds, type Digest, isDigest } from '../primitives/digest';
import type { Host } from '../primitives/host';
import { array, object, text } from './config';
import { inspected } from './engineInspect';
import { askEngine, type Engine, type EngineTools } from './engines';

export interface LocalImage {
  engine: Engine;
  /** 64 hexadecimal digits, as the engine calls it. */
  id: string;
  /** `app:1`; empty for an image without a name. */
  names: string[];
  /** Oldest first, as chainIds are. */
  diffIds: Digest[];
  chainIds: Digest[];
  /** What the engine says the image takes; its own measure. */
  engineBytes: number | null;
}

const mostImages = 1000;

/** Throws StrataError('no-daemon' | 'unreadable' | 'cancelled'). */
export async function listImages(host: Host, engine: Engine, tools: EngineTools = {}): Promise<LocalImage[]> {
  const ask = (args: string[], what: string) => askEngine(host, engine, args, what, tools);
  const listed = await ask(['image', 'ls', '--quiet', '--no-trunc'], 'Listing images');
  const ids = new Set(listed.split('\n').filter((id) => /^(?:sha256:)?[0-9a-f]{64}$/.test(id)));
  if (ids.size === 0) return [];
  const output = await ask(['image', 'inspect', ...[...ids].slice(0, mostImages)], 'Looking at images');
  return inspected(output).flatMap((json) => {
    const id = text(json.Id)?.replace(/^sha256:/, '');
    const diffIds = array(object(json.RootFS)?.Layers);
    if (!id || !diffIds.every(isDigest)) return [];
    return {
      engine,
      id,
      names: array(json.RepoTags).filter((name) => typeof name === 'string'),
      diffIds,
      chainIds: chainIds(diffIds),
      engineBytes: typeof json.Size === 'number' ? json.Size : null,
    };
  });
}
