// What a container wrote, as docker and podman really keep it: one more layer over its image, with the sizes of its files.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createNodeHost } from '../../server/src/host/nodeHost';
import {
  type Container,
  containerChanges,
  copyFromContainer,
  exportContainer,
  findContainer,
} from '../../server/src/image/containers';
import { diffLayer } from '../../server/src/layers/diff';
import { createInlineIndexer } from '../../server/src/layers/indexer';
import type { LayerIndex } from '../../server/src/layers/model';
import {
  type ContainerContents,
  containersOf,
  contentsOfContainer,
} from '../../server/src/measure/containerContents';
import type { Host } from '../../server/src/primitives/host';
import {
  type Daemon,
  daemonsMissing,
  dockerCommand,
  importBase,
  run,
  skipReason,
  startDockerd,
} from '../support/daemons';
import { imageFixture, writeImages } from '../support/imageFixture';
import { drawDiff } from '../support/layerIndexes';
import { type Podman, podmanMissing, startPodman } from '../support/podman';

const missing = [...daemonsMissing(), ...podmanMissing()];
const options = {
  timeout: 300_000,
  skip: skipReason(missing),
};

async function containerOf(host: Host, engine: string, name: string): Promise<Container> {
  const { containers } = await containersOf({ host });
  const found = containers.find((one) => one.engine === engine && one.name === name);
  assert.ok(found, JSON.stringify(containers));
  return found;
}

/** What is not there is said to be so, in each engine's own words. */
async function checkGone(host: Host, { engine, id }: Container, read: ContainerContents['read']) {
  assert.equal((await findContainer(host, engine, id)).id, id);
  const gone = { engine, id: 'f'.repeat(64) };
  await assert.rejects(read('gone', 100), { code: 'not-found' });
  await assert.rejects(findContainer(host, engine, gone.id), { code: 'not-found' });
  const ignore = () => {};
  await assert.rejects(exportContainer(host, gone, {}, ignore), { code: 'not-found' });
  await assert.rejects(copyFromContainer(host, gone, 'a', {}, ignore), { code: 'not-found' });
  await assert.rejects(containerChanges(host, gone), { code: 'not-found' });
  const nowhere = { [engine]: path.join(os.tmpdir(), 'no-such-engine') };
  await assert.rejects(copyFromContainer(host, gone, 'a', nowhere, ignore), { code: 'no-daemon' });
}

function written(indexes: readonly (LayerIndex | null)[]): string[] {
  const changes = drawDiff(diffLayer(indexes as LayerIndex[], indexes.length - 1)).split('\n');
  // Directories get another time by what happens in them.
  return changes.filter((line) => !/ \(mtime\)$/.test(line));
}

describe('what a container wrote', options, () => {
  let docker: Daemon;
  let podman: Podman;
  let work: string;
  before(async () => {
    work = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-container-'));
    podman = startPodman();
    docker = await startDockerd();
    await importBase(docker, 'base:1');
  });
  after(async () => {
    podman?.stop();
    await docker?.stop();
    fs.rmSync(work, { recursive: true, force: true });
  });

  test('is told of a container of Docker, and its files can be read', async () => {
    const script = [
      'echo 12345678 > /new && mkdir /dir && ln -s /new /dir/link && ln /new /dir/hard',
      'rm /etc/passwd && chmod 700 /home/app && rm -r /tmp && mkdir /tmp && echo x > /tmp/y',
      "printf a > '/dir/two\nlines'",
    ].join(' && ');
    const args = ['run', '--name', 'writer', '--network', 'none', 'base:1', 'sh', '-c', script];
    const ran = await run(dockerCommand(docker.env), args, { env: docker.env });
    assert.equal(ran.code, 0, ran.stderr);
    const host = createNodeHost({ ...process.env, ...docker.env });
    const container = await containerOf(host, 'docker', 'writer');
    assert.deepEqual([container.image, container.state, container.diffIds.length], ['base:1', 'exited', 1]);
    const tools = { host, indexer: createInlineIndexer(host), store: null };
    const { contents, read } = await contentsOfContainer(tools, container, null);
    assert.deepEqual(contents.indexes.at(-1)!.problems, []);
    const found = written(contents.indexes);
    for (const line of ['+ dir/hard 9', '+ new 0', '- etc/passwd', '+ dir/ 0', '+ dir/link', '+ tmp/y 2'])
      assert.ok(
        found.some((one) => one.startsWith(line)),
        `${line} in\n${found.join('\n')}`,
      );
    assert.ok(
      found.some((one) => /^~ home\/app.*mode/.test(one)),
      found.join('\n'),
    );
    assert.ok(found.some((one) => one.includes('two\nlines') || one.startsWith('+ dir/two')));
    assert.equal(Buffer.from(await read('new', 100)).toString(), '12345678\n');
    await checkGone(host, container, read);
    // The same image, known already: it is not read again.
    const below = { ...contents, indexes: contents.indexes.slice(0, -1) };
    const again = await contentsOfContainer(tools, container, below);
    assert.equal(again.image, null);
    assert.equal(again.contents.indexes[0], contents.indexes[0]);
  });

  test('is told of a container of podman', async () => {
    const fixture = await imageFixture({ layers: [{ 'etc/a': 'aa', 'etc/b': 'bb' }] });
    for (const [name, bytes] of await writeImages([fixture], 'docker-archive-legacy'))
      fs.writeFileSync(path.join(work, name), bytes);
    const env = podman.env;
    const loaded = await run('podman', ['load', '--input', path.join(work, 'image.tar')], { env });
    const image = /Loaded image: *(\S+)/.exec(loaded.stdout)?.[1] ?? '';
    const made = await run('podman', ['create', '--name', 'writer', '--network', 'none', image, 'sh'], {
      env,
    });
    assert.equal(made.code, 0, made.stderr);
    fs.writeFileSync(path.join(work, 'c'), 'twelve bytes');
    fs.writeFileSync(path.join(work, 'a'), 'other');
    for (const name of ['c', 'a']) {
      const copied = await run('podman', ['cp', path.join(work, name), `writer:/etc/${name}`], { env });
      assert.equal(copied.code, 0, copied.stderr);
    }
    const host = createNodeHost({ ...process.env, ...env });
    const container = await containerOf(host, 'podman', 'writer');
    assert.equal(container.diffIds.length, 1);
    const tools = { host, indexer: createInlineIndexer(host), store: null };
    const { contents, read } = await contentsOfContainer(tools, container, null);
    assert.deepEqual(contents.indexes.at(-1)!.problems, []);
    const found = written(contents.indexes);
    assert.ok(found.includes('+ etc/c 12'), found.join('\n'));
    assert.ok(
      found.some((line) => /^~ etc\/a 2>5 \(content/.test(line)),
      found.join('\n'),
    );
    assert.equal(Buffer.from(await read('etc/c', 100)).toString(), 'twelve bytes');
    await checkGone(host, container, read);
  });
});
