// What buildx and docker are asked, and what becomes of what they leave behind. What they really do: test/live.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { buildxBuilder } from '../../../server/src/build/buildx';
import { dockerBuilder } from '../../../server/src/build/docker';
import type { BuilderIdentity, BuildRequest, FoundBuilder } from '../../../server/src/build/model';
import { sha256 } from '../../../server/src/primitives/digest';
import { fixture } from './drawSteps';
import { type Asked, stubHost, type Told } from './stubHost';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-unit-build-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const identity: BuilderIdentity = {
  kind: 'buildx',
  rules: 'buildkit',
  version: '0.38.2',
  engine: 'BuildKit 0.34.2',
  instance: 'far',
  driver: 'remote',
};
const remote = () => buildxBuilder('/bin/docker', identity, null);
const local = () =>
  buildxBuilder('/bin/docker', { ...identity, instance: 'default', driver: 'docker' }, null);
const docker = (rules: 'buildkit' | 'classic') =>
  dockerBuilder('/bin/docker', { ...identity, kind: 'docker', rules, instance: null, driver: null }, null);

const requestOf = (changes: Partial<BuildRequest> = {}): BuildRequest => ({
  dockerfile: '/work/Dockerfile',
  text: 'FROM base\n',
  context: '/work',
  choice: { target: null, platform: null, buildArgs: {} },
  tag: null,
  noCache: false,
  keep: path.join(folder, 'keep'),
  extraArguments: [],
  ...changes,
});
const ownTag = `strata.local/${sha256('/work/Dockerfile').slice(7, 19)}:latest`;

async function build(
  builder: FoundBuilder,
  changes: Partial<BuildRequest> = {},
  answer: (asked: Asked) => Told | Promise<Told> = () => ({}),
  signal = new AbortController().signal,
) {
  const asked: Asked[] = [];
  const record = await builder.build(stubHost(answer, { asked }), requestOf(changes), {}, signal);
  // The classic builder's step images are asked for afterwards.
  assert.deepEqual(
    asked.slice(1).flatMap(({ args }) => args.slice(0, 2)),
    asked.length === 1 ? [] : ['image', 'inspect'],
  );
  return { record, env: asked[0]?.env ?? {}, args: asked[0]?.args ?? [] };
}

/** The arguments in one line, with our folders under fixed names. */
function command(args: readonly string[]): string {
  return args
    .map((arg) => arg.replaceAll(folder, 'FOLDER').replace(/\S*strata-build-[^/]*/, 'TEMPORARY'))
    .join(' ');
}

/** Writes what buildx leaves as its metadata. */
function leave(args: readonly string[], metadata: unknown): Told {
  fs.writeFileSync(args[args.indexOf('--metadata-file') + 1] ?? '', JSON.stringify(metadata));
  return {};
}

