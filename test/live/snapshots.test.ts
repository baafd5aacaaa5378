// Snapshots as engines really keep them: an image loaded into Docker and into containerd, what it shares with one built
// on it, and the snapshots that containerd has of both.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { listSnapshots } from '../../server/src/image/containerd';
import { localImages } from '../../server/src/measure/localImages';
import {
  type Daemon,
  daemonsMissing,
  dockerCommand,
  run,
  skipReason,
  startDockerd,
} from '../support/daemons';
import { type ImageFixture, imageFixture, writeImages } from '../support/imageFixture';

const missing = daemonsMissing();
const options = {
  timeout: 300_000,
  skip: skipReason(missing),
};

const base = { 'etc/a': 'aaaa' };

describe('snapshots', options, () => {
  let work: string;
  let docker: Daemon;
  let containerd: ChildProcess;
  let below: ImageFixture;
  let above: ImageFixture;
  const address = () => path.join(work, 'containerd.sock');

  before(async () => {
    work = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-snapshots-'));
    docker = await startDockerd();
    const config = path.join(work, 'config.toml');
    fs.writeFileSync(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
    const places = ['--root', path.join(work, 'root'), '--state', path.join(work, 'state')];
    containerd = spawn('containerd', ['--config', config, '--address', address(), ...places], {
      stdio: 'ignore',
    });
    below = await imageFixture({ layers: [base], name: 'base:1' });
    above = await imageFixture({ layers: [base, { 'etc/b': 'bb' }], name: 'app:1' });
    for (let tries = 0; ctr('version').status !== 0; tries++) {
      assert.ok(tries < 300, 'containerd does not answer');
      await delay(100);
    }
  });
  after(async () => {
    await docker?.stop();
    if (containerd?.exitCode === null) {
      const ended = new Promise((resolve) => containerd.once('exit', resolve));
      containerd.kill('SIGTERM');
      await ended;
    }
    fs.rmSync(work, { recursive: true, force: true });
  });

  function ctr(...args: string[]) {
    return spawnSync('ctr', ['--address', address(), ...args], { encoding: 'utf8' });
  }

  test('of Docker are told by the images that it lists', async () => {
    for (const [at, fixture] of [below, above].entries()) {
      for (const [name, bytes] of await writeImages([fixture], 'docker-archive-legacy'))
        fs.writeFileSync(path.join(work, `${at}${name}`), bytes);
      const loaded = await run(
        dockerCommand(docker.env),
        ['load', '--input', path.join(work, `${at}image.tar`)],
        {
          env: docker.env,
        },
      );
      assert.equal(loaded.code, 0, loaded.stderr);
    }
    const host = createNodeHost({ ...process.env, ...docker.env });
    const { images, sharing } = await localImages({ host, store: null }, ['docker']);
    assert.deepEqual(images.flatMap(({ names }) => names).sort(), ['app:1', 'base:1']);
    const [root] = sharing.roots;
    assert.deepEqual(
      [root!.diffId, [...root!.images].sort(), root!.tops],
      [below.diffIds[0], ['app:1', 'base:1'], ['base:1']],
    );
    assert.deepEqual(
      root!.children.map(({ tops }) => tops),
      [['app:1']],
    );
  });

  test('of containerd are told with their kind, their parent and what they take', async () => {
    const files = [...(await writeImages([above], 'oci-archive', 'gzip'))];
    assert.equal(files.length, 1);
    const archive = path.join(work, 'oci.tar');
    fs.writeFileSync(archive, files[0]![1]);
    const imported = ctr('images', 'import', '--base-name', 'x', archive);
    assert.equal(imported.status, 0, imported.stderr);
    const host = createNodeHost(process.env);
    const snapshots = await listSnapshots(host, { address: address() });
    const [first, second] = above.chainIds;
    assert.deepEqual(
      snapshots
        .map(({ key, parent, kind }) => [key, parent, kind])
        .sort(([, a], [, b]) => Number(a !== null) - Number(b !== null)),
      [
        [first, null, 'committed'],
        [second, first, 'committed'],
      ],
    );
    assert.ok(
      snapshots.every(({ usedBytes }) => usedBytes !== null && usedBytes > 0),
      JSON.stringify(snapshots),
    );
    // A container's snapshot is an active one on top.
    assert.equal(ctr('snapshots', 'prepare', 'work', second!).status, 0);
    const active = (await listSnapshots(host, { address: address() })).find(({ key }) => key === 'work');
    assert.deepEqual([active?.kind, active?.parent], ['active', second]);
    await assert.rejects(listSnapshots(host, { address: path.join(work, 'nowhere.sock') }), {
      code: 'no-daemon',
    });
  });
});
