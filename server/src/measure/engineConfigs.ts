// What the engine that built tells of the config of an image: variables, user, directory, shell. It runs the engine's
// program, and so belongs to a build that a person asked for, never to typing; what the engine refuses stays unknown.
import type { BuilderIdentity } from '../build/model';
import { array, object, text } from '../image/config';
import { inspected } from '../image/engineInspect';
import { askEngine, type Engine, type EngineTools } from '../image/engines';
import { type Digest, isDigest } from '../primitives/digest';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';

export interface EngineConfig {
  /** `NAME=value`, in order. */
  environment: string[];
  user: string;
  directory: string;
  /** As JSON. */
  shell: string;
  /** Digests under which a registry knows it. */
  digests: Digest[];
}

const usualShell = ['/bin/sh', '-c'];

/** The engine whose images a builder builds on; null for a builder with a store of its own. */
export function engineOf({ kind, driver }: BuilderIdentity): Engine | null {
  if (kind === 'podman' || kind === 'buildah') return 'podman';
  return kind === 'docker' || driver === 'docker' ? 'docker' : null;
}

/** @throws StrataError 'cancelled' */
export async function engineConfig(
  host: Host,
  engine: Engine,
  name: string,
  tools: EngineTools = {},
): Promise<EngineConfig | null> {
  // It would be an option.
  if (name.startsWith('-')) return null;
  try {
    const what = `Looking for the image ${name}`;
    const [image] = inspected(await askEngine(host, engine, ['image', 'inspect', name], what, tools));
    const config = object(image?.Config);
    if (!config) return null;
    const texts = (value: unknown) => array(value).filter((one) => typeof one === 'string');
    const shell = texts(config.Shell);
    return {
      environment: texts(config.Env),
      user: text(config.User) ?? '',
      directory: text(config.WorkingDir) || '/',
      shell: JSON.stringify(shell.length > 0 ? shell : usualShell),
      digests: texts(image?.RepoDigests).flatMap((one) => {
        const digest = one.slice(one.indexOf('@') + 1);
        return isDigest(digest) ? [digest] : [];
      }),
    };
  } catch (error) {
    if (isCancelled(error) || !(error instanceof StrataError)) throw error;
    return null;
  }
}
