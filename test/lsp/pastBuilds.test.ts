// What several recorded builds have in common, in an editor: a problem on the line, and a fix that asks to be looked at.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CodeAction, TextDocumentEdit } from 'vscode-languageserver-protocol/node';
import { createRecordStore } from '../../server/src/build/records';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { type LanguageClient, startLanguageClient } from '../support/languageClient';
import { recordsOf } from '../support/recordedBuilds';

const root = process.env.STRATA_ROOT ?? process.cwd();
const folder = mkdtempSync(path.join(tmpdir(), 'strata-past-'));
let client: LanguageClient | null = null;
after(async () => {
  await client?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a build argument that changed each time is told, and can go down', async () => {
  const text = 'FROM base\nARG REVISION\nRUN make\nRUN echo $REVISION\n';
  const file = path.join(folder, 'app', 'Dockerfile');
  const storage = path.join(folder, 'storage');
  mkdirSync(path.dirname(file));
  writeFileSync(file, text);
  const store = createRecordStore(createNodeHost(), storage);
  const ran = { 3: 8_000, 4: 100 };
  const builds = Array.from({ length: 7 }, (_, n) => ({ text, ran, args: { REVISION: String(n) } }));
  for (const record of recordsOf(builds)) await store.add(file, record);
  client = await startLanguageClient({
    args: [path.join(root, 'dist/server.js'), '--stdio'],
    initializationOptions: { trusted: false, storage, locale: 'en', l10nUri: null, settings: {} },
  });
  const uri = pathToFileURL(file).href;
  client.open(uri, text);
  const ours = (code: unknown) => code === 'OftenMisses';
  const told = await client.diagnostics(uri, ({ diagnostics }) => diagnostics.some(({ code }) => ours(code)));
  const diagnostic = told.diagnostics.find(({ code }) => ours(code))!;
  assert.equal(diagnostic.range.start.line, 1);
  assert.equal(
    diagnostic.message,
    'had another value in 6 of the last 6 builds; what ran again below it took 8.1 s on average',
  );
  const context = { diagnostics: [diagnostic] };
  const params = { textDocument: { uri }, range: diagnostic.range, context };
  const actions = (await client.connection.sendRequest('textDocument/codeAction', params)) as CodeAction[];
  const [fix] = actions.filter(({ kind }) => kind === 'quickfix.strata.OftenMisses');
  assert.equal(fix!.title, 'Move it below line 3, which then need not run again');
  assert.equal(Object.values(fix!.edit!.changeAnnotations!)[0]!.needsConfirmation, true);
  const [change] = fix!.edit!.documentChanges as TextDocumentEdit[];
  assert.deepEqual(
    change!.edits.map(({ range }) => [range.start.line, range.end.line]),
    [
      [1, 2],
      [2, 2],
    ],
  );
});
