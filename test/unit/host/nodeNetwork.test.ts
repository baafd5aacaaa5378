import assert from 'node:assert/strict';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { createNodeNetwork } from '../../../server/src/host/nodeNetwork';
import { StrataError } from '../../../server/src/primitives/errors';
import type { NetworkAnswer } from '../../../server/src/primitives/network';

const network = createNodeNetwork();
const secret = 'Basic c2VjcmV0';
const seen: string[] = [];
let here = '';
/** The same server by another port: another origin. */
let there = '';
const servers: http.Server[] = [];

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const url = new URL(request.url ?? '/', here);
  seen.push(
    `${request.method} ${request.headers.host} ${url.pathname} ${request.headers.authorization ?? '-'}`,
  );
  const location = url.searchParams.get('to');
  if (location !== null)
    response.writeHead(Number(url.searchParams.get('status') ?? 307), { location }).end('gone');
  else if (url.pathname === '/silent') return;
  else if (url.pathname === '/stalls') response.writeHead(200).write('begin');
  else if (url.pathname === '/cut') {
    response.writeHead(200, { 'content-length': '100' }).write('begin', () => response.destroy());
  } else response.writeHead(request.url === '/404' ? 404 : 200, { 'x-one': ['a', 'b'] }).end('hello');
}

before(async () => {
  for (let i = 0; i < 2; i++) {
    const server = http.createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  [here, there] = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`) as [
    string,
    string,
  ];
});

after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

async function textOf({ body }: NetworkAnswer): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function refusal(work: Promise<unknown>): Promise<StrataError> {
  const error = await work.then(
    () => null,
    (error) => error,
  );
  assert.ok(error instanceof StrataError, String(error));
  return error;
}

const leadingTo = (target: string, from = here, status = 307): string =>
  `${from}/r?status=${status}&to=${encodeURIComponent(target)}`;

test('an answer has its status, its headers and its body', async () => {
  const got = await network.request(`${here}/x`);
  assert.deepEqual([got.status, got.headers.get('X-One'), got.headers.get('none')], [200, 'a, b', null]);
  assert.equal(await textOf(got), 'hello');
  const missing = await network.request(`${here}/404`);
  assert.equal(missing.status, 404);
  await missing.discard();
});

test('a password follows a redirect on its own server, and not to another one', async () => {
  seen.length = 0;
  const options = { headers: { Authorization: secret }, maxRedirects: 5 };
  assert.equal(await textOf(await network.request(leadingTo('/next'), options)), 'hello');
  assert.equal(await textOf(await network.request(leadingTo(`${there}/next`), options)), 'hello');
  // Not even on the way back.
  const back = leadingTo(leadingTo(`${here}/home`, there));
  assert.equal(await textOf(await network.request(back, options)), 'hello');
  const heard = seen.filter((line) => !line.includes(' /r ')).map((line) => line.replace(/^GET 127\S+ /, ''));
  assert.deepEqual(heard, [`/next ${secret}`, '/next -', '/home -']);
  assert.ok(!seen.some((line) => line.includes(there.slice(7)) && line.includes(secret)));
});

test('a redirect with a password in it does not send it', async () => {
  seen.length = 0;
  const target = `${there.replace('http://', 'http://user:pw@')}/next`;
  assert.equal(await textOf(await network.request(leadingTo(target), { maxRedirects: 1 })), 'hello');
  assert.match(seen.at(-1)!, /\/next -$/);
});

test('redirects end: by number, for a POST, and where they lead to nothing safe', async () => {
  assert.equal((await network.request(leadingTo('/next'))).status, 307);
  const twice = leadingTo(leadingTo('/next'));
  assert.equal((await network.request(twice, { maxRedirects: 1 })).status, 307);
  const post = await network.request(leadingTo('/next'), { method: 'POST', body: 'x', maxRedirects: 5 });
  assert.equal(post.status, 307);
  for (const target of [
    'file:///etc/passwd',
    'http://[',
    'http://elsewhere.example/?sig=s3cret',
    'data:,x',
  ]) {
    const error = await refusal(network.request(leadingTo(target), { maxRedirects: 5 }));
    assert.equal(error.code, 'unreadable');
    assert.match(error.message, /is not followed\.$/);
    assert.doesNotMatch(error.message, /s3cret/);
  }
});

test('what cannot be reached is told without queries', async () => {
  const closed = http.createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const error = await refusal(network.request(`http://127.0.0.1:${port}/v2/?token=s3cret`));
  assert.equal(error.code, 'unreadable');
  assert.equal(error.message, `Could not read http://127.0.0.1:${port}/v2/: the connection was refused.`);
  const plain = await refusal(network.request(`${here.replace('http:', 'https:')}/`));
  assert.match(plain.message, /it does not speak https\.$/);
});

test('silence is given up, before an answer and in the middle of one', async () => {
  const before = await refusal(network.request(`${here}/silent`, { idleMs: 50 }));
  assert.match(before.message, /nothing came for/);
  const stalled = await network.request(`${here}/stalls`, { idleMs: 50 });
  assert.match((await refusal(textOf(stalled))).message, /nothing came for/);
});

test('a cut answer is an error and not a short one', async () => {
  const error = await refusal(textOf(await network.request(`${here}/cut`)));
  assert.equal(error.code, 'unreadable');
  assert.match(error.message, /the connection was cut\.$/);
});

test('an abort ends a request and a body', async () => {
  assert.equal((await refusal(network.request(here, { signal: AbortSignal.abort() }))).code, 'cancelled');
  const control = new AbortController();
  const got = await network.request(`${here}/stalls`, { signal: control.signal });
  const reading = refusal(
    (async () => {
      for await (const _ of got.body) control.abort();
    })(),
  );
  assert.equal((await reading).code, 'cancelled');
});
