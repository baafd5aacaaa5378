// The engines of this machine, each asked by its own program: dockerCli.ts, podmanCli.ts. What is asked is for others.
import type { Host } from '../primitives/host';
import { type DockerOptions, dockerProgram, runDocker } from './dockerCli';
import { type PodmanOptions, podmanProgram, runPodman } from './podmanCli';

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

/** The program that is run for an engine. */
export function engineProgram(host: Host, engine: Engine, tools: EngineTools): string {
  return engine === 'docker' ? dockerProgram(host, tools) : podmanProgram(host, tools);
}
