// Calls of an engine's program, and what its refusals mean. Which programs there are and how they word their refusals
// is in dockerCli.ts and podmanCli.ts.
import { StrataError, type StrataErrorCode } from '../primitives/errors';
import type { Host, ProcessOptions, ProcessResult } from '../primitives/host';

export interface EngineCli {
  /** As in 'needs the docker program'. */
  name: string;
  /** What to do when the program is not there. */
  missingHint: string;
  /** The first that fits what the program said on stderr decides; a full disk need not be among them, nor a path. */
  refusals: readonly Refusal[];
}

interface Refusal {
  said: RegExp;
  code: StrataErrorCode;
  hint: string;
}

/** In the words of the system, whatever the program. */
const noSpace: Refusal = {
  said: /no space left on device/i,
  code: 'no-space',
  hint: 'Free some space on the disk that holds temporary files.',
};

/** Runs a program and gives its output. Throws StrataError('not-found' | 'no-daemon' | 'no-space' | 'unreadable'). */
export async function runEngine(
  host: Host,
  cli: EngineCli,
  program: string,
  args: readonly string[],
  what: string,
  options: Pick<ProcessOptions, 'signal' | 'timeoutMs'>,
): Promise<string> {
  const { signal, timeoutMs } = options;
  const result = await started(host.processes.run(program, args, { signal, timeoutMs }), cli, program, what);
  if (result.code === 0) return result.stdout;
  throw refusal(result, what, program, cli);
}

export type OnStdout = (chunk: Uint8Array) => void | Promise<void>;

/** Lines of what it says on stderr. */
const mostSaid = 20;

/**
 * Runs a program and hands on its output as it comes. Throws as `runEngine`, and what `onStdout` throws.
 */
export async function streamEngine(
  host: Host,
  cli: EngineCli,
  program: string,
  args: readonly string[],
  what: string,
  { signal, onStdout }: Pick<ProcessOptions, 'signal'> & { onStdout: OnStdout },
): Promise<void> {
  const said: string[] = [];
  let hasBegun = false;
  const onStderrLine = (line: string) => {
    if (said.length < mostSaid) said.push(line);
  };
  const stream = host.processes.stream(program, args, {
    signal,
    onStderrLine,
    onStdout: (chunk) => {
      hasBegun = true;
      return onStdout(chunk);
    },
  });
  // What is 'not-found' then is for who takes the output to say.
  const { code } = await started(stream, cli, program, what, () => hasBegun);
  if (code !== 0) throw refusal({ stderr: said.join('\n'), code }, what, program, cli);
}

async function started<T>(
  running: Promise<T>,
  cli: EngineCli,
  program: string,
  what: string,
  hasBegun: () => boolean = () => false,
): Promise<T> {
  try {
    return await running;
  } catch (error) {
    if (!(error instanceof StrataError) || error.code !== 'not-found' || hasBegun()) throw error;
    throw new StrataError(
      'no-daemon',
      `${what} needs the ${cli.name} program, and '${program}' was not found.`,
      cli.missingHint,
      error,
    );
  }
}

function refusal(
  { stderr, code }: Pick<ProcessResult, 'stderr' | 'code'>,
  what: string,
  program: string,
  { refusals }: EngineCli,
): StrataError {
  const said = stderr.trim().split('\n').at(-1)?.slice(0, 500) ?? '';
  const message = `${what}: ${said || `${program} ended with code ${code}`}`.replace(/[^.?!]$/, '$&.');
  const known = [...refusals, noSpace].find((candidate) => candidate.said.test(stderr));
  return known ? new StrataError(known.code, message, known.hint) : new StrataError('unreadable', message);
}
