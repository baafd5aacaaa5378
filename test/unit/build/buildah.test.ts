// What podman and buildah are asked, and what becomes of their answers. What they really do: test/live/buildah.test.ts.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { buildahBuilder } from '../../../server/src/build/buildah';
import type { BuilderIdentity, BuildRequest, FoundBuilder } from '../../../server/src/build/model';
import { podmanBuilder } from '../../../server/src/build/podman';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { sha256 } from '../../../server/src/primitives/digest';
import { type Asked, stubHost, type Told } from './stubHost';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-unit-buildah-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const identity: BuilderIdentity = {
  kind: 'podman',
  rules: 'buildah',
  version: '4.3.1',
  engine: null,
  instance: null,
  driver: null,
};
const id = (letter: string) => letter.repeat(64);
const output = `STEP 1/2: FROM base
STEP 2/2: RUN x
--> ${id('b').slice(0, 11)}
${id('b')}`;
const images = [
  { Id: id('a'), RepoTags: ['localhost/base:latest'], RootFS: { Layers: [sha256('1')] }, History: [] },
  {
    Id: id('b'),
    RepoTags: [],
    RootFS: { Layers: [sha256('1'), sha256('2')] },
    History: [{ created_by: '/bin/sh -c x', comment: 'FROM localhost/base:latest' }],
  },
];

async function build(
  builder: FoundBuilder,
  changes: Partial<BuildRequest> = {},
  answer: (asked: Asked) => Told | null = ({ args }) =>
    args[0] === 'image' ? { stdout: JSON.stringify(images) } : { stdout: output },
  environment: Record<string, string> = {},
) {
  const asked: Asked[] = [];
  const request: BuildRequest = {
    dockerfile: '/work/Dockerfile',
    text: 'FROM base\nRUN x\n',
    context: '/work',
    choice: defaultChoice,
    tag: null,
    noCache: false,
    keep: path.join(folder, 'keep'),
    extraArguments: [],
    ...changes,
  };
  const host = stubHost(
    (one) => {
      const file = one.args[one.args.indexOf('--iidfile') + 1];
      if (one.args.includes('--iidfile') && file) fs.writeFileSync(file, `sha256:${id('b')}`);
      return answer(one);
    },
    { asked, environment },
  );
  const record = await builder.build(host, request, {}, new AbortController().signal);
  const commands = asked.map(({ program, args }) =>
    [program, ...args]
      .map((word) => word.replaceAll(folder, 'FOLDER').replace(/\S*strata-build-[^/]*/, 'TEMPORARY'))
      .join(' '),
  );
  return { record, commands };
}

const podman = () => podmanBuilder('/bin/podman', identity, null);
const buildah = (reader: string | null) =>
  buildahBuilder('/bin/buildah', reader, { ...identity, kind: 'buildah' }, null);

describe('podman', () => {
  test('builds, then asks for the images of all steps at once', async () => {
    const { record, commands } = await build(podman());
    assert.deepEqual(commands, [
      '/bin/podman build --iidfile TEMPORARY/image-id --file /work/Dockerfile /work',
      `/bin/podman image inspect base ${id('b').slice(0, 11)}`,
    ]);
    assert.equal(record.imageReference, `containers-storage:${id('b')}`);
    assert.equal(record.imageId, `sha256:${id('b')}`);
    assert.deepEqual(
      record.steps.map(({ imageLayers }) => imageLayers),
      [
        { count: 1, top: sha256('1') },
        { count: 2, top: sha256('2') },
      ],
    );
  });

  test('passes on what the person chose', async () => {
    const { commands } = await build(podman(), {
      tag: 'app:1',
      noCache: true,
      choice: { target: 't', platform: 'linux/arm64', buildArgs: { A: 'b c' } },
      extraArguments: ['--isolation=chroot'],
    });
    assert.equal(
      commands[0],
      '/bin/podman build --iidfile TEMPORARY/image-id --tag app:1 --file /work/Dockerfile --target t --platform linux/arm64 --build-arg A=b c --no-cache --isolation=chroot /work',
    );
  });

  test('what it does not tell of its images, or tells in another shape, stays unknown', async () => {
    const odd = [
      '',
      'null',
      '{}',
      '[null, 3, {"Id": 4, "RootFS": {"Layers": ["x"]}}]',
      '[{"Id":"b","RootFS":null}]',
    ];
    for (const stdout of odd) {
      const { record } = await build(podman(), {}, ({ args }) =>
        args[0] === 'image' ? { code: 125, stdout } : { stdout: output },
      );
      assert.ok(
        record.steps.every(({ imageLayers }) => imageLayers === null),
        stdout,
      );
    }
  });

  test('a name that is an option is not asked for', async () => {
    const { commands } = await build(podman(), {}, () => ({ stdout: 'STEP 1/1: FROM -rf' }));
    assert.equal(commands.length, 1);
  });
});

describe('buildah', () => {
  test('makes a layer of each step, and tells the id in its last line', async () => {
    const { record, commands } = await build(buildah('/bin/podman'));
    assert.deepEqual(commands, [
      '/bin/buildah build --layers --file /work/Dockerfile /work',
      `/bin/podman image inspect base ${id('b').slice(0, 11)}`,
    ]);
    assert.equal(record.imageReference, `containers-storage:${id('b')}`);
  });

  test('what the person says of layers stays', async () => {
    const said = await build(buildah('/bin/podman'), { extraArguments: ['--layers=false'] });
    assert.match(said.commands[0] ?? '', /^\/bin\/buildah build --file \S+ --layers=false \/work$/);
    const set = await build(buildah('/bin/podman'), {}, undefined, { BUILDAH_LAYERS: 'false' });
    assert.doesNotMatch(set.commands[0] ?? '', /--layers/);
  });

  test('without podman it writes an OCI layout and is asked image by image', async () => {
    const { record, commands } = await build(buildah(null), {}, ({ args }) =>
      args[0] === 'inspect'
        ? { stdout: JSON.stringify({ OCIv1: { rootfs: { diff_ids: [sha256('1')] }, history: [] } }) }
        : { stdout: args[0] === 'push' ? '' : output },
    );
    assert.deepEqual(commands.slice(1), [
      `/bin/buildah push --quiet ${id('b')} oci:FOLDER/keep/layout`,
      '/bin/buildah inspect --type image base',
      `/bin/buildah inspect --type image ${id('b').slice(0, 11)}`,
    ]);
    assert.equal(record.imageReference, `oci:${path.join(folder, 'keep', 'layout')}`);
    assert.deepEqual(record.steps[0]?.imageLayers, { count: 1, top: sha256('1') });
  });
});
