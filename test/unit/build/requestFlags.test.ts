// Secrets, ssh, contexts and caches in the words of each builder, and what a record keeps of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuilderIdentity } from '../../../server/src/build/model';
import { recordedArguments, withoutSecretPlaces } from '../../../server/src/build/recordedArguments';
import { type BuildExtras, noExtras, requestFlags } from '../../../server/src/build/requestFlags';
import { readArguments } from '../../../server/src/forecast/builderArguments';
import { sampleRecord } from './sampleRecord';

type Builder = Pick<BuilderIdentity, 'kind' | 'rules'>;
const builders: Record<string, Builder> = {
  buildx: { kind: 'buildx', rules: 'buildkit' },
  docker: { kind: 'docker', rules: 'buildkit' },
  classic: { kind: 'docker', rules: 'classic' },
  podman: { kind: 'podman', rules: 'buildah' },
  buildah: { kind: 'buildah', rules: 'buildah' },
};

/** For each builder its words, or `no: …` for a refusal and `but: …` for a remark. */
function check(extras: Partial<BuildExtras>, expected: Record<string, string>): void {
  for (const [name, wanted] of Object.entries(expected)) {
    const { words, refusals, remarks } = requestFlags({ ...noExtras, ...extras }, builders[name]!);
    const told = [...refusals.map((one) => `no: ${one}`), ...remarks.map((one) => `but: ${one}`)];
    assert.equal([...words, ...told].join(' '), wanted, name);
  }
}

test('a secret from a file and one from the environment', () => {
  const secrets = [
    { id: 'f', src: '/k/f', env: null },
    { id: 'e', src: null, env: 'TOK' },
    { id: 'bare', src: null, env: null },
  ];
  const words = '--secret id=f,type=file,src=/k/f --secret id=e,type=env,env=TOK --secret id=bare';
  check(
    { secrets },
    {
      ...{ buildx: words, docker: words, podman: words, buildah: words },
      classic: ['f', 'e', 'bare']
        .map((id) => `no: The classic builder knows no secrets; the build wants '${id}'.`)
        .join(' '),
    },
  );
});

test('a comma in the place of a secret is quoted where there are quotes', () => {
  check(
    { secrets: [{ id: 'f', src: '/a,b/"f"', env: null }] },
    {
      buildx: '--secret id=f,type=file,"src=/a,b/""f"""',
      podman: "no: podman cannot be told of secret 'f': there is a comma in its source.",
    },
  );
});

test('ssh, and further words as they are', () => {
  check(
    { ssh: ['default', 'k=/k'], extraArguments: ['--label', 'a=b'] },
    {
      buildx: '--ssh default --ssh k=/k --label a=b',
      buildah: '--ssh default --ssh k=/k --label a=b',
      classic:
        "--label a=b no: The classic builder forwards no ssh agent; the build wants 'default'. " +
        "no: The classic builder forwards no ssh agent; the build wants 'k=/k'.",
    },
  );
});

test('named contexts: where there are none, and what nobody but bake can build first', () => {
  check(
    { namedContexts: { lib: '/w/lib', base: 'oci-layout:///w/out' } },
    {
      buildx: '--build-context lib=/w/lib --build-context base=oci-layout:///w/out',
      podman: "--build-context lib=/w/lib no: podman takes no OCI layout as the context 'base'.",
      docker:
        "no: docker without buildx knows no named contexts; the build wants 'lib'. " +
        "no: docker without buildx knows no named contexts; the build wants 'base'.",
    },
  );
  check(
    { namedContexts: { base: 'target:base' } },
    {
      buildx:
        "no: The context 'base' is the result of another build (target:base), which only bake or compose can build first.",
    },
  );
});

test('a cache that a builder cannot use is left out with a remark', () => {
  check(
    {
      cacheFrom: ['x/y', 'type=registry,ref=x/z:1', 'type=gha,token=abc'],
      cacheTo: ['type=registry,ref=x/z'],
    },
    {
      buildx:
        '--cache-from x/y --cache-from type=registry,ref=x/z:1 --cache-from type=gha,token=abc --cache-to type=registry,ref=x/z',
      docker:
        '--cache-from x/y --cache-from x/z:1 but: docker without buildx cannot use the cache type=gha,token=…. ' +
        'but: docker without buildx cannot write the cache type=registry,ref=x/z.',
      classic:
        '--cache-from x/y --cache-from x/z:1 but: The classic builder cannot use the cache type=gha,token=…. ' +
        'but: The classic builder cannot write the cache type=registry,ref=x/z.',
      buildah:
        '--cache-from x/y --cache-to x/z but: buildah cannot use the cache type=registry,ref=x/z:1. ' +
        'but: buildah cannot use the cache type=gha,token=….',
    },
  );
});

test('a record keeps ids, not the places of secrets, nor what opens a door', () => {
  const words = [
    ...[
      '--secret',
      'id=f,type=file,src=/home/me/.netrc',
      '--secret=type=env,id=e,env=TOK',
      '--secret',
      '"src=/a,b",id=q',
    ],
    ...['--ssh', 'k=/home/me/.ssh/id', '--ssh=default'],
    ...['--cache-to', 'type=s3,region=eu,access_key_id=AK,secret_access_key=SK,bucket=b'],
    ...['--build-context', 'x=https://me:pw@example.org/a.git', '--label', 'a=b'],
  ];
  const kept = recordedArguments(words);
  assert.deepEqual(kept, [
    ...['--secret', 'id=f', '--secret=id=e', '--secret', 'id=q', '--ssh', 'k', '--ssh=default'],
    ...['--cache-to', 'type=s3,region=eu,access_key_id=…,secret_access_key=…,bucket=b'],
    ...['--build-context', 'x=https://…@example.org/a.git', '--label', 'a=b'],
  ]);
  assert.deepEqual(readArguments(kept), readArguments(words), 'the forecast reads the same');
});

test('a failed build tells the name of a secret file, not its folder', () => {
  const message = 'failed to stat /home/me/keys/tok: no such file';
  const failure = { message, line: null, lastLines: [message], hint: '' };
  const record = sampleRecord({ outcome: 'failed', failure });
  const hidden = 'failed to stat …/tok: no such file';
  for (const words of [
    ['--secret', 'id=t,type=file,src=/home/me/keys/tok'],
    ['--secret=id=t,src=/home/me/keys/tok'],
  ]) {
    const told = withoutSecretPlaces(record, words).failure;
    assert.deepEqual([told?.message, told?.lastLines], [hidden, [hidden]]);
  }
  assert.equal(withoutSecretPlaces(record, ['--pull']), record);
});
