// One run of a builder: starts it, hands progress on at a bearable rate, and makes the record of what it told. Decides
// nothing on any one builder's arguments or output.
import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import { parseDockerfile } from '../dockerfile/parse';
import { isCancelled } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { explainFailure } from './failure';
import type { BuildCallbacks, BuilderIdentity, BuildRecord, BuildRequest, BuildStep } from './model';
import { redact } from './redact';
import { keepWords } from './words';

/** How a builder's two streams are read. Each `take` is false for a line that is the builder's own words. */
export interface OutputReader {
  stdout(line: string): boolean;
  stderr(line: string): boolean;
  steps(): BuildStep[];
  /** Called once when the builder has ended with an error, with its words. */
  failed?(words: readonly string[]): void;
}

export interface BuilderCommand {
  identity: BuilderIdentity;
  program: string;
  args: readonly string[];
  env: Record<string, string | undefined>;
  /** @param onText takes what people should read in a log, a line at a time */
  createReader(onText: (line: string) => void): OutputReader;
  /** Reads what the builder left behind; called after a build without errors only. */
  collect(): Promise<BuiltImage>;
}

/** What a finished build adds to its record. */
export type BuiltImage = Pick<BuildRecord, 'imageReference' | 'imageId' | 'provenance' | 'note'> & {
  /** The steps with what the engine told of their images; absent when it was not asked. */
  steps?: BuildStep[];
};

const progressMs = 100;

/**
 * Runs a builder to its end. A build that fails or is cancelled is a record too.
 * @throws StrataError 'not-found' | 'unreadable' when the program cannot be started
 */
export async function runBuilder(
  host: Host,
  command: BuilderCommand,
  request: BuildRequest,
  callbacks: BuildCallbacks,
  signal: AbortSignal,
): Promise<BuildRecord> {
  const startedMs = host.now();
  const words = keepWords();
  const reader = command.createReader((line) => callbacks.onLog?.(redact(line)));
  const progress = everySoOften(() =>
    callbacks.onProgress?.({ steps: reader.steps(), elapsedMs: host.now() - startedMs }),
  );
  const take = (isProgress: boolean, line: string) => {
    if (!isProgress && line.trim() !== '') words.take(line);
    progress.soon();
  };
  const ended = async (): Promise<{ code: number | null } | 'cancelled'> => {
    try {
      return await host.processes.stream(command.program, command.args, {
        cwd: request.workingDirectory ?? path.dirname(request.dockerfile),
        env: command.env,
        signal,
        onStdoutLine: (line) => take(reader.stdout(line), line),
        onStderrLine: (line) => take(reader.stderr(line), line),
      });
    } catch (error) {
      if (isCancelled(error)) return 'cancelled';
      throw error;
    } finally {
      progress.stop();
    }
  };
  const end = await ended();
  const failed = end !== 'cancelled' && end.code !== 0;
  if (failed) reader.failed?.(words.lines());
  const steps = reader.steps();
  callbacks.onProgress?.({ steps, elapsedMs: host.now() - startedMs });
  const record: BuildRecord = {
    schema: 1,
    id: recordId(startedMs),
    text: request.text,
    dockerfile: path.basename(request.dockerfile),
    choice: request.choice,
    builder: command.identity,
    started: new Date(startedMs).toISOString(),
    durationMs: host.now() - startedMs,
    outcome: end === 'cancelled' ? 'cancelled' : failed ? 'failed' : 'built',
    steps,
    provenance: null,
    imageReference: null,
    imageId: null,
    image: null,
    failure: null,
    note: null,
  };
  if (end === 'cancelled') return record;
  if (!failed) {
    const image = await command.collect();
    // The file may have been saved between reading it and the builder's reading it: what was built counts.
    return { ...record, ...image, text: image.provenance?.dockerfile ?? record.text };
  }
  const failure = explainFailure({
    builder: command.identity,
    name: record.dockerfile,
    dockerfile: parseDockerfile(request.text),
    steps,
    words: words.lines(),
    code: end.code,
    keep: request.keep,
  });
  return { ...record, failure };
}

/** Sorts by time as text; the end keeps two builds of one millisecond apart. */
function recordId(startedMs: number): string {
  return `${new Date(startedMs).toISOString().replace(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}`;
}

/** Calls at most once in a while, and once more for what came last. */
function everySoOften(call: () => void): { soon(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    soon() {
      timer ??= setTimeout(() => {
        timer = undefined;
        call();
      }, progressMs);
    },
    stop: () => clearTimeout(timer),
  };
}
