// Images that a current Docker Engine keeps in its containerd, as a person looks at them: read from containerd's own files
// and as `docker save` writes them, with what is attached to them, the containers on them and the snapshots below.
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

interface Kept {
  key: string;
  kind: string;
  parent: string | null;
  usedBytes: number | null;
}
interface Snapshots {
  snapshots: { chainId: string; tops: string[]; containerd: Kept | null }[];
  containerd: Kept[];
}

describe('images in the containerd of an engine', { skip, timeout: 300_000 }, () => {
  let engine: CurrentEngine;
  let folder: string;
  let cli: EngineCli;

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-containerd-'));
    engine = await startCurrentEngine();
    cli = engineCli(engine, folder);
    await importBase(engine, 'base:1');
    const files = { 'a.txt': 'hello\n', 'b.txt': 'bye\n', Dockerfile: dockerfile };
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
    await cli.docker(
      'buildx',
      'build',
      '--network',
      'none',
      '--provenance',
      'mode=max',
      '--tag',
      'app:1',
      '.',
    );
  });
  after(async () => {
    await engine?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test('shows its image in every way', async () => {
    const layers = JSON.parse(await cli.strata(['layers', 'docker-daemon:app:1', '--format', 'json']));
    assert.deepEqual(
      layers.layers.map((one: { unpackedBytes: number }) => one.unpackedBytes).slice(1),
      [10, 5, 11],
    );
    assert.ok(layers.layers.every((one: { compressedBytes: number }) => one.compressedBytes > 0));
    assert.match(await cli.strata(['tree', 'docker-daemon:app:1', 'srv']), /a\.txt[\s\S]*made/);
    assert.match(await cli.strata(['diff', 'docker-daemon:app:1']), /b\.txt/);
    assert.match(await cli.strata(['blame', 'docker-daemon:app:1', 'srv/b.txt']), /delete/i);
    assert.equal(await cli.strata(['cat', 'docker-daemon:app:1', 'srv/a.txt']), 'hello\nmore\n');
    assert.equal(await cli.strata(['cat', 'docker-daemon:app:1', 'srv/b.txt', '--layer', '1']), 'bye\n');
  });

  test("are read from containerd's own files, or as docker saves them, with the same result", async () => {
    const told: string[] = [];
    for (const route of ['files', 'save']) {
      const log = path.join(folder, `${route}.log`);
      // Where the engine keeps its images is asked by `info`.
      const words = [`echo "$1" >> '${log}'`, ...(route === 'save' ? ['[ "$1" = info ] && exit 1'] : [])];
      const program = path.join(folder, `docker-${route}`);
      fs.writeFileSync(program, `#!/bin/sh\n${words.join('\n')}\nexec docker "$@"\n`, { mode: 0o755 });
      const env = { STRATA_DOCKER: program, STRATA_CACHE: path.join(folder, `cache-${route}`) };
      const layers = JSON.parse(await cli.strata(['layers', 'docker-daemon:app:1', '--format', 'json'], env));
      const tree = await cli.strata(['tree', 'docker-daemon:app:1', '--depth', '9'], env);
      const cat = await cli.strata(['cat', 'docker-daemon:app:1', 'srv/a.txt'], env);
      told.push(JSON.stringify([layers, tree, cat]));
      assert.equal(fs.readFileSync(log, 'utf8').includes('save'), route === 'save');
    }
    assert.equal(told[0], told[1]);
  });

  test('tie their layers to lines by the provenance that is attached to them', async () => {
    const told = await cli.report(['analyze', 'Dockerfile', '--image', 'docker-daemon:app:1']);
    assert.deepEqual(linesOf(told), [
      [3, '', 'none'],
      [4, '1: 10', 'provenance'],
      [5, '2: 5', 'provenance'],
      [6, '3: 11', 'provenance'],
    ]);
  });

  test('tells what a container wrote over its image', async () => {
    await cli.docker(
      'run',
      '--name',
      'writer',
      '--network',
      'none',
      'app:1',
      'sh',
      '-c',
      'echo 1234567 > /new; rm /srv/made',
    );
    const changes = await cli.strata(['diff', '--container', 'writer']);
    assert.match(changes, /new/);
    assert.match(changes, /srv\/made/);
  });

  test('shares layers, and its containerd, which need not be named, says what they take', async () => {
    const env = { PATH: `${path.dirname(engine.ctr)}${path.delimiter}${process.env.PATH}` };
    const told = JSON.parse(
      await cli.strata(['snapshots', '--containerd', '--format', 'json'], env),
    ) as Snapshots;
    const app = told.snapshots.find(({ tops }) => tops.includes('app:1'));
    assert.equal(app?.containerd?.kind, 'committed');
    assert.ok(told.snapshots.every(({ containerd }) => (containerd?.usedBytes ?? 0) > 0));
    // The container of the test before stands on it, with a snapshot between that is not shown.
    const id = (await cli.docker('inspect', '--format', '{{.Id}}', 'writer')).trim();
    const between = told.containerd.find(({ key }) => key === `${id}-init`);
    assert.deepEqual([between?.kind, between?.parent], ['committed', app.chainId]);
    const drawn = (await cli.strata(['snapshots', '--containerd'], env)).split('\n');
    const at = drawn.findIndex((line) => line.includes('app:1'));
    assert.match(drawn[at + 1] ?? '', new RegExp(`─ ${id}  active`), drawn.join('\n'));
    const named = ['--address', engine.containerd, '--namespace', 'moby', '--format', 'json'];
    const again = JSON.parse(await cli.strata(['snapshots', '--containerd', ...named], env)) as Snapshots;
    assert.deepEqual(again.snapshots, told.snapshots);
  });
});
