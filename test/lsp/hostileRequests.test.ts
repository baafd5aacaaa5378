// Whatever a client asks, trusted or not: each request is answered, with a result or an error, nothing ends the server, and
// in a workspace that is not trusted no program is started. Programs are replaced by ones that leave a mark.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ErrorCodes, ResponseError } from 'vscode-languageserver-protocol/node';
import { requests } from '../../server/src/protocol';
import { type LanguageClient, startLanguageClient } from '../support/languageClient';

const root = process.env.STRATA_ROOT ?? process.cwd();
const server = path.join(process.env.STRATA_DIST ?? path.join(root, 'dist'), 'server.js');
const programs = [
  'docker',
  'podman',
  'buildah',
  'buildctl',
  'ctr',
  'skopeo',
  'bash',
  'sh',
  'git',
  'xdg-open',
];

const long = 'x'.repeat(200_000);
const longest = 'x'.repeat(10_000_000);
const deep = JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`);

interface World {
  client: LanguageClient;
  /** Of a Dockerfile with a recorded build beside it. */
  uri: string;
  started(): string;
}

async function withServer(trusted: boolean, use: (world: World) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-hostile-'));
  const mark = path.join(folder, 'started');
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  for (const name of programs) {
    const script = `#!/usr/bin/dash\necho "${name} $*" >> ${mark}\nexit 1\n`;
    writeFileSync(path.join(bin, name), script, { mode: 0o755 });
  }
  const project = path.join(folder, 'project');
  mkdirSync(path.join(project, '.strata'), { recursive: true });
  const example = path.join(root, 'examples/layers');
  const text = readFileSync(path.join(example, 'Dockerfile'), 'utf8');
  writeFileSync(path.join(project, 'Dockerfile'), text);
  writeFileSync(
    path.join(project, '.strata/Dockerfile.json'),
    readFileSync(path.join(example, '.strata/Dockerfile.json')),
  );
  // What a context of a stranger may hold.
  symlinkSync('/dev/zero', path.join(project, 'zero'));
  symlinkSync('/', path.join(project, 'everything'));
  symlinkSync('/etc/passwd', path.join(project, 'strata.yaml'));
  symlinkSync('.dockerignore', path.join(project, '.dockerignore'));
  const docker = path.join(bin, 'docker');
  const client = await startLanguageClient({
    args: [server, '--stdio'],
    env: { PATH: bin, STRATA_DOCKER: docker, STRATA_PODMAN: path.join(bin, 'podman') },
    initializationOptions: {
      trusted,
      storage: path.join(folder, 'storage'),
      locale: 'en',
      settings: {
        docker: { path: docker },
        build: { extraArguments: { length: -1 } },
        rules: [],
        budgets: 5,
      },
    },
  });
  try {
    const uri = pathToFileURL(path.join(project, 'Dockerfile')).href;
    client.open(uri, text);
    await client.notified('strata/summary', (view) => (view as { state: string }).state !== 'neverBuilt');
    await use({ client, uri, started: () => (existsSync(mark) ? readFileSync(mark, 'utf8') : '') });
  } finally {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const strings = [
  '',
  '\0',
  '../../../../etc/passwd',
  '/etc/passwd',
  'a'.repeat(60_000),
  '$(touch x)',
  '__proto__',
];
const uris = [
  ...strings,
  'file:///%00',
  'file:///a%2Fb',
  'file://host/share/Dockerfile',
  'untitled:%E0%A4%A',
  'http://[',
];
const states = [
  { of: 'image', upTo: 0 },
  { of: 'image', upTo: -1 },
  { of: 'image', upTo: 99_999 },
  { of: 'build', id: '../../../../etc/passwd' },
  { of: 'reference', reference: 'docker-daemon:app:1', upTo: null },
  { of: 'reference', reference: 'containers-storage:app', upTo: 0 },
  { of: 'reference', reference: '/dev/zero', upTo: null },
  { of: 'container', engine: 'docker', id: '--help' },
];

/** Of the right shape, with values that nobody would send. */
function* wellFormed(uri: string): Generator<object> {
  const rows = {
    filter: '(((((a+)+)+)+)+$',
    kinds: ['added'],
    sort: 'size',
    offset: 2 ** 52,
    limit: 100_000,
  };
  const rest = {
    line: 2 ** 52,
    node: 'dir:0:../../..',
    text: '**/'.repeat(1_000),
    choose: '../..',
    since: 0,
  };
  const build = {
    target: '--x',
    platform: '--y',
    buildArgs: { A: 'b' },
    context: '/dev/zero',
    noCache: true,
  };
  const base = { ...rows, ...rest, ...build, path: '../../etc', bakeTarget: null };
  for (const state of states) yield { ...base, uri, state, from: state, to: state };
  for (const kind of ['history', 'metadata', 'log', 'image'])
    for (const value of ['/dev/zero', '--help', '../../x']) yield { ...base, uri, source: { kind, value } };
  for (const other of uris)
    yield { ...base, uri: other, state: states[0], from: states[0], to: states[1], sort: 'name' };
  for (const value of strings)
    yield {
      ...base,
      uri,
      node: value,
      path: value,
      text: value.slice(0, 4_000),
      filter: value.slice(0, 4_000),
      sort: 'name',
      state: states[0],
      from: states[1],
      to: states[0],
    };
}

/** Of no shape that any request has. */
function* malformed(uri: string): Generator<unknown> {
  for (const value of [undefined, null, 5, 'x', true, [], [1, 2, 3], {}, deep, { uri: {} }, { uri: longest }])
    yield value;
  const good = {
    uri,
    state: states[0],
    from: states[0],
    to: states[1],
    path: '',
    line: 1,
    text: '',
    limit: 5,
    offset: 0,
    filter: '',
    kinds: ['added'],
    node: null,
  };
  const bad = [
    null,
    {},
    [],
    -5,
    Number.NaN,
    1e300,
    0.5,
    '5',
    true,
    long,
    { of: '__proto__' },
    { of: 'image', upTo: 1e9 },
    { of: 'reference', reference: {} },
  ];
  for (const name of [
    'state',
    'from',
    'to',
    'path',
    'line',
    'text',
    'limit',
    'offset',
    'filter',
    'kinds',
    'node',
  ])
    for (const value of bad) yield { ...good, [name]: value };
}

/** The error that it was answered with; null for a result. @throws when there is no answer */
async function ask(
  client: LanguageClient,
  method: string,
  params: unknown,
): Promise<ResponseError<unknown> | null> {
  try {
    await (params === undefined
      ? client.connection.sendRequest(method)
      : client.connection.sendRequest(method, params as object));
    return null;
  } catch (error) {
    assert.ok(error instanceof ResponseError, `${method}: ${error}`);
    return error;
  }
}

function told(params: unknown): string {
  return JSON.stringify(params)?.slice(0, 300) ?? 'nothing';
}

function bugsTold(client: LanguageClient): unknown[] {
  return client.notifications
    .filter(({ method }) => method === 'window/logMessage')
    .map(({ params }) => params)
    .filter((params) =>
      /(?:Type|Reference|Range|URI|Syntax)Error|at .*server\.js/.test(JSON.stringify(params)),
    );
}

test('every request is answered whatever its parameters, and an untrusted workspace starts no program', async () => {
  await withServer(false, async ({ client, uri, started }) => {
    for (const method of Object.values(requests)) {
      if (method === requests.clearCache) continue;
      for (const params of [...wellFormed(uri), ...malformed(uri)]) {
        const error = await ask(client, method, params);
        assert.notEqual(error?.code, ErrorCodes.MethodNotFound, method);
        assert.notEqual(error?.code, ErrorCodes.InternalError, `${method} ${error?.message} ${told(params)}`);
      }
    }
    assert.equal(started(), '');
    assert.deepEqual(bugsTold(client), []);
    assert.ok((await client.hints(uri)).length > 0);
  });
});

test('a trusted workspace answers the same requests, and asks programs for what needs them', async () => {
  await withServer(true, async ({ client, uri, started }) => {
    const some = [...wellFormed(uri)].filter((params) => 'uri' in params && params.uri === uri);
    for (const method of Object.values(requests)) {
      if (method === requests.clearCache) continue;
      for (const params of method === requests.builders ? [null] : some) {
        const error = await ask(client, method, params);
        assert.notEqual(error?.code, ErrorCodes.InternalError, `${method} ${error?.message} ${told(params)}`);
      }
    }
    assert.match(started(), /^docker /m);
    assert.deepEqual(bugsTold(client), []);
    assert.ok((await client.hints(uri)).length > 0);
  });
});

test('documents and notifications of any kind leave the server answering', async () => {
  await withServer(false, async ({ client, uri, started }) => {
    for (const other of uris) {
      client.open(other, 'FROM scratch\nCOPY . /\nADD x.tar /\n');
      await client.hints(other);
      client.edit(other, 1, 0, '#');
    }
    const changes = uris.map((other) => ({ uri: other, type: 1 }));
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    for (const given of [
      null,
      5,
      [],
      { build: 5, rules: { a: {} }, cache: { maxBytes: -1 }, docker: { path: {} } },
    ])
      await client.connection.sendNotification('strata/settings', { ...(given as object) });
    for (const other of uris) {
      const textDocument = { uri: other };
      await client.connection.sendNotification('textDocument/didClose', { textDocument });
    }
    await ask(client, 'workspace/executeCommand', {
      command: 'strata.fixApplied',
      arguments: [{}, long, -1],
    });
    assert.ok((await client.hints(uri)).length > 0);
    assert.equal(started(), '');
    assert.deepEqual(bugsTold(client), []);
  });
});
