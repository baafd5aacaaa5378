// Where the image of a build that was made elsewhere is looked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findImage } from '../../../server/src/measure/findImage';
import { sha256 } from '../../../server/src/primitives/digest';
import { type Asked, stubHost } from '../build/stubHost';

const facts = (references: string[]) => ({ ids: [sha256('a'), sha256('b')], manifests: [], references });

async function checkAsked(references: string[], stderr: string, expected: string[]): Promise<void> {
  const asked: Asked[] = [];
  const host = stubHost(() => ({ code: 1, stderr }), { asked });
  assert.equal(await findImage(host, facts(references), null, {}), null);
  assert.deepEqual(
    asked.map(({ program, args }) => `${program} ${args.at(-1)}`),
    expected,
  );
}

test('an engine that is down is asked once, whatever it may hold', async () => {
  const references = ['docker-daemon:a:1', 'docker-daemon:a:2', 'containers-storage:a:1'];
  await checkAsked(references, 'Cannot connect to the Docker daemon. Cannot connect to Podman.', [
    'docker a:1',
    'podman a:1',
  ]);
});

test('one that lacks an image is asked for the next', async () => {
  await checkAsked(['docker-daemon:a:1', 'docker-daemon:a:2'], 'Error: No such image: x', [
    'docker a:1',
    'docker a:2',
    `docker ${sha256('a')}`,
    `docker ${sha256('b')}`,
  ]);
});
