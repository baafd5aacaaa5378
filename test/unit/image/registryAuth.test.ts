import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { parseChallenges } from '../../../server/src/image/registryChallenge';
import { findCredentials } from '../../../server/src/image/registryCredentials';
import { StrataError } from '../../../server/src/primitives/errors';
import type { NetworkRequest } from '../../../server/src/primitives/network';
import { type MemoryHostOptions, memoryHost, type PlayedAnswer } from '../../support/memoryHost';
import { type PlayedRegistry, playedRegistry } from '../../support/playedRegistry';

const image = { layers: [{ a: 'x' }] };
const secret = 'pä:55';
const basic = `Basic ${Buffer.from(`me:${secret}`).toString('base64')}`;
const bearer =
  'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:app:pull"';

function configOf(config: object): MemoryHostOptions {
  return {
    files: { '/home/me/.docker/config.json': JSON.stringify(config) },
    environment: { HOME: '/home/me' },
  };
}

function signedIn(key = 'registry.example'): MemoryHostOptions {
  return configOf({ auths: { [key]: { auth: basic.slice('Basic '.length) } } });
}

/** A registry that wants `accepted` and asks for it by `challenge`. */
function guarded(
  challenge: string,
  accepted: string,
  token: (url: URL, request: NetworkRequest) => PlayedAnswer,
  options: MemoryHostOptions = {},
): Promise<PlayedRegistry> {
  return playedRegistry(image, {
    ...options,
    before(url, request) {
      if (!url.pathname.startsWith('/v2/')) return token(url, request);
      if (request.headers?.authorization === accepted) return null;
      return { status: 401, headers: { 'www-authenticate': challenge }, body: '{}' };
    },
  });
}

const open = (played: PlayedRegistry, reference = 'docker://registry.example/app:1') =>
  openImage(played.host, reference);

async function refusedText(played: PlayedRegistry, reference?: string): Promise<string> {
  const error = await open(played, reference).then(
    () => null,
    (error) => error,
  );
  assert.ok(error instanceof StrataError, String(error));
  assert.equal(error.code, 'unreadable');
  const text = `${error.message} ${error.hint} ${error.cause ?? ''}`;
  assert.ok(!text.includes(secret) && !text.includes(basic.slice(6)), text);
  return text;
}

test('a token is fetched once, without a password when none is kept', async () => {
  const played = await guarded(bearer, 'Bearer t0k', () => ({ body: '{"token":"t0k"}' }));
  await open(played);
  const tokens = played.asked.filter(({ url }) => url.startsWith('https://auth.example/'));
  assert.deepEqual(
    tokens.map(({ url, headers }) => [url, headers?.authorization]),
    [['https://auth.example/token?service=registry.example&scope=repository%3Aapp%3Apull', undefined]],
  );
  assert.equal(played.host.openAnswers, 0);
});

test('the password goes to the token server alone, and never to a redirect', async () => {
  const played = await guarded(
    bearer,
    'Bearer t0k',
    (_, { headers, maxRedirects }) =>
      headers?.authorization === basic && maxRedirects === 0
        ? { body: '{"access_token":"t0k"}' }
        : { status: 401 },
    signedIn(),
  );
  await open(played);
  for (const { url, headers } of played.asked) {
    if (headers?.authorization === basic) assert.match(url, /^https:\/\/auth\.example\//);
  }
});

test('an identity token is exchanged by a POST', async () => {
  const played = await guarded(
    bearer,
    'Bearer t0k',
    (url, { method, body, headers }) => {
      assert.equal(`${method} ${url}`, 'POST https://auth.example/token');
      assert.equal(headers?.authorization, undefined);
      assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
        grant_type: 'refresh_token',
        client_id: 'strata',
        refresh_token: 'idt',
        service: 'registry.example',
        scope: 'repository:app:pull',
      });
      return { body: '{"access_token":"t0k"}' };
    },
    configOf({ auths: { 'registry.example': { identitytoken: 'idt' } } }),
  );
  await open(played);
});