describe('buildx', () => {
  test('another driver than docker leaves an OCI layout with us, without attestations', async () => {
    const { args, env } = await build(remote());
    assert.equal(
      command(args),
      'buildx build --progress=rawjson --metadata-file TEMPORARY/metadata.json --builder far ' +
        '--output type=oci,tar=false,dest=FOLDER/keep/layout --file /work/Dockerfile /work',
    );
    assert.deepEqual(env, { BUILDX_METADATA_PROVENANCE: 'max', BUILDX_NO_DEFAULT_ATTESTATIONS: '1' });
  });

  test('driver docker keeps the image in the engine, under a name of ours', async () => {
    const { args, env } = await build(local());
    assert.equal(
      command(args),
      `buildx build --progress=rawjson --metadata-file TEMPORARY/metadata.json --builder default --tag ${ownTag} --file /work/Dockerfile /work`,
    );
    assert.equal(env.BUILDX_NO_DEFAULT_ATTESTATIONS, '1');
  });

  test('an image that the person named is theirs: its attestations stay', async () => {
    const { args, env } = await build(local(), { tag: 'app:1' });
    assert.match(command(args), / --tag app:1 --file /);
    assert.equal('BUILDX_NO_DEFAULT_ATTESTATIONS' in env, false);
  });

  test('whoever sends the image elsewhere decides on attestations', async () => {
    for (const flag of ['--push', '--output=type=registry', '-o', '--sbom=true', '--provenance']) {
      const { env } = await build(remote(), { extraArguments: [flag] });
      assert.equal('BUILDX_NO_DEFAULT_ATTESTATIONS' in env, false, flag);
    }
  });

  test('the choice, and further arguments, last but for the context', async () => {
    const { args } = await build(remote(), {
      choice: { target: 'a', platform: 'linux/arm64', buildArgs: { A: '1', B: 'x y="z"' } },
      noCache: true,
      extraArguments: ['--secret', 'id=s'],
    });
    assert.match(
      command(args),
      / --file \/work\/Dockerfile --target a --platform linux\/arm64 --build-arg A=1 --build-arg B=x y="z" --no-cache --secret id=s \/work$/,
    );
    assert.ok(args.includes('B=x y="z"'));
  });

  test('a folder with a comma in its name is one field of the output', async () => {
    const { args } = await build(remote(), { keep: path.join(folder, 'a,b"c') });
    assert.ok(args.includes(`type=oci,tar=false,"dest=${folder}/a,b""c/layout"`));
  });

  test('what it leaves becomes provenance, id and reference', async () => {
    const manifest = JSON.stringify({ config: { digest: sha256('c') } });
    const { record } = await build(remote(), {}, ({ args }) => {
      const blobs = path.join(folder, 'keep', 'layout', 'blobs', 'sha256');
      fs.mkdirSync(blobs, { recursive: true });
      fs.writeFileSync(path.join(blobs, sha256(manifest).slice(7)), manifest);
      const entry = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: sha256(manifest) };
      fs.writeFileSync(
        path.join(folder, 'keep', 'layout', 'index.json'),
        JSON.stringify({ manifests: [entry] }),
      );
      return leave(args, {
        ...JSON.parse(fixture('buildx-metadata.json')),
        'containerimage.digest': sha256(manifest),
      });
    });
    assert.equal(record.outcome, 'built');
    assert.equal(record.imageReference, `oci:${folder}/keep/layout`);
    assert.match(record.imageId ?? '', /^sha256:/);
    assert.equal(record.provenance?.steps.length, 13);
    assert.equal(record.text, fixture('context/Dockerfile'), 'the text that was read by the builder');
  });

  test('an engine without build history gives no provenance, and the id of the image', async () => {
    const metadata = JSON.parse(fixture('engine-buildx-metadata.json'));
    const { record } = await build(local(), {}, ({ args }) => leave(args, metadata));
    assert.equal(record.provenance, null);
    assert.equal(record.imageId, metadata['containerimage.digest']);
    assert.equal(record.imageReference, `docker-daemon:${ownTag}`);
    assert.equal(record.note, `The image was given no name; Docker keeps it as ${ownTag}.`);
    assert.equal(record.text, 'FROM base\n');
  });

  test("with containerd's image store the id is that of the manifest or the index, as the engine calls it", async () => {
    const { 'buildx.build.provenance': provenance } = JSON.parse(fixture('buildx-metadata.json'));
    const digest = sha256('index');
    // As moby v2.0.0-beta.24 told it.
    const metadata = {
      'buildx.build.provenance': provenance,
      'buildx.build.ref': 'default/default/zks6hq9zjvlca27sahs6kb9m7',
      'containerimage.descriptor': {
        mediaType: 'application/vnd.oci.image.index.v1+json',
        digest,
        size: 856,
      },
      'containerimage.digest': digest,
      'image.name': 'docker.io/library/app:2',
    };
    const { record } = await build(local(), {}, ({ args }) => leave(args, metadata));
    assert.equal(record.imageId, digest);
    assert.equal(record.imageReference, `docker-daemon:${ownTag}`);
    assert.equal(record.provenance?.steps.length, 13);
  });

  test('damaged metadata is none', async () => {
    const { record } = await build(remote(), {}, ({ args }) => {
      fs.writeFileSync(args[args.indexOf('--metadata-file') + 1] ?? '', '{');
      return {};
    });
    assert.deepEqual([record.outcome, record.provenance, record.imageReference], ['built', null, null]);
  });
});

