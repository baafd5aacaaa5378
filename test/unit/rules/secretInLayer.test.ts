import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayerLiteral } from '../../support/imageFixture';
import { type BuildLiteral, drawRule } from '../../support/measuredBuild';

const check = async (build: BuildLiteral, expected: string[]) =>
  assert.deepEqual(await drawRule('SecretInLayer', build), expected);
const found = async (layer: LayerLiteral) =>
  (await drawRule('SecretInLayer', { text: 'FROM a\nCOPY . /', layers: { 2: layer } })).length > 0;

const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEga2V5\n';

for (const compression of ['none', 'gzip'] as const) {
  test(`a key is told though a later line deletes it, in ${compression} layers`, () =>
    check(
      {
        text: 'FROM a\nCOPY . /\nRUN rm -r /root/.ssh',
        layers: {
          2: { big: new Uint8Array(2_000_000), 'root/.ssh/id_rsa': key },
          3: { 'root/.wh..ssh': '' },
        },
        compression,
      },
      ['2: /root/.ssh/id_rsa holds what looks like a private key; line 3 hides it, but the layer keeps it'],
    ));
}

test('several of a line are one finding', () =>
  check({ text: 'FROM a\nCOPY . /', layers: { 2: { id_rsa: key, 'b.pem': key, 'c.key': key } } }, [
    '2: /id_rsa holds what looks like a private key, and so do 2 more',
  ]));

test('those of the base image are not told', () =>
  check({ text: 'FROM a\nRUN b', base: [{ id_rsa: key }], layers: { 2: { b: 'x' } } }, []));

test('content decides', async () => {
  const secrets: LayerLiteral = {
    id_ed25519: key,
    'app/tls.key': '-----BEGIN RSA PRIVATE KEY-----\n',
    'app/.npmrc': '//registry.example/:_authToken=abc123\n',
    'root/.aws/credentials': '[default]\naws_secret_access_key = abc\n',
    'app/.env': 'DEBUG=1\nDB_PASSWORD=hunter2\n',
    'root/.git-credentials': 'https://me:pass@git.example\n',
    'root/.netrc': 'machine a login b password c\n',
    'root/.docker/config.json': '{"auths":{"a":{"auth":"bWU6cGFzcw=="}}}',
  };
  for (const [path, content] of Object.entries(secrets)) assert.ok(await found({ [path]: content }), path);
  const harmless: LayerLiteral = {
    id_rsa: 'ssh-rsa AAAA',
    'app/tls.pem': '-----BEGIN CERTIFICATE-----\n',
    'app/.npmrc': `//registry.example/:_authToken=\${NPM_TOKEN}\nsave-exact=true\n`,
    'root/.aws/credentials': '[default]\n',
    'app/credentials': 'aws_secret_access_key = abc\n',
    'app/.env': 'DEBUG=1\nDB_PASSWORD=\nAPI_TOKEN=$TOKEN\n',
    'root/.git-credentials': 'https://git.example\n',
    'root/.docker/config.json': '{"credsStore":"pass"}',
    'app/config.json': '{"auth":"x"}',
    'app/node_modules/x/test/key.pem': key,
    'usr/lib/python3/dist-packages/x/key.pem': key,
    'etc/ssl/private/x.key': key,
    'app/empty.pem': '',
  };
  for (const [path, content] of Object.entries(harmless))
    assert.ok(!(await found({ [path]: content })), path);
});
