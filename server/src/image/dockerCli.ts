// Calls of the docker program, and what its refusals mean.
import { StrataError } from '../primitives/errors';
import type { Host, ProcessOptions, ProcessResult } from '../primitives/host';

export interface DockerOptions {
  /** Program to run; default: STRATA_DOCKER, else docker on PATH. */
  docker?: string;
  signal?: AbortSignal;
}

/** Runs docker and gives its output. Throws StrataError('not-found' | 'no-daemon' | 'no-space' | 'unreadable'). */
export async function runDocker(
  host: Host,
  args: readonly string[],
  what: string,
  options: DockerOptions & Pick<ProcessOptions, 'timeoutMs'> = {},
): Promise<string> {
  const program = options.docker || host.environment.STRATA_DOCKER || 'docker';
  let result: ProcessResult;
  try {
    result = await host.processes.run(program, args, {
      signal: options.signal,
      timeoutMs: options.timeoutMs,
    });
  } catch (error) {
    if (!(error instanceof StrataError) || error.code !== 'not-found') throw error;
    throw new StrataError(
      'no-daemon',
      `${what} needs the docker program, and '${program}' was not found.`,
      'Install it, or name it in STRATA_DOCKER or the setting strata.docker.path.',
      error,
    );
  }
  if (result.code === 0) return result.stdout;
  throw refusal(result, what, program);
}

function refusal({ stderr, code }: ProcessResult, what: string, program: string): StrataError {
  const said = stderr.trim().split('\n').at(-1)?.slice(0, 500) ?? '';
  const message = `${what}: ${said || `${program} ended with code ${code}`}`.replace(/[^.?!]$/, '$&.');
  if (
    /cannot connect to the docker daemon|is the docker daemon running|error during connect|permission denied while trying to connect/i.test(
      stderr,
    )
  ) {
    return new StrataError('no-daemon', message, 'Start Docker, or set DOCKER_HOST to where it listens.');
  }
  if (/no such image|no such object|reference does not exist|not found/i.test(stderr)) {
    return new StrataError('not-found', message, 'See `docker image ls` for the images that are there.');
  }
  if (/no space left on device/i.test(stderr)) {
    return new StrataError('no-space', message, 'Free some space on the disk that holds temporary files.');
  }
  return new StrataError('unreadable', message);
}