test('Basic is answered with the password, and a wrong one is not tried for ever', async () => {
  const none = () => ({ status: 500 });
  await open(await guarded('Basic realm="x"', basic, none, signedIn()));
  const wrong = await guarded('Basic realm="x"', 'Basic other', none, signedIn());
  assert.match(await refusedText(wrong), /docker login registry\.example/);
  assert.equal(wrong.asked.length, 2);
});

test('a token that ran out is fetched anew', async () => {
  let given = 0;
  const played = await playedRegistry(image, {
    before(url, request) {
      if (!url.pathname.startsWith('/v2/')) return { body: `{"token":"t${++given}"}` };
      const wanted = url.pathname.includes('/blobs/') ? 'Bearer t2' : 'Bearer t1';
      if (request.headers?.authorization === wanted) return null;
      return { status: 401, headers: { 'www-authenticate': bearer } };
    },
  });
  await open(played);
  assert.equal(given, 2);
});

test('nothing is told to a token server that is not safe', async () => {
  const never = (url: URL): PlayedAnswer => assert.fail(`asked ${url}`);
  for (const realm of [
    'http://auth.example/token',
    'http://127.0.0.1/token',
    'http://localhost:5001/token',
    'file:///etc/passwd',
    'ftp://auth.example/',
    'token',
    'javascript:1',
  ]) {
    const played = await guarded(`Bearer realm="${realm}"`, 'x', never, signedIn());
    assert.match(await refusedText(played), /not safe|status 401/, realm);
  }
  const local = await guarded(
    'Bearer realm="http://127.0.0.1:5001/token"',
    'Bearer t0k',
    () => ({ body: '{"token":"t0k"}' }),
    signedIn('localhost:5000'),
  );
  await open(local, 'docker://localhost:5000/app');
});

test('a token server that refuses, rambles or is hostile ends it in words', async () => {
  const cases: [PlayedAnswer, RegExp][] = [
    [{ status: 401 }, /gave no token .*status 401.*docker login/],
    [{ status: 302, headers: { location: 'https://evil.example/' } }, /status 302/],
    [{ status: 503 }, /Try again later/],
    [{ body: '<html>' }, /no token for registry\.example/],
    [{ body: '{"token":""}' }, /no token/],
    [{ body: '{"token":"a\\r\\nb"}' }, /no token/],
  ];
  for (const [answer, expected] of cases) {
    const played = await guarded(bearer, 'x', () => answer, signedIn());
    assert.match(await refusedText(played), expected);
    assert.equal(played.host.openAnswers, 0);
  }
  const huge = await guarded(bearer, 'x', () => ({ body: new Uint8Array(2 ** 21) }));
  await assert.rejects(open(huge), { code: 'hostile' });
});

test('challenges are taken apart, whatever is in them', () => {
  const shown = (header: string) =>
    parseChallenges(header).map(({ scheme, parameters }) => `${scheme} ${[...parameters].join(' ')}`.trim());
  assert.deepEqual(shown('Bearer realm="https://a/t",service=s, scope="a,b"'), [
    'bearer realm,https://a/t service,s scope,a,b',
  ]);
  assert.deepEqual(shown('Basic realm="x\\"y", Bearer Realm="r"'), ['basic realm,x"y', 'bearer realm,r']);
  assert.deepEqual(shown('Negotiate, Basic'), ['negotiate', 'basic']);
  for (const header of ['', ',,,', '"', 'Bearer realm="', '='.repeat(100_000), '\\'.repeat(100_000)])
    assert.ok(shown(header).length <= 1);
});

async function found(options: MemoryHostOptions, registry = 'registry.example', repository = 'team/app') {
  const host = memoryHost(options);
  const { credentials, problems } = await findCredentials(host, registry, repository);
  const shown = credentials && `${credentials.kind} ${credentials.username}:${credentials.secret}`;
  return { shown, problems, runs: host.runs };
}

