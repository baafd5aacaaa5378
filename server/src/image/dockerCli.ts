// The docker program: which one is run, and how it words its refusals.
import type { Host, ProcessOptions } from '../primitives/host';
import { type EngineCli, type OnStdout, runEngine, streamEngine } from './engineCli';

export interface DockerOptions {
  /** Program to run; default: STRATA_DOCKER, else docker on PATH. */
  docker?: string;
  signal?: AbortSignal;
}

const dockerCli: EngineCli = {
  name: 'docker',
  missingHint: 'Install it, or name it in STRATA_DOCKER or the setting strata.docker.path.',
  refusals: [
    {
      said: /no such container:path|could not find the file/i,
      code: 'not-found',
      hint: 'It may have been deleted since: look at the container again.',
    },
    {
      said: /no such container/i,
      code: 'not-found',
      hint: 'See `docker container ls --all` for the containers that are there.',
    },
    {
      said: /cannot connect to the docker daemon|is the docker daemon running|error during connect|permission denied while trying to connect/i,
      code: 'no-daemon',
      hint: 'Start Docker, or set DOCKER_HOST to where it listens.',
    },
    {
      said: /no such image|no such object|reference does not exist|not found/i,
      code: 'not-found',
      hint: 'See `docker image ls` for the images that are there.',
    },
  ],
};

/** Runs docker and gives its output. Throws StrataError('not-found' | 'no-daemon' | 'no-space' | 'unreadable'). */
export function runDocker(
  host: Host,
  args: readonly string[],
  what: string,
  options: DockerOptions & Pick<ProcessOptions, 'timeoutMs'> = {},
): Promise<string> {
  return runEngine(host, dockerCli, dockerProgram(host, options), args, what, options);
}

/** Runs docker and hands on its output as it comes. Throws as `runDocker`, and what `onStdout` throws. */
export function streamDocker(
  host: Host,
  args: readonly string[],
  what: string,
  options: DockerOptions,
  onStdout: OnStdout,
): Promise<void> {
  const { signal } = options;
  return streamEngine(host, dockerCli, dockerProgram(host, options), args, what, { signal, onStdout });
}

/** The program that is run. */
export function dockerProgram(host: Host, { docker }: DockerOptions): string {
  return docker || host.environment.STRATA_DOCKER || 'docker';
}
