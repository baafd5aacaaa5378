// A world for unit tests: files in a map, processes and the network played by functions, a clock that counts. Implements
// server/src/primitives/host.ts; what it refuses, it refuses as nodeHost does.
import { StrataError } from '../../server/src/primitives/errors';
import type {
  FolderEntry,
  Host,
  HostFiles,
  HostProcesses,
  ProcessOptions,
  ProcessResult,
} from '../../server/src/primitives/host';
import type { NetworkRequest } from '../../server/src/primitives/network';
import { memoryFiles } from './memoryFiles';
import { memoryNetwork } from './memoryNetwork';

export interface Played {
  code?: number | null;
  stdout?: string;
  stderr?: string;
}

export interface PlayedAnswer {
  /** Default: 200. */
  status?: number;
  /** Names in lower case. */
  headers?: Record<string, string>;
  body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

export interface MemoryHostOptions {
  files?: Iterable<[string, string | Uint8Array]> | Record<string, string | Uint8Array>;
  /** Plays a program; it may write to the host's files. Without it no program can be found. */
  run?: (program: string, args: readonly string[], options: ProcessOptions) => Played | Promise<Played>;
  /** Plays a server, redirects followed; what it throws, `request` throws. Without it no host is reached. */
  network?: (url: string, request: NetworkRequest) => PlayedAnswer | Promise<PlayedAnswer>;
  /** What `readFolder` tells beside the plain truth, by clean path: links, modes, devices. */
  entries?: Record<string, Partial<FolderEntry>>;
  environment?: Record<string, string | undefined>;
  os?: string;
  architecture?: string;
  /** Size of the chunks that `stream` gives. */
  chunkBytes?: number;
  /** Asked before each call that touches a file; what it returns is thrown. */
  refuse?: (operation: keyof HostFiles, path: string) => Error | null;
}

export interface MemoryHost extends Host {
  /** What is on the disk, by clean path. */
  readonly disk: Map<string, Uint8Array>;
  /** Program and arguments of every run. */
  readonly runs: string[][];
  /** Method and address of every request. */
  readonly requests: string[];
  /** Answers whose body is neither read to its end nor discarded. */
  openAnswers: number;
  /** Operation and path of every call that touched a file. */
  readonly calls: string[];
  /** Files that were opened and not closed. */
  openFiles: number;
  /** Bytes handed out by `read`, `stream` and opened files. */
  bytesRead: number;
}

export function memoryHost(options: MemoryHostOptions = {}): MemoryHost {
  let clock = 1_000_000;
  const host = {
    environment: options.environment ?? {},
    os: options.os ?? 'linux',
    architecture: options.architecture ?? 'amd64',
    now: () => ++clock,
    disk: new Map<string, Uint8Array>(),
    runs: [] as string[][],
    requests: [] as string[],
    openAnswers: 0,
    calls: [] as string[],
    openFiles: 0,
    bytesRead: 0,
  };
  return Object.assign(host, {
    files: memoryFiles(options, host),
    processes: memoryProcesses(options, host),
    network: memoryNetwork(options, host),
  });
}

function memoryProcesses(options: MemoryHostOptions, host: Pick<MemoryHost, 'runs'>): HostProcesses {
  const play = async (
    program: string,
    args: readonly string[],
    processOptions: ProcessOptions = {},
  ): Promise<ProcessResult> => {
    host.runs.push([program, ...args]);
    if (processOptions.signal?.aborted) throw new StrataError('cancelled', `${program} was cancelled.`);
    if (!options.run) throw new StrataError('not-found', `The program ${program} was not found.`);
    const { code = 0, stdout = '', stderr = '' } = await options.run(program, args, processOptions);
    return { code, stdout, stderr };
  };
  return {
    run: play,
    async stream(program, args, streamOptions) {
      const { code, stdout, stderr } = await play(program, args, streamOptions);
      for (const line of linesOf(stderr)) streamOptions.onStderrLine?.(line);
      for (const line of linesOf(stdout)) streamOptions.onStdoutLine?.(line);
      if (stdout !== '') await streamOptions.onStdout?.(Buffer.from(stdout, 'utf8'));
      return { code };
    },
    find: async (program) => (options.run ? `/usr/bin/${program}` : null),
  };
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
