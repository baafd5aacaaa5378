// The podman program: which one is run, and how it words its refusals (podman 4.3; with --remote as on macOS, too).
import type { Host } from '../primitives/host';
import { type EngineCli, type OnStdout, runEngine, streamEngine } from './engineCli';

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
      said: /could not be found (?:on|in) container/i,
      code: 'not-found',
      hint: 'It may have been deleted since: look at the container again.',
    },
    {
      said: /no such container|container "[^"]*" does not exist|not found: layer not known/i,
      code: 'not-found',
      hint: 'See `podman container ls --all` for the containers that are there.',
    },
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

/** Runs podman and hands on its output as it comes. Throws as `runPodman`, and what `onStdout` throws. */
export function streamPodman(
  host: Host,
  args: readonly string[],
  what: string,
  options: PodmanOptions,
  onStdout: OnStdout,
): Promise<void> {
  const { signal } = options;
  return streamEngine(host, podmanCli, podmanProgram(host, options), args, what, { signal, onStdout });
}

/** The program that is run. */
export function podmanProgram(host: Host, { podman }: PodmanOptions): string {
  return podman || host.environment.STRATA_PODMAN || 'podman';
}
