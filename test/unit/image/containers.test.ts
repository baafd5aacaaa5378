// What engines answer of containers, and what is made of their refusals. Real containers: test/live/containers.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { copyFromContainer, exportContainer, findContainer } from '../../../server/src/image/containers';
import { StrataError, type StrataErrorCode } from '../../../server/src/primitives/errors';
import { type Asked, stubHost, type Told } from '../build/stubHost';

const id = 'c'.repeat(64);
const ignore = () => {};

describe('a container that cannot be read', () => {
  const refusals: [string, Told | null, StrataErrorCode, RegExp][] = [
    // In the words of Docker 20.10 and podman 4.3.
    ['is gone', { code: 1, stderr: `Error: No such container: ${id}` }, 'not-found', /container ls --all/],
    [
      'is gone, says podman',
      { code: 125, stderr: `Error: no container with name or ID "${id}" found: no such container` },
      'not-found',
      /container ls --all/,
    ],
    [
      'lacks the file',
      { code: 1, stderr: `Error: No such container:path: ${id}:/a` },
      'not-found',
      /deleted since/,
    ],
    [
      'lacks the file, says podman',
      { code: 125, stderr: 'Error: "/a" could not be found on container c: no such file or directory' },
      'not-found',
      /could not be found/,
    ],
    [
      'has no engine',
      { code: 1, stderr: 'Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?' },
      'no-daemon',
      /Start Docker/,
    ],
    [
      'has no engine, says podman',
      { code: 125, stderr: 'Cannot connect to Podman. Please verify your connection' },
      'no-daemon',
      /podman machine start/,
    ],
    ['has no program', null, 'no-daemon', /was not found.*Install it/],
    ['fills the disk', { code: 1, stderr: 'write /x: no space left on device' }, 'no-space', /Free some/],
    ['fails otherwise', { code: 3, stderr: 'warning\nboom' }, 'unreadable', /: boom\./],
    ['fails without a word', { code: 3 }, 'unreadable', /ended with code 3\./],
  ];
  for (const [name, answer, code, words] of refusals) {
    const engine = /podman/i.test(`${name} ${answer?.stderr}`) ? 'podman' : 'docker';
    const refused = (error: unknown) => {
      assert.ok(error instanceof StrataError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(`${error.message} ${error.hint}`, words);
      return true;
    };
    test(`${name}: asked for one file`, () =>
      assert.rejects(
        copyFromContainer(
          stubHost(() => answer),
          { engine, id },
          'a',
          {},
          ignore,
        ),
        refused,
      ));
    test(`${name}: asked for all`, () =>
      assert.rejects(
        exportContainer(
          stubHost(() => answer),
          { engine, id },
          {},
          ignore,
        ),
        refused,
      ));
  }
});

test('one container is looked at alone', async () => {
  const asked: Asked[] = [];
  const image = 'a'.repeat(64);
  const layer = `sha256:${'1'.repeat(64)}`;
  const container = { Id: id, Image: `sha256:${image}`, Name: '/writer', State: { Status: 'exited' } };
  const host = stubHost(
    ({ args }) => ({
      stdout: JSON.stringify(
        args[0] === 'image' ? [{ Id: `sha256:${image}`, RootFS: { Layers: [layer] } }] : [container],
      ),
    }),
    { asked },
  );
  const found = await findContainer(host, 'docker', id);
  assert.deepEqual([found.name, found.state, found.diffIds], ['writer', 'exited', [layer]]);
  assert.deepEqual(
    asked.map(({ args }) => args.join(' ')),
    [`container inspect ${id}`, `image inspect ${image}`],
  );
});

test('what is no id of a container is asked of no engine', async () => {
  for (const name of ['', '--all', 'c'.repeat(63), `${id}\n`]) {
    const host = stubHost(() => assert.fail('asked'));
    await assert.rejects(findContainer(host, 'docker', name), { code: 'not-found' });
  }
});
