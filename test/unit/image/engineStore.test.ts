import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listSnapshots } from '../../../server/src/image/containerd';
import { engineStore, parseEngineInfo } from '../../../server/src/image/engineStore';
import { memoryHost } from '../../support/memoryHost';

/** As moby v2.0.0-beta.24 tells to docker 28. */
const info = {
  Driver: 'overlayfs',
  DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
  Containerd: {
    Address: '/run/containerd/containerd.sock',
    Namespaces: { Containers: 'moby', Plugins: 'plugins.moby' },
  },
  DockerRootDir: '/var/lib/docker',
};

function check(told: unknown, expected: ReturnType<typeof parseEngineInfo>) {
  assert.deepEqual(parseEngineInfo(typeof told === 'string' ? told : JSON.stringify(told)), expected);
}

test('an engine tells its data folder, and the containerd that has its images', () => {
  const address = '/run/containerd/containerd.sock';
  const containerd = { address, namespace: 'moby', snapshotter: 'overlayfs' };
  check(info, { dataFolder: '/var/lib/docker', containerd });
  // docker 20.10 does not hand on where containerd listens.
  check(
    { ...info, Containerd: undefined },
    { dataFolder: '/var/lib/docker', containerd: { ...containerd, address: null } },
  );
});

test('an engine with a graph driver has none of its images in containerd', () => {
  check(
    { ...info, Driver: 'overlay2', DriverStatus: [['Backing Filesystem', 'extfs']] },
    { dataFolder: '/var/lib/docker', containerd: null },
  );
});

test('what is no answer of an engine is none, and what is no path is none', () => {
  check({ ...info, Driver: '', DriverStatus: null, DockerRootDir: '' }, null);
  for (const told of ['', 'null', '[]', 'no JSON', '{"Driver":7}']) check(told, null);
  check(
    { Driver: 'x', DriverStatus: [null, 7, ['driver-type']], DockerRootDir: 'C:\\docker' },
    { dataFolder: null, containerd: null },
  );
});

test('an engine that does not answer is none', async () => {
  const host = memoryHost({ run: () => ({ code: 1, stderr: 'Cannot connect to the Docker daemon.' }) });
  assert.equal(await engineStore(host), null);
  assert.equal(await engineStore(memoryHost()), null);
});

async function ctrArguments(options: Parameters<typeof listSnapshots>[1], there: boolean, environment = {}) {
  const files: [string, string][] = there ? [['/run/containerd/containerd.sock', '']] : [];
  const host = memoryHost({
    files,
    environment,
    run: (program) => (program === 'docker' ? { stdout: JSON.stringify(info) } : {}),
  });
  await listSnapshots(host, options);
  return host.runs.filter(([program]) => program === 'ctr').map((run) => run.slice(1).join(' '))[0];
}

test("snapshots are asked from Docker's containerd unless something else is named", async () => {
  const dockers =
    '--address /run/containerd/containerd.sock --namespace moby snapshots --snapshotter overlayfs ls';
  assert.equal(await ctrArguments({}, true), dockers);
  assert.equal(await ctrArguments({ snapshotter: 'native' }, true), dockers.replace('overlayfs', 'native'));
  assert.equal(await ctrArguments({ namespace: 'k8s.io' }, true), '--namespace k8s.io snapshots ls');
  assert.equal(await ctrArguments({}, true, { CONTAINERD_ADDRESS: '/other.sock' }), 'snapshots ls');
  // The engine runs on another machine.
  assert.equal(await ctrArguments({}, false), 'snapshots ls');
});
