// The command line in a folder of its own, with an engine of the tests behind it: what a person types, and what is told.
import assert from 'node:assert/strict';
import * as path from 'node:path';
import { type Daemon, dockerCommand, run } from './daemons';

const root = process.env.STRATA_ROOT ?? process.cwd();
const dist = process.env.STRATA_DIST ?? path.join(root, 'dist');

/** As much of the JSON of `strata build` and `analyze` as the tests look at. */
export interface EngineReport {
  image: { id: string; platform: string; layers: number };
  stages: {
    instructions: {
      line: number;
      cache: string;
      evidence: string;
      layers: { index: number; unpackedBytes: number }[];
    }[];
  }[];
  unmapped: unknown[];
}

export interface EngineCli {
  strata(words: readonly string[], env?: Record<string, string>): Promise<string>;
  report(words: readonly string[], env?: Record<string, string>): Promise<EngineReport>;
  docker(...words: string[]): Promise<string>;
}

/** A command that fails, fails the test. */
export function engineCli({ env: own }: Daemon, folder: string): EngineCli {
  const output = async (program: string, words: readonly string[], env: Record<string, string>) => {
    const ran = await run(program, [...words], { cwd: folder, env: { ...own, ...env } });
    assert.equal(ran.code, 0, `${words.join(' ')}: ${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  };
  const strata: EngineCli['strata'] = (words, env = {}) =>
    output(process.execPath, [path.join(dist, 'cli.js'), ...words], {
      STRATA_CACHE: path.join(folder, 'cache'),
      ...env,
    });
  return {
    strata,
    report: async (words, env) => JSON.parse(await strata([...words, '--format', 'json'], env)),
    docker: (...words) => output(dockerCommand(own), words, {}),
  };
}

/** Line, layers as `index: bytes`, and evidence of each instruction of the last stage. */
export function linesOf({ stages }: EngineReport): [number, string, string][] {
  return stages
    .at(-1)!
    .instructions.map(({ line, layers, evidence }) => [
      line,
      layers.map(({ index, unpackedBytes }) => `${index}: ${unpackedBytes}`).join(),
      evidence,
    ]);
}
