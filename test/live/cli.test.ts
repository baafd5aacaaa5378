// `strata build` as a person runs it, on each builder: exit codes, JSON, the record that analyze finds afterwards, and
// Ctrl-C.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  baseLayout,
  type Daemon,
  daemonsMissing,
  importBase,
  run,
  skipReason,
  startBuildkitd,
  startDockerd,
} from '../support/daemons';

const root = process.env.STRATA_ROOT ?? process.cwd();
const skip = skipReason(daemonsMissing());

interface Line {
  line: number;
  effect: string;
  evidence: string;
  cache: string;
  layers: { unpackedBytes: number | null }[];
}
interface Report {
  image: { layers: number; unpackedBytes: number } | null;
  build: { outcome: string; cachedSteps: number; cacheableSteps: number };
  stages: { instructions: Line[] }[];
  unmapped: unknown[];
}

const dockerfile = [
  'FROM base:1',
  'WORKDIR /srv',
  'COPY a.txt .',
  'RUN cat a.txt a.txt > b.txt',
  'CMD ["sh"]',
  '',
].join('\n');

describe('strata build', { skip }, () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'strata-live-cli-'));
  let engine: Daemon;
  let buildkit: Daemon;
  let context: string;

  before(async () => {
    [engine, buildkit] = await Promise.all([startDockerd(), startBuildkitd()]);
    await importBase(engine, 'base:1');
    context = baseLayout(path.join(scratch, 'base')).context;
  });
  after(async () => {
    await Promise.all([engine?.stop(), buildkit?.stop()]);
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Words and environment of each way to build. */
  const ways: Record<string, () => { args: string[]; env: Record<string, string> }> = {
    'buildx with current BuildKit': () => ({
      args: ['--builder', 'buildx', `--builder-arg=--build-context=base:1=${context}`],
      env: buildkit.env,
    }),
    'buildx with the engine': () => ({
      args: ['--builder', 'buildx', '--builder-arg=--network=none'],
      env: engine.env,
    }),
    "docker's own BuildKit": () => ({
      args: ['--builder', 'docker', '--builder-arg=--network=none'],
      env: { ...engine.env, DOCKER_BUILDKIT: '1' },
    }),
    'the classic builder': () => ({
      args: ['--builder', 'docker', '--builder-arg=--network=none'],
      env: { ...engine.env, DOCKER_BUILDKIT: '0' },
    }),
  };

  for (const [name, way] of Object.entries(ways)) {
    test(`${name}: each layer is on its line, again from the cache, and analyze remembers`, async () => {
      const folder = path.join(scratch, name.replace(/\W+/g, '-'));
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, 'a.txt'), 'hello\n');
      writeFileSync(path.join(folder, 'Dockerfile'), dockerfile);
      const { args, env } = way();
      const strata = async (...words: string[]): Promise<Report> => {
        const { code, stdout, stderr } = await run(
          process.execPath,
          [path.join(root, 'dist/cli.js'), ...words, path.join(folder, 'Dockerfile'), '--format', 'json'],
          { env: { ...env, STRATA_CACHE: path.join(scratch, 'cache') } },
        );
        assert.equal(code, 0, stderr);
        return JSON.parse(stdout) as Report;
      };
      const sizes = (report: Report) =>
        report.stages[0]!.instructions.filter(({ effect }) => effect === 'layer').map(
          ({ line, layers, evidence }) => [line, layers.map((one) => one.unpackedBytes), evidence !== 'none'],
        );
      const expected = [
        [2, [0], true],
        [3, [6], true],
        [4, [12], true],
      ];
      const first = await strata('build', ...args);
      assert.deepEqual(sizes(first), expected);
      assert.deepEqual(first.unmapped, []);
      const second = await strata('build', ...args);
      assert.equal(second.build.cachedSteps, second.build.cacheableSteps);
      assert.deepEqual(sizes(second), expected);
      const analyzed = await strata('analyze');
      assert.deepEqual(sizes(analyzed), expected);
      assert.equal(analyzed.image?.unpackedBytes, first.image?.unpackedBytes);
    });
  }

  test('a failing build: exit 3, its line and its last words', async () => {
    const folder = path.join(scratch, 'failing');
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'Dockerfile');
    writeFileSync(file, 'FROM base:1\nRUN true\nRUN echo out of luck && exit 9\n');
    const { args, env } = ways['buildx with current BuildKit']!();
    const { code, stdout, stderr } = await run(
      process.execPath,
      [path.join(root, 'dist/cli.js'), 'build', ...args, file, '--format', 'json', '--no-progress'],
      { env: { ...env, STRATA_CACHE: path.join(scratch, 'cache') } },
    );
    assert.equal(code, 3);
    assert.equal((JSON.parse(stdout) as Report).build.outcome, 'failed');
    assert.match(stderr, /line 3/);
    assert.match(stderr, /out of luck/);
  });

  test('Ctrl-C: exit 130, no builder left, no temporary files', async () => {
    const folder = path.join(scratch, 'slow');
    mkdirSync(folder, { recursive: true });
    const temporary = path.join(scratch, 'tmp');
    mkdirSync(temporary);
    const file = path.join(folder, 'Dockerfile');
    writeFileSync(file, 'FROM base:1\nRUN echo started && sleep 300\n');
    const { args, env } = ways['buildx with current BuildKit']!();
    const child = spawn(process.execPath, [path.join(root, 'dist/cli.js'), 'build', ...args, file], {
      env: { ...process.env, ...env, STRATA_CACHE: path.join(scratch, 'cache'), TMPDIR: temporary },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const code = await new Promise<number | null>((resolve) => {
      child.on('close', resolve);
      let seen = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        const before = seen.includes('started');
        seen += text;
        if (!before && seen.includes('started')) child.kill('SIGINT');
      });
    });
    assert.equal(code, 130);
    assert.deepEqual(readdirSync(temporary), []);
  });
});
