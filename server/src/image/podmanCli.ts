// The podman program: which one is run, and how it words its refusals (podman 4.3; with --remote as on macOS, too).
import type { Host } from '../primitives/host';
import { type EngineCli, runEngine } from './engineCli';

export interface PodmanOptions {
  /** Program to run; default: STRATA_PODMAN, else podman on PATH. */
  podman?: string;
  signal?: AbortSignal;
}

const podmanCli: EngineCli = {
  name: 'podman',
  missingHint: 'Install it, or name it in STRATA_PODMAN or the setting strata.podman.path.',
  refusals: [
    {
      said: /cannot connect to podman|unable to connect to podman/i,
      code: 'no-daemon',
      hint: 'Start its machine: podman machine start.',
    },
    {
      said: /image not known|no such image/i,
      code: 'not-found',
      hint: 'See `podman image ls` for the images that are there.',
    },
  ],
};

/** Runs podman and gives its output. Throws StrataError('not-found' | 'no-daemon' | 'no-space' | 'unreadable'). */
export function runPodman(
  host: Host,
  args: readonly string[],
  what: string,
  options: PodmanOptions = {},
): Promise<string> {
  return runEngine(host, podmanCli, podmanProgram(host, options), args, what, options);
}

/** The program that is run. */
export function podmanProgram(host: Host, { podman }: PodmanOptions): string {
  return podman || host.environment.STRATA_PODMAN || 'podman';
}