test('credentials are found where docker and podman keep them', async () => {
  const auth = (pair: string) => ({ auth: Buffer.from(pair).toString('base64') });
  const keys = ['registry.example', 'https://registry.example', 'https://registry.example/v1/'];
  for (const key of keys) {
    assert.equal((await found(configOf({ auths: { [key]: auth('u:p') } }))).shown, 'password u:p', key);
  }
  const hub = configOf({ auths: { 'https://index.docker.io/v1/': auth('u:p') } });
  assert.equal((await found(hub, 'docker.io')).shown, 'password u:p');
  const narrow = { 'registry.example': auth('a:b'), 'registry.example/team': auth('c:d') };
  assert.equal((await found(configOf({ auths: narrow }))).shown, 'password c:d');
  const text = JSON.stringify({ auths: { 'registry.example': auth('u:p') } });
  const places: [string, Record<string, string>][] = [
    ['/d/config.json', { DOCKER_CONFIG: '/d', HOME: '/h' }],
    ['/f/auth.json', { REGISTRY_AUTH_FILE: '/f/auth.json' }],
    ['/run/containers/auth.json', { XDG_RUNTIME_DIR: '/run' }],
    ['/h/.config/containers/auth.json', { HOME: '/h' }],
    ['/u/.docker/config.json', { USERPROFILE: '/u' }],
  ];
  for (const [path, environment] of places) {
    assert.equal((await found({ files: { [path]: text }, environment })).shown, 'password u:p', path);
  }
  assert.equal((await found(configOf({ auths: { 'other.example': auth('u:p') } }))).shown, null);
  assert.equal((await found({})).shown, null);
});

test('a helper program is asked for one registry, or for all', async () => {
  const played = (config: object, stdout: string, code = 0) =>
    found({
      ...configOf(config),
      run(program, args, { input }) {
        assert.deepEqual([program, ...args, input], ['docker-credential-x_1', 'get', 'registry.example']);
        return { stdout, code };
      },
    });
  const told = JSON.stringify({ Username: 'u', Secret: 'p' });
  for (const config of [
    { credsStore: 'x_1' },
    { credsStore: 'y', credHelpers: { 'registry.example': 'x_1' } },
  ]) {
    assert.equal((await played(config, told)).shown, 'password u:p');
  }
  const token = JSON.stringify({ Username: '<token>', Secret: 't' });
  assert.equal((await played({ credsStore: 'x_1' }, token)).shown, 'identity-token :t');
  const absent = await played({ credsStore: 'x_1' }, 'credentials not found in native keychain\n', 1);
  assert.deepEqual([absent.shown, absent.problems], [null, []]);
  const broken = await played({ credsStore: 'x_1' }, 'secret stuff', 1);
  assert.deepEqual(broken.problems, ['docker-credential-x_1 told no credentials.']);
  const missing = await found(configOf({ credsStore: 'gone' }));
  assert.deepEqual(missing.problems, ['docker-credential-gone could not be started.']);
});

test('a helper with a name that is no name is not started', async () => {
  for (const credsStore of ['../x', 'a b', 'a;b', 'a/b', '$(x)', 'x'.repeat(65), 'a\nb']) {
    const { runs, problems } = await found({ ...configOf({ credsStore }), run: () => ({ stdout: '{}' }) });
    assert.deepEqual(runs, []);
    assert.equal(problems.length, 1);
  }
});

test('a broken file of credentials is a problem and no end', async () => {
  const environment = { HOME: '/home/me' };
  for (const content of [
    '{',
    '[]',
    '"x"',
    '{"auths":[],"credHelpers":7}',
    '{"auths":{"registry.example":{"auth":7}}}',
  ]) {
    const { shown } = await found({ files: { '/home/me/.docker/config.json': content }, environment });
    assert.equal(shown, null);
  }
});
