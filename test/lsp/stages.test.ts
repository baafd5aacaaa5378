// `strata/stages` over the real protocol: the stages of the workspace's Dockerfiles as rows, unsaved texts included.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { StageRow, StagesResult } from '../../server/src/protocol';
import { startLanguageClient } from '../support/languageClient';

const root = process.env.STRATA_ROOT ?? process.cwd();
const folder = mkdtempSync(path.join(tmpdir(), 'strata-lsp-stages-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return pathToFileURL(file).href;
}

function draw(rows: readonly StageRow[], indent = ''): string[] {
  return rows.flatMap(({ kind, label, description, line, children }) => [
    `${indent}${kind} ${label}${description && ` (${description})`}${line === null ? '' : ` @${line}`}`,
    ...draw(children, `${indent}  `),
  ]);
}

test('rows tell what stages share, of the texts as they stand in the editor', async () => {
  const uri = write('Dockerfile', 'FROM base\nRUN saved\n');
  write('b.Dockerfile', 'FROM base AS b\nRUN one\nRUN b\n');
  const client = await startLanguageClient({
    args: [path.join(root, 'dist/server.js'), '--stdio'],
    env: { PATH: path.join(folder, 'no-programs') },
    initializationOptions: { trusted: false, storage: null, locale: 'en', l10nUri: null, settings: {} },
  });
  try {
    client.open(uri, 'FROM base\nRUN one\n');
    const told = (await client.connection.sendRequest('strata/stages', { uri })) as StagesResult;
    assert.deepEqual([told.dockerfiles, told.complete], [2, true]);
    assert.deepEqual(draw(told.rows), [
      'base base (2 stages · 1 step in common)',
      '  step RUN one (2 lines) @2',
      '    place Dockerfile:2 @2',
      '    place b.Dockerfile:2 @2',
      '  stage Dockerfile (ends here) @1',
      '  parting b.Dockerfile (b) (RUN b · goes on alone) @3',
    ]);
    assert.equal(told.rows[0]?.children[0]?.uri, uri);
    const nothing = (await client.connection.sendRequest('strata/stages', { uri: null })) as StagesResult;
    assert.deepEqual(nothing, { rows: [], dockerfiles: 0, complete: true });
  } finally {
    await client.stop();
  }
});