describe('docker', () => {
  test('with BuildKit', async () => {
    const { args, env } = await build(docker('buildkit'));
    assert.equal(
      command(args),
      `build --tag ${ownTag} --iidfile TEMPORARY/image-id --progress plain --file /work/Dockerfile /work`,
    );
    assert.equal(env.DOCKER_BUILDKIT, '1');
  });

  test('with the classic builder, whose notice of its end is no error', async () => {
    const { args, env, record } = await build(docker('classic'), { tag: 'app:1' }, ({ args }) => {
      fs.writeFileSync(args[args.indexOf('--iidfile') + 1] ?? '', sha256('config'));
      return {
        stdout: 'Step 1/1 : FROM base\n ---> 1589f39f3931\nSuccessfully built 1589f39f3931\n',
        stderr:
          'DEPRECATED: The legacy builder is deprecated and will be removed in a future release.\n            Install the buildx component to build images with BuildKit:\n            https://docs.docker.com/go/buildx/\n\n',
      };
    });
    assert.equal(
      command(args),
      'build --tag app:1 --iidfile TEMPORARY/image-id --file /work/Dockerfile /work',
    );
    assert.equal(env.DOCKER_BUILDKIT, '0');
    assert.deepEqual(
      [record.outcome, record.imageId, record.imageReference, record.note],
      ['built', sha256('config'), 'docker-daemon:app:1', null],
    );
  });

  test('an output elsewhere leaves no image here', async () => {
    const { args, record } = await build(docker('buildkit'), { extraArguments: ['-o', 'out'] });
    assert.equal(args.includes('--iidfile'), false);
    assert.equal(record.imageReference, null);
  });

  test('a failing build is a record: the error of its step, no image', async () => {
    const { record } = await build(docker('classic'), { text: 'FROM base\nRUN exit 3\n' }, () => ({
      code: 3,
      stdout:
        'Step 1/2 : FROM base\n ---> 1589f39f3931\nStep 2/2 : RUN exit 3\n ---> Running in a23b3f563aa2\nbefore\n',
      stderr: "The command '/bin/sh -c exit 3' returned a non-zero code: 3\n",
    }));
    assert.equal(record.outcome, 'failed');
    assert.equal(record.imageReference, null);
    assert.equal(record.failure?.message, 'RUN on line 2 ended with exit code 3.');
    assert.match(record.steps[1]?.error ?? '', /non-zero code: 3/);
  });
});

test('a cancelled build is a record too', async () => {
  const cancel = new AbortController();
  const { record } = await build(
    remote(),
    {},
    () => {
      cancel.abort();
      return {};
    },
    cancel.signal,
  );
  assert.deepEqual([record.outcome, record.failure, record.imageReference], ['cancelled', null, null]);
});

test('temporary files are gone afterwards, also after an error of the system', async () => {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  await build(remote());
  await build(docker('classic'));
  const host = stubHost(() => null);
  await assert.rejects(remote().build(host, requestOf(), {}, new AbortController().signal), {
    code: 'not-found',
  });
  assert.deepEqual(fs.readdirSync(folder), ['keep']);
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
});

test('progress comes with the steps so far, and once more at the end', async () => {
  const counts: number[] = [];
  const host = stubHost(() => ({ stderr: fixture('buildx-rawjson.jsonl') }));
  const callbacks = { onProgress: ({ steps }: { steps: unknown[] }) => counts.push(steps.length) };
  const record = await remote().build(host, requestOf(), callbacks, new AbortController().signal);
  assert.ok(counts.length >= 1);
  assert.equal(counts.at(-1), record.steps.length);
});

test('ids of records sort by time', async () => {
  const first = (await build(remote())).record.id;
  assert.match(first, /^20260101T000000\d{3}Z-[0-9a-f]{6}$/);
});
