import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { StrataError } from '../../../server/src/primitives/errors';
import { imageHost } from '../../support/imageFixture';
import { memoryHost } from '../../support/memoryHost';

const image = { layers: [{ a: '1' }] };

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
  assert.equal(host.runs.filter(([, command]) => command === 'save').length, 1);
  assert.equal(host.disk.size, 1);
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
