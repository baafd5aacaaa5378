// The diff as a document over the server's real protocol: the list as it is narrowed and sorted, of the recorded build of
// the example, in pieces that name the state they are of.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { DiffExportParams, DiffExportPiece, DiffPage } from '../../server/src/protocol';
import { type LanguageClient, startLanguageClient } from '../support/languageClient';

const root = process.env.STRATA_ROOT ?? process.cwd();
const server = [path.join(process.env.STRATA_DIST ?? path.join(root, 'dist'), 'server.js'), '--stdio'];

describe('strata/diffExport', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-export-'));
  const uri = pathToFileURL(path.join(folder, 'Dockerfile')).href;
  const image = (upTo: number) => ({ of: 'image', upTo }) as const;
  const whole = { uri, from: image(-1), to: image(6), filter: '', kinds: [], sort: 'size' } as const;
  let client: LanguageClient;

  before(async () => {
    cpSync(path.join(root, 'examples/layers'), folder, { recursive: true });
    const initializationOptions = {
      trusted: false,
      storage: null,
      locale: 'en',
      l10nUri: null,
      settings: {},
    };
    client = await startLanguageClient({ args: server, initializationOptions });
    client.open(uri, readFileSync(path.join(folder, 'Dockerfile'), 'utf8'));
    await client.notified('strata/summary', (params) => {
      const summary = params as { uri: string; imageBytes: number | null };
      return summary.uri === uri && summary.imageBytes !== null;
    });
  });
  after(async () => {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const piece = (params: Omit<DiffExportParams, 'kinds'> & { kinds: readonly string[] }) =>
    client.connection.sendRequest<DiffExportPiece>('strata/diffExport', params);

  test('JSON has the rows of the panel, in their order, and names the states', async () => {
    for (const query of [
      { filter: '', sort: 'size', kinds: [] },
      { filter: 'srv >100', sort: 'path', kinds: ['added'] },
    ] as const) {
      const params = { ...whole, ...query };
      const { text, next, total } = await piece({ ...params, format: 'json', offset: 0 });
      const page = await client.connection.sendRequest<DiffPage>('strata/diffPage', {
        ...params,
        ...{ offset: 0, limit: 10_000 },
      });
      const report = JSON.parse(text);
      assert.deepEqual(
        report.entries.map((entry: { path: string }) => entry.path),
        page.rows.map((row) => row.path),
      );
      assert.ok(total > 0 && total === page.total && next === null);
      assert.deepEqual(report.list, { ...query, entries: total });
      assert.equal(report.from, 'nothing');
      assert.match(report.to, /@6$/);
    }
  });

  test('of a layer tells line, basis and the day of the build', async () => {
    const chown = { ...whole, from: image(2), to: image(3) };
    const { text } = await piece({ ...chown, format: 'markdown', offset: 0 });
    assert.match(text, /^## Layer diff: \w+/);
    assert.match(text, /^- \*\*After:\*\* .* \(line \d+\) · `.*@3`$/m);
    assert.match(text, /^- \*\*Built:\*\* \d{4}-\d\d-\d\d \d\d:\d\d UTC$/m);
  });

  test('pieces of one state name it alike, those of another otherwise', async () => {
    const html = { ...whole, format: 'html', offset: 0 } as const;
    const [first, again, other] = [
      await piece(html),
      await piece({ ...html, offset: 3 }),
      await piece({ ...html, to: image(5) }),
    ];
    assert.equal(first.state, again.state);
    assert.notEqual(first.state, other.state);
    assert.match(again.text, /^<tr /);
  });

  test('an offset behind the list ends the document, another shape is refused', async () => {
    const json = { ...whole, format: 'json', offset: 1e9 } as const;
    assert.equal((await piece(json)).next, null);
    await assert.rejects(piece({ ...json, format: 'pdf' as 'json' }), /another shape/);
    await assert.rejects(piece({ ...json, offset: -1 }), /another shape/);
  });
});
