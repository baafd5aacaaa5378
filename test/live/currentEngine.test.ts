// Builds on a current Docker Engine, as a person makes them and looks at them: with containerd's image store and without
// it, for several platforms, made elsewhere, by the classic builder. mapping.test.ts and builders.test.ts build there
// too; what its images hold: containerdStore.test.ts.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type CurrentEngine, currentEngineMissing, startCurrentEngine } from '../support/currentEngine';
import { importBase, skipReason } from '../support/daemons';
import { type EngineCli, engineCli, linesOf } from '../support/engineCli';

const skip = skipReason(currentEngineMissing());

const dockerfile = [
  'FROM base:1 AS made',
  'RUN echo made > /made',
  'FROM base:1',
  'COPY a.txt b.txt /srv/',
  'COPY --from=made /made /srv/made',
  'RUN rm /srv/b.txt && echo more >> /srv/a.txt',
  '',
].join('\n');

describe('a current Docker Engine', { skip, timeout: 300_000 }, () => {
  let engine: CurrentEngine;
  let folder: string;
  let cli: EngineCli;

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-current-'));
    engine = await startCurrentEngine();
    cli = engineCli(engine, folder);
    await importBase(engine, 'base:1');
    for (const [name, text] of Object.entries({
      'a.txt': 'hello\n',
      'b.txt': 'bye\n',
      Dockerfile: dockerfile,
    }))
      fs.writeFileSync(path.join(folder, name), text);
  });
  after(async () => {
    await engine?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const offline = '--builder-arg=--network=none';
  const build = ['build', 'Dockerfile', '--builder', 'buildx', offline, '--tag', 'app:1'];

  test('ties each layer to its line by the provenance of its history, also when all comes from the cache', async () => {
    const expected = [
      [3, '', 'none'],
      [4, '1: 10', 'provenance'],
      [5, '2: 5', 'provenance'],
      [6, '3: 11', 'provenance'],
    ];
    const first = await cli.report(build);
    assert.deepEqual(linesOf(first), expected);
    assert.deepEqual(first.unmapped, []);
    const second = await cli.report(build);
    assert.deepEqual(linesOf(second), expected);
    assert.ok(
      second.stages
        .flatMap(({ instructions }) => instructions)
        .every(({ cache }) => /^(hit|not-cacheable)$/.test(cache)),
    );
  });

  test('tells of a build that somebody else made, by its history and by its metadata file', async () => {
    const file = path.join(folder, 'metadata.json');
    const args = ['buildx', 'build', '--network', 'none', '--metadata-file', file, '--tag', 'other:1', '.'];
    await cli.docker(...args);
    const [{ ref }] = JSON.parse(await cli.strata(['history', '--format', 'json'])).builds;
    for (const source of [
      ['--history', ref],
      ['--metadata', file],
    ]) {
      const told = await cli.report(['analyze', 'Dockerfile', ...source, '--no-store']);
      assert.deepEqual(
        linesOf(told).map(([line, layers]) => [line, layers]),
        [
          [3, ''],
          [4, '1: 10'],
          [5, '2: 5'],
          [6, '3: 11'],
        ],
        source.join(' '),
      );
    }
  });

  test('keeps an image for two platforms, and each is measured', async () => {
    const file = path.join(folder, 'two.Dockerfile');
    fs.writeFileSync(file, 'FROM scratch\nARG TARGETARCH\nCOPY a.txt /for-$TARGETARCH\n');
    const platforms = ['linux/amd64', 'linux/arm64'];
    await cli.strata(['build', 'two.Dockerfile', '--builder', 'buildx', '--platform', platforms.join()]);
    for (const platform of platforms) {
      const one = await cli.report(['analyze', 'two.Dockerfile', '--platform', platform]);
      assert.equal(one.image.platform, platform);
      assert.deepEqual(linesOf(one).at(-1), [3, '0: 6', 'provenance']);
    }
  });

  test('that keeps images by a graph driver ties its layers by provenance, too', async () => {
    const other = await startCurrentEngine('graph driver');
    try {
      await importBase(other, 'base:1');
      const first = await engineCli(other, folder).report(build);
      assert.deepEqual(linesOf(first), [
        [3, '', 'none'],
        [4, '1: 10', 'provenance'],
        [5, '2: 5', 'provenance'],
        [6, '3: 11', 'provenance'],
      ]);
    } finally {
      await other.stop();
    }
  });

  test('makes no layer by the classic builder where a line changed nothing, and does not cache all that replaces a HEALTHCHECK', async () => {
    const file = path.join(folder, 'classic.Dockerfile');
    const check = ['HEALTHCHECK --interval=5s CMD true', 'HEALTHCHECK NONE'];
    const lines = ['FROM base:1', 'COPY a.txt /p', 'COPY a.txt /p', ...check, 'RUN echo m > /m'];
    fs.writeFileSync(file, `${lines.join('\n')}\n`);
    const classic = ['build', 'classic.Dockerfile', '--builder', 'docker', offline];
    const env = { DOCKER_BUILDKIT: '0' };
    const first = await cli.report(classic, env);
    assert.equal(first.image.layers, 3);
    assert.deepEqual(linesOf(first), [
      [1, '', 'none'],
      [2, '1: 6', 'steps'],
      [3, '', 'steps'],
      [4, '', 'steps'],
      [5, '', 'steps'],
      [6, '2: 2', 'steps'],
    ]);
    const second = await cli.report(classic, env);
    assert.deepEqual(
      second.stages[0]!.instructions.map(({ cache }) => cache),
      ['not-cacheable', 'hit', 'hit', 'hit', 'miss', 'miss'],
    );
  });
});
