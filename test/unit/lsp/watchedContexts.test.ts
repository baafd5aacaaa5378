// Which folders the editor is asked to watch, and how often a build context is read: the real server over its protocol,
// in this process, on files in memory and a clock that the test moves.
import assert from 'node:assert/strict';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import {
  createConnection,
  createMessageConnection,
  type MessageConnection,
  type RegistrationParams,
  StreamMessageReader,
  StreamMessageWriter,
  type UnregistrationParams,
} from 'vscode-languageserver/node';
import type { Indexer } from '../../../server/src/layers/indexer';
import { createServer } from '../../../server/src/lsp/server';
import type { Session } from '../../../server/src/lsp/session';
import { defaultSettings } from '../../../server/src/protocol';
import { type MemoryHost, memoryHost } from '../../support/memoryHost';
import { sampleRecord } from '../build/sampleRecord';

const file = '/w/app/Dockerfile';
const uri = `file://${file}`;
const text = 'FROM base\nRUN true\n';

interface Played {
  host: MemoryHost;
  session: Session;
  client: MessageConnection;
  /** Folders that the editor watches now, as paths. */
  watched(): string[];
  /** How often a folder was read. */
  walks(folder: string): number;
  /** Lets all that is due in the next second happen. */
  settle(): Promise<void>;
}

async function play(t: TestContext, slowIndex: Promise<void> = Promise.resolve()): Promise<Played> {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const host = memoryHost({ files: { [file]: text, '/w/app/src/a': 'a', '/w/other/b': 'b' } });
  const { read } = host.files;
  host.files.read = async (name) => {
    if (name.includes('/index/')) await slowIndex;
    return read(name);
  };
  const [up, down] = [new PassThrough(), new PassThrough()];
  const connection = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  const session = createServer(connection, { host, indexer: {} as Indexer, version: '0' });
  connection.listen();
  const client = createMessageConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  const registrations = new Map<string, string[]>();
  client.onRequest((method: string, params: unknown) => {
    if (method === 'client/registerCapability') {
      for (const { id, registerOptions } of (params as RegistrationParams).registrations) {
        const { watchers } = registerOptions as { watchers: { globPattern: string | { baseUri: string } }[] };
        const folders = watchers.flatMap(({ globPattern }) =>
          typeof globPattern === 'string' ? [] : [globPattern.baseUri.replace('file://', '')],
        );
        registrations.set(id, folders);
      }
    } else if (method === 'client/unregisterCapability') {
      for (const { id } of (params as UnregistrationParams).unregisterations) registrations.delete(id);
    }
    return null;
  });
  client.listen();
  t.after(() => {
    client.dispose();
    connection.dispose();
  });
  await client.sendRequest('initialize', {
    processId: null,
    rootUri: null,
    capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } },
    initializationOptions: { trusted: true, storage: '/store', locale: 'en', settings: defaultSettings },
  });
  await client.sendNotification('initialized', {});
  return {
    host,
    session,
    client,
    watched: () => [...registrations.values()].flat().sort(),
    walks: (folder) => host.calls.filter((call) => call === `readFolder ${folder}`).length,
    async settle() {
      for (let turn = 0; turn < 40; turn++) {
        t.mock.timers.tick(25);
        for (let one = 0; one < 10; one++) await setImmediate();
      }
    },
  };
}

async function open({ client }: Played): Promise<void> {
  const textDocument = { uri, languageId: 'dockerfile', version: 1, text };
  await client.sendNotification('textDocument/didOpen', { textDocument });
}

test('a context is read once when a Dockerfile opens, however long the reading of its record takes', async (t) => {
  let go = () => {};
  const played = await play(t, new Promise<void>((resolve) => (go = resolve)));
  await played.session.stores!.records.add(file, sampleRecord());
  await open(played);
  await played.settle();
  assert.equal(played.walks('/w/app'), 1);
  go();
  await played.settle();
  assert.equal(played.walks('/w/app'), 1);
});

test('after a build with another context that one is watched, and the first no more', async (t) => {
  const played = await play(t);
  await open(played);
  await played.settle();
  assert.deepEqual(played.watched(), ['/w/app']);
  const document = played.session.documents.get(uri)!;
  document.buildContext = '/w/other';
  document.forecaster!.setRecords([]);
  await played.settle();
  assert.deepEqual(played.watched(), ['/w/other']);
  assert.equal(played.walks('/w/other'), 1);
  await played.client.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: `file://${path.join('/w/other', 'b')}`, type: 2 }],
  });
  await played.settle();
  assert.equal(played.walks('/w/other'), 2);
});

test('with the forecast off nothing is read or watched, and all is once it is on', async (t) => {
  const played = await play(t);
  const forecast = { enabled: false, cacheBreak: true };
  await played.client.sendNotification('strata/settings', { ...defaultSettings, forecast });
  await open(played);
  await played.settle();
  assert.deepEqual([played.watched(), played.walks('/w/app')], [[], 0]);
  await played.client.sendNotification('strata/settings', defaultSettings);
  await played.settle();
  assert.deepEqual([played.watched(), played.walks('/w/app')], [['/w/app'], 1]);
});

test('a folder is watched until the last Dockerfile that goes by it is closed', async (t) => {
  const played = await play(t);
  await open(played);
  const second = `${uri}.dev`;
  const textDocument = { uri: second, languageId: 'dockerfile', version: 1, text };
  await played.client.sendNotification('textDocument/didOpen', { textDocument });
  await played.settle();
  assert.deepEqual(played.watched(), ['/w/app']);
  await played.client.sendNotification('textDocument/didClose', { textDocument: { uri } });
  await played.settle();
  assert.deepEqual(played.watched(), ['/w/app']);
  await played.client.sendNotification('textDocument/didClose', { textDocument: { uri: second } });
  await played.settle();
  assert.deepEqual(played.watched(), []);
});
