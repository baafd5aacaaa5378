// The engines of this machine, each asked by its own program: dockerCli.ts, podmanCli.ts. What is asked is for others.
import type { Host } from '../primitives/host';
import { type DockerOptions, runDocker, streamDocker } from './dockerCli';
import type { OnStdout } from './engineCli';
import { type PodmanOptions, runPodman, streamPodman } from './podmanCli';

export type Engine = 'docker' | 'podman';

export type EngineTools = DockerOptions & PodmanOptions;

/** Runs an engine's program and gives its output. Throws StrataError('not-found' | 'no-daemon' | 'no-space' | 'unreadable'). */
export function askEngine(
  host: Host,
  engine: Engine,
  args: readonly string[],
  what: string,
  tools: EngineTools,
): Promise<string> {
  return engine === 'docker' ? runDocker(host, args, what, tools) : runPodman(host, args, what, tools);
}

/** Runs an engine's program and hands on its output as it comes. Throws as `askEngine`, and what `onStdout` throws. */
export function streamFromEngine(
  host: Host,
  engine: Engine,
  args: readonly string[],
  what: string,
  tools: EngineTools,
  onStdout: OnStdout,
): Promise<void> {
  const stream = engine === 'docker' ? streamDocker : streamPodman;
  return stream(host, args, what, tools, onStdout);
}
