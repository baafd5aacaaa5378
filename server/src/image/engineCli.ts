// Calls of an engine's program, and what its refusals mean. Which programs there are and how they word their refusals
// is in dockerCli.ts and podmanCli.ts.
import { StrataError, type StrataErrorCode } from '../primitives/errors';
import type { Host, ProcessOptions, ProcessResult } from '../primitives/host';

export interface EngineCli {
  /** As in 'needs the docker program'. */
  name: string;
  /** What to do when the program is not there. */
  missingHint: string;
  /** The first that fits what the program said on stderr decides; a full disk need not be among them. */
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
      `${what} needs the ${cli.name} program, and '${program}' was not found.`,
      cli.missingHint,
      error,
    );
  }
  if (result.code === 0) return result.stdout;
  throw refusal(result, what, program, cli);
}

function refusal(
  { stderr, code }: ProcessResult,
  what: string,
  program: string,
  { refusals }: EngineCli,
): StrataError {
  const said = stderr.trim().split('\n').at(-1)?.slice(0, 500) ?? '';
  const message = `${what}: ${said || `${program} ended with code ${code}`}`.replace(/[^.?!]$/, '$&.');
  const known = [...refusals, noSpace].find((candidate) => candidate.said.test(stderr));
  return known ? new StrataError(known.code, message, known.hint) : new StrataError('unreadable', message);
}
