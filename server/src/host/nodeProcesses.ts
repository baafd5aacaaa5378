// Processes through node:child_process. Decides how much output is kept and that output is handed on at the receiver's
// pace; not what any program is asked to do. See programPath.ts for where programs are found, processTree.ts for the end.
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { StrataError } from '../primitives/errors';
import type { HostProcesses } from '../primitives/host';
import { splitLines } from './lines';
import { endTree, killTreeNow } from './processTree';
import { type Environment, findProgram, mergeEnvironment } from './programPath';

/** Of one output stream that `run` keeps, and of one line that `stream` hands on. */
const outputBytes = 16 * 1024 * 1024;
/** How long a silent pipe is waited for after the program has ended: a child that lives on may hold it open. */
const silenceMs = 1_000;
const longestTimeoutMs = 2 ** 31 - 1;

type Options = Parameters<HostProcesses['stream']>[2] & { onStderr?: (chunk: Uint8Array) => void };
type Running = ChildProcess & { pid: number };

export function createNodeProcesses(environment: Environment): HostProcesses {
  const running = new Set<number>();
  // Only synchronous work is left at exit. Without it a build would go on after its editor has gone.
  const endAll = () => running.forEach(killTreeNow);

  async function start(program: string, args: readonly string[], options: Options): Promise<number | null> {
    throwIfAborted(program, options.signal);
    const file = await findProgram(program, environment);
    if (!file) {
      const hint = `Install ${program}, or tell Strata where it is.`;
      throw new StrataError('not-found', `Could not start ${program}: there is no such program.`, hint);
    }
    throwIfAborted(program, options.signal);
    const child = await spawned(file, args, options, mergeEnvironment(environment, options.env));
    if (running.size === 0) process.once('exit', endAll);
    running.add(child.pid);
    try {
      return await follow(child, program, options);
    } finally {
      running.delete(child.pid);
      if (running.size === 0) process.off('exit', endAll);
    }
  }

  return {
    async run(program, args, options = {}) {
      const stdout = keepText();
      const stderr = keepText();
      const code = await start(program, args, { ...options, onStdout: stdout.take, onStderr: stderr.take });
      return { code, stdout: stdout.text(), stderr: stderr.text() };
    },
    stream: async (program, args, options) => ({ code: await start(program, args, options) }),
    find: (program) => findProgram(program, environment),
  };
}

function throwIfAborted(program: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StrataError('cancelled', `${program} was cancelled.`);
}

/** @throws StrataError 'not-found' | 'unreadable' when the system does not start it */
async function spawned(
  file: string,
  args: readonly string[],
  options: Options,
  env: NodeJS.ProcessEnv,
): Promise<Running> {
  // Loaded with the first program: most commands start none.
  const { spawn } = await import('node:child_process');
  const child = spawn(file, args, {
    cwd: options.cwd,
    env,
    stdio: [
      options.input === undefined ? 'ignore' : 'pipe',
      options.onStdout || options.onStdoutLine ? 'pipe' : 'ignore',
      options.onStderr || options.onStderrLine ? 'pipe' : 'ignore',
    ],
    // A process group of its own (setsid), so that one signal reaches its children: docker starts docker-buildx.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error: NodeJS.ErrnoException) => reject(notStarted(file, options.cwd, error)));
  });
  if (options.input !== undefined) {
    // A program may end without reading its input (EPIPE); its exit code tells.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
  }
  return child as Running;
}

function notStarted(file: string, cwd: string | undefined, error: NodeJS.ErrnoException): StrataError {
  // The file was there a moment ago: what is missing is the folder to start in, or a script's interpreter.
  if (error.code === 'ENOENT') {
    return new StrataError('not-found', `Could not start ${file} in ${cwd ?? process.cwd()}.`, '', error);
  }
  const reason = error.code === 'EACCES' ? 'permission denied' : error.message;
  return new StrataError('unreadable', `Could not start ${file}: ${reason}.`, '', error);
}

/** Hands output on until the program has ended. Its exit code; null when a signal or the timeout ended it. */
async function follow(child: Running, program: string, options: Options): Promise<number | null> {
  let why: 'cancelled' | 'timeout' | null = null;
  let ending: Promise<void> | undefined;
  const end = () => {
    if (child.exitCode === null && child.signalCode === null) ending ??= endTree(child.pid);
  };
  const endBecause = (reason: 'cancelled' | 'timeout') => {
    why ??= reason;
    end();
  };
  const onAbort = () => endBecause('cancelled');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted) onAbort();
  const timer = setTimeout(() => endBecause('timeout'), options.timeoutMs ?? longestTimeoutMs);

  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const output = handOn(child, options);
  // A receiver that throws must not leave the program behind.
  output.done.catch(end);
  try {
    const code = await exited;
    await output.settled();
    if (why === 'cancelled') throw new StrataError('cancelled', `${program} was cancelled.`);
    return why === 'timeout' ? null : code;
  } finally {
    await ending;
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

interface Output {
  /** Rejects with what a receiver threw. */
  done: Promise<unknown>;
  /** As `done`, but gives a pipe up that stays silent although the program has ended. */
  settled(): Promise<void>;
}

function handOn(child: ChildProcess, options: Options): Output {
  let busy = 0;
  let lastMs = Date.now();
  const pump = async (from: Readable | null, takers: Taker[], ends: (() => void)[]) => {
    for await (const chunk of from ?? []) {
      busy++;
      try {
        for (const take of takers) await take(chunk);
      } finally {
        busy--;
        lastMs = Date.now();
      }
    }
    for (const end of ends) end();
  };
  const pumpBoth = (from: Readable | null, onLine: Options['onStdoutLine'], onChunk: Taker | undefined) => {
    const lines = onLine && splitLines(onLine, outputBytes);
    const takers = [onChunk, lines?.take].filter((take) => take !== undefined);
    return pump(from, takers, lines ? [lines.end] : []);
  };
  const done = Promise.all([
    pumpBoth(child.stdout, options.onStdoutLine, options.onStdout),
    pumpBoth(child.stderr, options.onStderrLine, options.onStderr),
  ]);
  const settled = async () => {
    const over = done.then(() => true);
    lastMs = Date.now();
    while (!(await Promise.race([over, delay(50, false)]))) {
      if (busy === 0 && Date.now() - lastMs > silenceMs) return;
    }
  };
  return { done, settled };
}

type Taker = (chunk: Uint8Array) => void | Promise<void>;

/** Keeps the first bytes of a stream and lets the rest go by, so that the program is never held up. */
function keepText(): { take: (chunk: Uint8Array) => void; text: () => string } {
  const chunks: Uint8Array[] = [];
  let left = outputBytes;
  return {
    take(chunk) {
      if (left > 0) chunks.push(chunk.subarray(0, left));
      left -= Math.min(left, chunk.length);
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
