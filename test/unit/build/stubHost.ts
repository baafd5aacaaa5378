// A host whose programs answer from a script, on real files: for what is asked of a builder, not what it does.
import { createNodeFiles } from '../../../server/src/host/nodeFiles';
import { StrataError } from '../../../server/src/primitives/errors';
import type { Host, HostProcesses, ProcessOptions } from '../../../server/src/primitives/host';

export interface Asked {
  program: string;
  args: readonly string[];
  env: Record<string, string | undefined>;
}

export interface Told {
  code?: number | null;
  stdout?: string;
  stderr?: string;
}

/**
 * @param answer what a program tells; null: it cannot be started
 * @param absent names that are not on PATH
 */
export function stubHost(
  answer: (asked: Asked) => Told | null | Promise<Told | null>,
  options: { absent?: string[]; environment?: Record<string, string>; asked?: Asked[] } = {},
): Host {
  let ms = Date.UTC(2026, 0, 1);
  const tell = async (program: string, args: readonly string[], given: ProcessOptions): Promise<Told> => {
    const asked = { program, args, env: given.env ?? {} };
    options.asked?.push(asked);
    const told = await answer(asked);
    if (given.signal?.aborted) throw new StrataError('cancelled', `${program} was cancelled.`);
    if (told === null) throw new StrataError('not-found', `Could not start ${program}.`);
    return told;
  };
  const processes: HostProcesses = {
    async run(program, args, given = {}) {
      const { code = 0, stdout = '', stderr = '' } = await tell(program, args, given);
      return { code, stdout, stderr };
    },
    async stream(program, args, given) {
      const { code = 0, stdout = '', stderr = '' } = await tell(program, args, given);
      for (const line of stderr.split('\n')) given.onStderrLine?.(line);
      for (const line of stdout.split('\n')) given.onStdoutLine?.(line);
      return { code };
    },
    find: async (program) =>
      options.absent?.includes(program) ? null : `/bin/${program.replace(/^.*\//, '')}`,
  };
  return {
    files: createNodeFiles(),
    processes,
    network: {
      request: async (url) => Promise.reject(new StrataError('unreadable', `${url} is not played.`)),
    },
    environment: options.environment ?? {},
    os: 'linux',
    architecture: 'amd64',
    now: () => ++ms,
  };
}
