import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { measureImage } from '../../../server/src/layers/measureImage';
import type { LayerIndex } from '../../../server/src/layers/model';
import { readStateFile } from '../../../server/src/layers/readFile';
import { openIndexStore } from '../../../server/src/layers/store';
import { sha256 } from '../../../server/src/primitives/digest';
import { StrataError } from '../../../server/src/primitives/errors';
import { imageFixture, imageHost, writeImages } from '../../support/imageFixture';
import { type MemoryHost, memoryHost } from '../../support/memoryHost';

const image = { layers: [{ a: '1' }] };
const twoLayers = { layers: [{ a: '1' }, { b: '2' }] };

function saves(host: MemoryHost): number {
  return host.runs.filter(([, command]) => command === 'save').length;
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** An engine whose image is known already and whose next save waits for `end`. */
async function slowEngine(): Promise<{
  host: MemoryHost;
  reference: string;
  save: { started: Promise<AbortSignal>; end: () => void };
}> {
  const { host: known, reference, fixtures } = await imageHost(twoLayers, 'docker-daemon');
  await (await openImage(known, reference, { configs: '/configs' })).close();
  const files = await writeImages(fixtures, 'docker-daemon');
  let begin: (signal: AbortSignal) => void = () => {};
  let end = (): void => {};
  const started = new Promise<AbortSignal>((resolve) => {
    begin = resolve;
  });
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const host = memoryHost({
    files: [...known.disk],
    async run(_, args, { signal }) {
      if (args[0] === 'save') {
        begin(signal!);
        await ended;
        host.disk.set(args[2]!, files.get('image.tar')!);
        if (signal!.aborted) throw new StrataError('cancelled', 'docker was cancelled.');
      }
      return { stdout: JSON.stringify([{ Id: fixtures[0]!.id }]) };
    },
  });
  return { host, reference, save: { started, end } };
}

test('an image of the engine is saved into a temporary folder, which close removes', async () => {
  const { host } = await imageHost(image, 'docker-daemon');
  const opened = await openImage(host, 'docker-daemon:app:1');
  const saved = [...host.disk.keys()].filter((path) => path.startsWith('/tmp/'));
  assert.equal(saved.length, 1);
  assert.deepEqual(host.runs, [
    ['docker', 'image', 'inspect', 'app:1'],
    ['docker', 'save', '--output', saved[0], 'app:1'],
  ]);
  await opened.close();
  assert.equal(host.disk.size, 0);
});

test('with a folder to keep it, an image is saved once', async () => {
  const { host } = await imageHost(image, 'docker-daemon');
  for (let i = 0; i < 2; i++) await (await openImage(host, 'docker-daemon:app:1', { keep: '/keep' })).close();
  assert.equal(saves(host), 1);
  assert.deepEqual([...host.disk.keys()].map((path) => path.replace(/[0-9a-f]{64}/, 'HEX')).sort(), [
    '/keep/HEX.json',
    '/keep/HEX.tar',
  ]);
});

for (const form of ['docker-daemon', 'containers-storage'] as const) {
  test(`${form}: an image whose config and layers are known is not saved`, async () => {
    const { host, reference, fixtures } = await imageHost(twoLayers, form);
    const store = openIndexStore(host, '/indexes');
    const first = await openImage(host, reference, { configs: '/configs' });
    const before = await measureImage(host, first, { store });
    await first.close();
    assert.deepEqual(
      [...host.disk.keys()].filter((path) => path.startsWith('/configs/')),
      [`/configs/${fixtures[0]!.id.slice(7)}.json`],
    );
    host.runs.length = 0;
    const again = await openImage(host, reference, { configs: '/configs' });
    const after = await measureImage(host, again, { store });
    await again.close();
    assert.deepEqual(after.measured, before.measured);
    assert.deepEqual(
      host.runs.map((run) => run.slice(1)),
      [['image', 'inspect', 'app:1']],
    );
    assert.ok([...host.disk.keys()].every((path) => !path.startsWith('/tmp/')));
  });

  test(`${form}: a known image is saved once when its bytes are asked for, by however many`, async () => {
    const { host, reference, fixtures } = await imageHost(twoLayers, form);
    await (await openImage(host, reference, { configs: '/configs' })).close();
    host.runs.length = 0;
    const opened = await openImage(host, reference, { configs: '/configs' });
    assert.equal(opened.layers[0]!.blob!.region, null);
    assert.equal(saves(host), 0);
    const read = await Promise.all(opened.layers.map(({ blob }) => bytesOf(blob!.open())));
    assert.deepEqual(read.map(sha256), fixtures[0]!.diffIds);
    assert.equal(opened.layers[1]!.blob!.region?.length, fixtures[0]!.tars[1]!.length);
    const { measured, indexes } = await measureImage(host, opened);
    assert.equal(measured.visibleBytes, 2);
    assert.ok(await readStateFile(host, opened.layers, indexes as LayerIndex[], 1, 'b'));
    assert.equal(saves(host), 1);
    await opened.close();
    assert.ok([...host.disk.keys()].every((path) => !path.startsWith('/tmp/')));
    await assert.rejects(bytesOf(opened.layers[0]!.blob!.open()), { code: 'cancelled' });
  });
}

test('who stops waiting leaves the save to the others; when nobody waits it is stopped', async () => {
  const { host, reference, save } = await slowEngine();
  const opened = await openImage(host, reference, { configs: '/configs' });
  const [one, two] = [new AbortController(), new AbortController()];
  const first = opened.layers[0]!.blob!.settle!(one.signal);
  const second = opened.layers[1]!.blob!.settle!(two.signal);
  const signal = await save.started;
  one.abort();
  await assert.rejects(first, { code: 'cancelled' });
  assert.equal(signal.aborted, false);
  two.abort();
  await assert.rejects(second, { code: 'cancelled' });
  assert.equal(signal.aborted, true);
  save.end();
  await opened.close();
  assert.ok([...host.disk.keys()].every((path) => !path.startsWith('/tmp/')));
});

test('closing stops a save that is under way and removes its file', async () => {
  const { host, reference, save } = await slowEngine();
  const opened = await openImage(host, reference, { configs: '/configs' });
  const reading = opened.layers[0]!.blob!.settle!();
  const signal = await save.started;
  const closing = opened.close();
  assert.equal(signal.aborted, true);
  save.end();
  await Promise.all([closing, assert.rejects(reading)]);
  assert.ok([...host.disk.keys()].every((path) => !path.startsWith('/tmp/')));
});

test('a name that means another image by now is refused when its bytes come', async () => {
  const { host, reference, fixtures } = await imageHost(twoLayers, 'docker-daemon');
  await (await openImage(host, reference, { configs: '/configs' })).close();
  const other = await imageFixture({ layers: [{ c: '3' }, { d: '4' }] });
  const opened = await openImage(host, reference, { configs: '/configs' });
  const files = await writeImages([other], 'docker-daemon');
  const played = memoryHost({
    run: (_, args) => {
      if (args[0] === 'save') played.disk.set(args[2]!, files.get('image.tar')!);
      return { stdout: JSON.stringify([{ Id: fixtures[0]!.id }]) };
    },
    files: [...host.disk],
  });
  const moved = await openImage(played, reference, { configs: '/configs' });
  await assert.rejects(bytesOf(moved.layers[0]!.blob!.open()), { code: 'not-found' });
  await Promise.all([moved.close(), opened.close()]);
  assert.ok([...played.disk.keys()].every((path) => !path.startsWith('/tmp/')));
});

test('a kept config that was altered is not believed', async () => {
  const { host, reference, fixtures } = await imageHost(twoLayers, 'docker-daemon');
  await (await openImage(host, reference, { configs: '/configs' })).close();
  const path = `/configs/${fixtures[0]!.id.slice(7)}.json`;
  const kept = Buffer.from(host.disk.get(path)!).toString();
  for (const bad of [kept.replace('RUN layer 0', 'RUN another'), kept.slice(0, 50), '[]', '']) {
    host.disk.set(path, Buffer.from(bad));
    host.runs.length = 0;
    const opened = await openImage(host, reference, { configs: '/configs' });
    assert.equal(saves(host), 1);
    assert.equal(opened.config.history[0]!.createdBy, 'RUN layer 0');
    await opened.close();
    assert.equal(Buffer.from(host.disk.get(path)!).toString(), kept);
  }
});

test("with containerd's image store the config is known by the index's digest, platform and DiffIDs", async () => {
  const fixture = await imageFixture(twoLayers);
  const files = await writeImages([fixture], 'containerd-archive', 'gzip');
  const id = `sha256:${'1'.repeat(64)}`;
  let diffIds = fixture.diffIds;
  const host = memoryHost({
    run: (_, args) => {
      if (args[0] === 'save') host.disk.set(args[2]!, files.get('image.tar')!);
      return { stdout: JSON.stringify([{ Id: id, RootFS: { Layers: diffIds } }]) };
    },
  });
  const open = async (platform?: string): Promise<number> => {
    host.runs.length = 0;
    const opened = await openImage(host, 'app:1', { configs: '/configs', platform });
    assert.equal(opened.id, fixture.id);
    assert.ok(opened.layers.every(({ compressedBytes, blobDigest }) => compressedBytes && blobDigest));
    await opened.close();
    return saves(host);
  };
  assert.deepEqual([await open(), await open()], [1, 0]);
  assert.deepEqual([await open('linux/amd64'), await open('linux/amd64')], [1, 0]);
  diffIds = [...diffIds].reverse();
  assert.deepEqual([await open(), await open()], [1, 1]);
});

test('a known image of another platform is refused as when it was saved', async () => {
  const { host, reference } = await imageHost(twoLayers, 'docker-daemon');
  await (await openImage(host, reference, { configs: '/configs' })).close();
  host.runs.length = 0;
  await assert.rejects(openImage(host, reference, { configs: '/configs', platform: 'linux/arm64' }), {
    code: 'not-found',
    message: /has no image for linux\/arm64/,
  });
});

test('the folder of configs stays bounded; what was used longest ago goes', async () => {
  const { host, reference, fixtures } = await imageHost(twoLayers, 'docker-daemon');
  const name = (i: number): string => `/configs/${String(i).padStart(64, '0')}.json`;
  for (let i = 0; i < 300; i++) await host.files.writeWhole(name(i), '{}');
  await host.files.writeWhole('/configs/other.txt', '');
  await host.files.touch(name(0));
  await (await openImage(host, reference, { configs: '/configs' })).close();
  const left = [...host.disk.keys()].filter((path) => path.startsWith('/configs/'));
  assert.equal(left.length, 257);
  for (const path of [name(0), name(299), `/configs/${fixtures[0]!.id.slice(7)}.json`, '/configs/other.txt'])
    assert.ok(left.includes(path), path);
});

test('the program is the option, else STRATA_DOCKER, else docker', async () => {
  for (const [environment, docker, expected] of [
    [{}, undefined, 'docker'],
    [{ STRATA_DOCKER: '/opt/docker' }, undefined, '/opt/docker'],
    [{ STRATA_DOCKER: '/opt/docker' }, '/usr/local/bin/docker', '/usr/local/bin/docker'],
  ] as const) {
    const { host } = await imageHost(image, 'docker-daemon', 'none', { environment });
    await (await openImage(host, 'app:1', { docker })).close();
    assert.ok(host.runs.every(([program]) => program === expected));
  }
});

test('each refusal of docker says what happened and what to do, and leaves nothing behind', async () => {
  const inspect = JSON.stringify([{ Id: `sha256:${'1'.repeat(64)}` }]);
  const cases: [stderr: string, code: string, hint: RegExp][] = [
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'no-daemon',
      /Start Docker/,
    ],
    ['permission denied while trying to connect to the Docker daemon socket', 'no-daemon', /DOCKER_HOST/],
    ['Error response from daemon: No such image: app:1', 'not-found', /image ls/],
    ['write /tmp/x: no space left on device', 'no-space', /Free some space/],
    ['something else', 'unreadable', /^$/],
  ];
  for (const failing of ['inspect', 'save']) {
    for (const [stderr, code, hint] of cases) {
      const host = memoryHost({
        run: (_, args) => (args.includes(failing) ? { code: 1, stderr: `${stderr}\n` } : { stdout: inspect }),
      });
      await assert.rejects(
        openImage(host, 'docker-daemon:app:1'),
        (error) =>
          error instanceof StrataError &&
          error.code === code &&
          hint.test(error.hint) &&
          /app:1/.test(error.message),
        `${failing}: ${stderr}`,
      );
      assert.equal(host.disk.size, 0);
      assert.ok(failing === 'inspect' || host.calls.some((call) => call.startsWith('remove /tmp/strata-')));
    }
  }
  await assert.rejects(openImage(memoryHost(), 'docker-daemon:app:1'), {
    code: 'no-daemon',
    hint: /STRATA_DOCKER/,
  });
  await assert.rejects(openImage(memoryHost({ run: () => ({ stdout: '[]' }) }), 'app:1'), {
    code: 'unreadable',
  });
});

test('a name cannot pass for a flag of docker', async () => {
  const host = memoryHost({ run: () => ({}) });
  await assert.rejects(openImage(host, 'docker-daemon:--output=/etc/passwd'), { code: 'usage' });
  assert.deepEqual(host.runs, []);
});
