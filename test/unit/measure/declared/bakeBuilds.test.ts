// Targets of bake files, as `docker buildx bake --print` tells them (the JSON is that of buildx 0.38, its paths and counts
// shortened); bake itself is in test/live.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declaredOf, drawn, type Project } from './declaredOf';

const files = { 'docker-bake.hcl': 'target "app" {}' };
const targets = {
  app: {
    attest: [{ type: 'sbom' }],
    context: 'web',
    contexts: {
      base: 'target:base',
      here: './keys',
      img: 'docker-image://alpine:3',
      oci: 'oci-layout://out',
    },
    dockerfile: '../Dockerfile',
    args: { A: '1' },
    labels: { 'a.b': 'c' },
    tags: ['t:1'],
    'cache-from': [{ ref: 'x/y:cache', type: 'registry' }, 'x/z'],
    'cache-to': [{ dest: 'cache', type: 'local' }],
    target: 'prod',
    secret: [{ id: 'tok', env: 'TOK' }, { id: 'f', src: 'keys/f' }, 'id=old,src=keys/old'],
    ssh: [{ id: 'default' }, { id: 'k', paths: ['keys/k'] }],
    platforms: ['linux/amd64', 'linux/arm64'],
    output: [{ type: 'docker' }],
    'no-cache': true,
    network: 'none',
    'shm-size': '64m',
    entitlements: ['network.host'],
    'extra-hosts': { h: '1.2.3.4' },
  },
  base: { context: '.', dockerfile: 'base.Dockerfile' },
};

/** bake as it behaves: a list of names, targets in JSON, an error for a target that it cannot resolve. */
function bake(all: Record<string, unknown>, broken: string[] = []): Project['run'] {
  return (_program, [buildx, command, ...words]) => {
    if (buildx !== 'buildx' || command !== 'bake') return { code: 1 };
    if (words[0] === '--list') {
      const listed = [...Object.keys(all), ...broken].map((name) => ({ name }));
      return { stdout: JSON.stringify([...listed, { name: 'default', group: true }]) };
    }
    const wanted = words.slice(1);
    const bad = wanted.find((name) => broken.includes(name));
    if (bad !== undefined) return { code: 1, stderr: `#1 reading\nERROR: failed to stat keys/${bad}` };
    return {
      stdout: JSON.stringify({ target: Object.fromEntries(wanted.map((name) => [name, all[name]])) }),
    };
  };
}

const app =
  'bake:app /w/web --target prod --platform linux/amd64 --platform linux/arm64 A=1 secret tok:$TOK secret f:/w/keys/f ' +
  'secret old:/w/keys/old ssh default ssh k=/w/keys/k base=>target:base here=>/w/keys img=>docker-image://alpine:3 ' +
  'oci=>oci-layout:///w/out from type=registry,ref=x/y:cache from x/z to type=local,dest=/w/cache ' +
  '--label a.b=c --network none --shm-size 64m --add-host h:1.2.3.4 --allow network.host --no-cache';

test('the targets of this Dockerfile are taken as bake resolves them', async () => {
  assert.deepEqual(drawn(await declaredOf({ files, run: bake(targets) })), [app]);
});

test('a target that bake refuses does not hide the others, and is told', async () => {
  const { builds, problems } = await declaredOf({ files, run: bake(targets, ['lost']) });
  assert.deepEqual(drawn({ builds }), [app]);
  assert.deepEqual(problems, ['Target lost of /w/docker-bake.hcl was not read: failed to stat keys/lost.']);
});

test('without trust nothing runs, and the file is said to be unread', async () => {
  const { host, builds, problems } = await declaredOf({ files, run: bake(targets), trusted: false });
  assert.deepEqual([host.runs, drawn({ builds })], [[], []]);
  assert.deepEqual(problems, [
    '/w/docker-bake.hcl was not read: bake runs only in a workspace that is trusted.',
  ]);
});

test('a folder without a bake file asks no program', async () => {
  const { host } = await declaredOf({ files: {}, run: bake(targets) });
  assert.deepEqual(host.runs, []);
});

test('a service that bake finds in a compose file is told once', async () => {
  const composed = { 'compose.yaml': 'services: { web: { build: . }, api: { build: . } }', ...files };
  const found = {
    web: { context: '.', dockerfile: 'Dockerfile' },
    api: { context: '.', dockerfile: 'Dockerfile', target: 'dev' },
  };
  assert.deepEqual(drawn(await declaredOf({ files: composed, run: bake(found) })), [
    'compose:web /w',
    'compose:api /w',
    'bake:api /w --target dev',
  ]);
});

test('answers that are none end in a problem', async () => {
  for (const stdout of [
    '',
    '[',
    '{"target":[]}',
    '{"target":{"a":3}}',
    '{"target":{"a":{"context":[1],"dockerfile":{}}}}',
  ]) {
    const run: Project['run'] = () => ({ stdout });
    assert.deepEqual(
      drawn(await declaredOf({ files, run })).filter((line) => line !== 'bake:a /w'),
      [],
      stdout,
    );
  }
  const refused = await declaredOf({
    files,
    run: () => ({ code: 1, stderr: 'unknown command: docker buildx\n' }),
  });
  assert.deepEqual(refused.problems, ['/w/docker-bake.hcl was not read: unknown command: docker buildx.']);
});
