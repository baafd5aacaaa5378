// Budgets in the editor, over the real protocol: from the settings and from strata.yaml, as problems on lines; what is
// wrong in strata.yaml on its own lines; a change of the file counts at once.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Diagnostic } from 'vscode-languageserver-protocol/node';
import { type LanguageClient, startLanguageClient } from '../support/languageClient';

const root = process.env.STRATA_ROOT ?? process.cwd();
const folder = mkdtempSync(path.join(tmpdir(), 'strata-budgets-'));
const clients: LanguageClient[] = [];
after(async () => {
  for (const client of clients) await client.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(name: string, budgets: object, yaml: string | null) {
  const repository = path.join(folder, name);
  cpSync(path.join(root, 'examples/layers'), repository, { recursive: true });
  mkdirSync(path.join(repository, '.git'));
  const settingsFile = path.join(repository, 'strata.yaml');
  if (yaml !== null) writeFileSync(settingsFile, yaml);
  const client = await startLanguageClient({
    args: [path.join(root, 'dist/server.js'), '--stdio'],
    initializationOptions: {
      trusted: false,
      storage: null,
      locale: 'en',
      l10nUri: null,
      settings: { budgets },
    },
  });
  clients.push(client);
  const uri = pathToFileURL(path.join(repository, 'Dockerfile')).href;
  client.open(uri, readFileSync(path.join(repository, 'Dockerfile'), 'utf8'));
  return { client, uri, settingsFile, settingsUri: pathToFileURL(settingsFile).href };
}

const budgetsOf = (diagnostics: readonly Diagnostic[]): string[] =>
  diagnostics
    .filter(({ code }) => String(code).endsWith('Budget'))
    .map(({ code, range }) => `${range.start.line + 1} ${String(code)}`);

test('a limit of the settings is a problem on the line that spends most', async () => {
  const { client, uri } = await open('settings', { image: '1MB', layers: 100 }, null);
  const { diagnostics } = await client.diagnostics(uri, (told) => budgetsOf(told.diagnostics).length > 0);
  assert.deepEqual(budgetsOf(diagnostics), ['11 ImageBudget']);
  const budget = diagnostics.find(({ code }) => code === 'ImageBudget')!;
  assert.equal(budget.severity, 1);
  assert.match(
    String(budget.message),
    /^The image has 2\.86 MB unpacked, 1\.86 MB over the budget of 1\.00 MB/,
  );
});

test('the editor is asked to watch for strata.yaml and .dive-ci', async () => {
  const { client } = await open('watched', {}, null);
  const asked = JSON.stringify(await client.notified('client/registerCapability'));
  assert.match(asked, /workspace\/didChangeWatchedFiles/);
  assert.match(asked, /\{strata\.yaml,strata\.yml,\.dive-ci\}/);
});

test('a rule that the project switches off is not offered at the cursor either', async () => {
  const { client, uri } = await open(
    'off',
    {},
    'budgets:\n  layers: 1\nrules:\n  MergeConsecutiveRuns: off\n',
  );
  await client.diagnostics(uri, (told) => budgetsOf(told.diagnostics).length > 0);
  const at = { line: 23, character: 0 };
  const params = { textDocument: { uri }, range: { start: at, end: at }, context: { diagnostics: [] } };
  const actions = (await client.connection.sendRequest('textDocument/codeAction', params)) as {
    kind: string;
  }[];
  assert.ok(!actions.some(({ kind }) => kind.endsWith('.MergeConsecutiveRuns')));
});

test('strata.yaml goes before the settings, and a change of it counts at once', async () => {
  const { client, uri, settingsFile, settingsUri } = await open(
    'project',
    { image: '1MB' },
    'budgets:\n  image: 1GB\n  layers: 2\nrules:\n  MergeConsecutiveRuns: off\n',
  );
  const first = await client.diagnostics(uri, (told) => budgetsOf(told.diagnostics).length > 0);
  assert.deepEqual(budgetsOf(first.diagnostics), ['30 LayersBudget']);
  assert.ok(!first.diagnostics.some(({ code }) => code === 'MergeConsecutiveRuns'));
  writeFileSync(settingsFile, 'budgets:\n  image: 2MB\n');
  void client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: settingsUri, type: 2 }],
  });
  const next = await client.diagnostics(uri, (told) =>
    budgetsOf(told.diagnostics).includes('11 ImageBudget'),
  );
  assert.deepEqual(budgetsOf(next.diagnostics), ['11 ImageBudget']);
  assert.ok(next.diagnostics.some(({ code }) => code === 'MergeConsecutiveRuns'));
});

test('what is wrong in strata.yaml is told there, and goes when it is mended', async () => {
  const { client, settingsFile, settingsUri } = await open('slip', {}, 'budgets:\n  imgae: 1MB\n');
  const { diagnostics } = await client.diagnostics(settingsUri, (told) => told.diagnostics.length > 0);
  assert.deepEqual(
    diagnostics.map(({ range, severity }) => [range.start.line, severity]),
    [[1, 1]],
  );
  assert.match(String(diagnostics[0]!.message), /'imgae' is no budget/);
  writeFileSync(settingsFile, 'budgets:\n  image: 1MB\n');
  void client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: settingsUri, type: 2 }],
  });
  await client.diagnostics(settingsUri, (told) => told.diagnostics.length === 0);
});
