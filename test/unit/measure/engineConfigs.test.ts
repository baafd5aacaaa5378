// What a record keeps of the configs of base images, told by an engine that is played.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuilderIdentity, BuildRecord, RecordedBase } from '../../../server/src/build/model';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { withCacheInputs } from '../../../server/src/measure/cacheInputs';
import { sha256 } from '../../../server/src/primitives/digest';
import { memoryHost } from '../../support/memoryHost';
import { sampleRecord } from '../build/sampleRecord';

const classic: BuilderIdentity = {
  kind: 'docker',
  rules: 'classic',
  version: null,
  engine: null,
  instance: null,
  driver: null,
};
const buildkit: BuilderIdentity = { ...classic, kind: 'buildx', rules: 'buildkit', driver: 'docker' };

interface Played {
  text: string;
  builder: BuilderIdentity;
  /** By name: what `image inspect` tells of it. */
  images: Record<string, object>;
  record?: Partial<BuildRecord>;
}

/** `base /dir user [shell] A=1 B=?` for each base. */
async function checkBases(
  { text, builder, images, record }: Played,
  expected: string[],
): Promise<string[][]> {
  const host = memoryHost({
    files: { '/c/Dockerfile': text },
    run(_, args) {
      const image = images[args.at(-1)!];
      return image ? { stdout: JSON.stringify([image]) } : { code: 1, stderr: 'No such image' };
    },
  });
  const dockerfile = parseDockerfile(text);
  const place = { dockerfile, path: '/c/Dockerfile', context: '/c', choice: defaultChoice };
  const asked = { ...place, extraArguments: [], noCache: false, builder, records: [] };
  const plain = { text, builder, choice: defaultChoice, imageReference: null, provenance: null };
  const built = await withCacheInputs(host, asked, async () => sampleRecord({ ...plain, ...record }));
  assert.deepEqual(built.cache!.bases.map(draw), expected);
  return host.runs;
}

function draw({ reference, environment, doubtful, directory, user, shell }: RecordedBase): string {
  const known = environment ?? ['?'];
  return [reference, directory, user, shell, ...known, ...doubtful.map((name) => `${name}=?`)].join(' ');
}

const config = { Env: ['PATH=/bin', 'A=1'], WorkingDir: '/srv', User: 'app', Shell: ['/bin/bash', '-c'] };

test('of the engine that built on it, each base is known, those of stages that do not ship too', async () => {
  const runs = await checkBases(
    {
      text: 'FROM tools AS t\nRUN a\nFROM base\nCOPY --from=t / /\n',
      builder: classic,
      images: { tools: { Config: config }, base: { Config: { Env: null } } },
    },
    ['tools /srv app ["/bin/bash","-c"] PATH=/bin A=1', 'base /  ["/bin/sh","-c"]'],
  );
  assert.deepEqual(
    runs.map((run) => run.slice(1).join(' ')),
    ['image inspect tools', 'image inspect base'],
  );
});

test('where BuildKit resolves the name, the digest has to be the one that it built on', async () => {
  const text = 'FROM base\nRUN a\n';
  const digest = sha256('base');
  const step = { id: 's', digest: null, op: 'source' as const, inputs: [], layers: null };
  const source = `docker-image://docker.io/library/base@${digest}`;
  const provenance = {
    version: '1' as const,
    dockerfile: text,
    filename: 'Dockerfile',
    steps: [{ ...step, lines: [1, 1] as [number, number], source }],
  };
  const images = (named: string) => ({ base: { Config: config, RepoDigests: [`base@${named}`] } });
  const record = { provenance };
  await checkBases({ text, builder: buildkit, record, images: images(digest) }, [
    'base /srv app ["/bin/bash","-c"] PATH=/bin A=1',
  ]);
  await checkBases({ text, builder: buildkit, record, images: images(sha256('other')) }, ['base    ?']);
});

test('else the image that was built tells what no line has set', async () => {
  await checkBases(
    {
      text: 'FROM base\nENV A=2\nRUN a\n',
      builder: buildkit,
      record: { imageReference: 'docker-daemon:app' },
      images: { app: { Config: { ...config, Env: ['PATH=/bin', 'A=2'] } } },
    },
    ['base /srv app  PATH=/bin A=?'],
  );
});

test('a builder with a store of its own is not asked', async () => {
  const runs = await checkBases(
    {
      text: 'FROM base\nRUN a\n',
      builder: { ...buildkit, driver: 'docker-container' },
      images: { base: { Config: config } },
    },
    ['base    ?'],
  );
  assert.deepEqual(runs, []);
});
