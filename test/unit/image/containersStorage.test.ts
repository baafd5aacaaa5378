import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { StrataError } from '../../../server/src/primitives/errors';
import { imageHost } from '../../support/imageFixture';
import { memoryHost } from '../../support/memoryHost';

const image = { layers: [{ a: '1' }] };

test("podman's image is saved plain into a temporary folder, which close removes", async () => {
  const { host } = await imageHost(image, 'containers-storage');
  const opened = await openImage(host, 'containers-storage:app:1');
  const saved = [...host.disk.keys()].filter((path) => path.startsWith('/tmp/'));
  assert.equal(saved.length, 1);
  assert.deepEqual(host.runs, [
    ['podman', 'image', 'inspect', 'app:1'],
    ['podman', 'save', '--quiet', '--format', 'docker-archive', '--output', saved[0], 'app:1'],
  ]);
  await opened.close();
  assert.equal(host.disk.size, 0);
});

test('the program is the option, else STRATA_PODMAN, else podman', async () => {
  for (const [environment, podman, expected] of [
    [{}, undefined, 'podman'],
    [{ STRATA_PODMAN: '/opt/podman' }, undefined, '/opt/podman'],
    [{ STRATA_PODMAN: '/opt/podman' }, '/usr/local/bin/podman', '/usr/local/bin/podman'],
  ] as const) {
    const { host } = await imageHost(image, 'containers-storage', 'none', { environment });
    await (await openImage(host, 'containers-storage:app:1', { podman })).close();
    assert.ok(host.runs.every(([program]) => program === expected));
  }
});

test('a kept file that podman was writing when it was killed is saved anew', async () => {
  const { host } = await imageHost(image, 'containers-storage');
  await (await openImage(host, 'containers-storage:app:1', { keep: '/keep', configs: '/none' })).close();
  const path = [...host.disk.keys()].find((name) => name.endsWith('.tar'))!;
  const whole = host.disk.get(path)!;
  for (const cut of [0, 700, whole.length - 3000]) {
    host.disk.set(path, whole.slice(0, cut));
    host.disk.delete([...host.disk.keys()].find((name) => name.startsWith('/none/'))!);
    const opened = await openImage(host, 'containers-storage:app:1', { keep: '/keep', configs: '/none' });
    assert.equal(host.disk.get(path)!.length, whole.length, `cut at ${cut}`);
    await opened.close();
  }
});

test('each refusal of podman says what happened and what to do, and leaves nothing behind', async () => {
  const inspect = JSON.stringify([{ Id: '1'.repeat(64) }]);
  const cases: [stderr: string, code: string, hint: RegExp][] = [
    ['Error: inspecting object: app:1: image not known', 'not-found', /podman image ls/],
    [
      'Cannot connect to Podman. Please verify your connection to the Linux system',
      'no-daemon',
      /machine start/,
    ],
    ['Error: write /tmp/x: no space left on device', 'no-space', /Free some space/],
    ['Error: something else', 'unreadable', /^$/],
  ];
  for (const failing of ['inspect', 'save']) {
    for (const [stderr, code, hint] of cases) {
      const host = memoryHost({
        run: (_, args) =>
          args.includes(failing) ? { code: 125, stderr: `${stderr}\n` } : { stdout: inspect },
      });
      await assert.rejects(
        openImage(host, 'containers-storage:app:1'),
        (error) =>
          error instanceof StrataError &&
          error.code === code &&
          hint.test(error.hint) &&
          /app:1/.test(error.message),
        `${failing}: ${stderr}`,
      );
      assert.equal(host.disk.size, 0);
    }
  }
  await assert.rejects(openImage(memoryHost(), 'containers-storage:app:1'), {
    code: 'no-daemon',
    hint: /STRATA_PODMAN/,
  });
  await assert.rejects(openImage(memoryHost({ run: () => ({ stdout: '[]' }) }), 'containers-storage:app:1'), {
    code: 'unreadable',
  });
});

test('a name cannot pass for a flag of podman', async () => {
  const host = memoryHost({ run: () => ({}) });
  await assert.rejects(openImage(host, 'containers-storage:--output=/etc/passwd'), { code: 'usage' });
  assert.deepEqual(host.runs, []);
});
