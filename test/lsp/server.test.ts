// The language server over its real protocol: hints, lenses, hovers, diagnostics and fixes before any build; what a
// record that travels with a project adds; and that nothing is built in an untrusted workspace.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CodeAction, CodeLens, Hover, InlayHint, TextEdit } from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { layerDiff, type RequestTypes } from '../../server/src/protocol';
import { type LanguageClient, startLanguageClient } from '../support/languageClient';

const root = process.env.STRATA_ROOT ?? process.cwd();
const server = [path.join(process.env.STRATA_DIST ?? path.join(root, 'dist'), 'server.js'), '--stdio'];

function options(trusted: boolean, storage: string | null = null, settings: object = {}) {
  return { trusted, storage, locale: 'en', l10nUri: null, settings };
}

/** Hints as text: `line: label` (1-based), in order. */
function drawn(hints: InlayHint[]): string[] {
  return hints.map((hint) => `${hint.position.line + 1}: ${String(hint.label)}`);
}

let client: LanguageClient;
let count = 0;

/** Opens a text under a name of its own. */
function open(text: string): string {
  const uri = `file:///nowhere/${count++}/Dockerfile`;
  client.open(uri, text);
  return uri;
}

async function fixesAt(uri: string, line: number): Promise<CodeAction[]> {
  const at = { line: line - 1, character: 0 };
  const params = { textDocument: { uri }, range: { start: at, end: at }, context: { diagnostics: [] } };
  return ((await client.connection.sendRequest('textDocument/codeAction', params)) ?? []) as CodeAction[];
}

function applied(uri: string, text: string, action: CodeAction): string {
  const change = action.edit?.documentChanges?.[0] as { edits: TextEdit[] };
  return TextDocument.applyEdits(TextDocument.create(uri, 'dockerfile', 1, text), change.edits);
}

before(async () => {
  client = await startLanguageClient({ args: server, initializationOptions: options(false) });
});
after(() => client.stop());

describe('before any build', () => {
  test('lines that make layers are marked, exact sizes bear a ~, metadata lines bear nothing', async () => {
    const uri = open(
      [
        'FROM debian:12',
        'ENV A=1',
        'RUN apt-get update \\',
        '    && true',
        'WORKDIR /',
        'WORKDIR /app',
        'COPY <<EOF /app/hello',
        'hello',
        'EOF',
        'CMD ["sh"]',
        '',
      ].join('\n'),
    );
    assert.deepEqual(drawn(await client.hints(uri)), ['3: layer', '6: layer', '7: ~6 B']);
  });

  test('hints follow an edit at once', async () => {
    const uri = open('FROM debian:12\n');
    assert.deepEqual(drawn(await client.hints(uri)), []);
    client.change(uri, 'FROM debian:12\nRUN true\n');
    assert.deepEqual(drawn(await client.hints(uri)), ['2: layer']);
  });

  test('only the lines asked for are answered', async () => {
    const uri = open('FROM a\nRUN one\nRUN two\nRUN three\n');
    assert.deepEqual(drawn(await client.hints(uri, [2, 2])), ['3: layer']);
  });

  test('one lens row per stage says what ships', async () => {
    const uri = open('FROM a AS build\nRUN make\nFROM b\nCOPY --from=build /x /x\n');
    const lenses = (await client.connection.sendRequest('textDocument/codeLens', {
      textDocument: { uri },
    })) as CodeLens[];
    assert.deepEqual(
      lenses.map((lens) => `${lens.range.start.line + 1}: ${lens.command?.title}`),
      ['1: build · 1 layer · does not ship', '3: stage 1 · 1 layer'],
    );
  });

  test('the hover on a keyword tells what the line does to the image', async () => {
    const uri = open('FROM a\nENV A=1\n');
    const hover = (await client.connection.sendRequest('textDocument/hover', {
      textDocument: { uri },
      position: { line: 1, character: 1 },
    })) as Hover;
    assert.match((hover.contents as { value: string }).value, /ENV.*no layer/);
    const beside = await client.connection.sendRequest('textDocument/hover', {
      textDocument: { uri },
      position: { line: 1, character: 6 },
    });
    assert.equal(beside, null);
  });

  test('any prefix of a Dockerfile is answered', async () => {
    const text = readFileSync(path.join(root, 'examples/layers/Dockerfile'), 'utf8');
    const uri = open('');
    for (let end = 0; end < text.length; end += 7) {
      client.change(uri, text.slice(0, end));
      assert.ok(Array.isArray(await client.hints(uri)));
    }
  });
});

describe('fixes', () => {
  test('merging RUN steps gives one RUN, and the edit taken back gives the same bytes', async () => {
    const text = 'FROM a\nRUN one\nRUN two\n';
    const uri = open(text);
    const merge = (await fixesAt(uri, 3)).find((action) => /Merge/.test(action.title));
    assert.ok(merge);
    assert.equal(applied(uri, text, merge), 'FROM a\nRUN one \\\n    && two\n');
  });

  test('a stage that does not ship is offered the merge, but nothing is found there', async () => {
    const uri = open('FROM a AS build\nRUN one\nRUN two\nFROM b\nCOPY --from=build /x /x\n');
    assert.ok((await fixesAt(uri, 3)).some((action) => action.title === 'Merge with the RUN above'));
    const { diagnostics } = await client.diagnostics(uri);
    assert.deepEqual(diagnostics, []);
  });

  test('an ignore comment silences the finding', async () => {
    const uri = open('FROM a\nRUN one\n# strata: ignore=MergeConsecutiveRuns\nRUN two\n');
    const { diagnostics } = await client.diagnostics(uri);
    assert.deepEqual(diagnostics, []);
  });

  test("the article's Dockerfile as printed gets a diagnostic on each broken line and a fix that mends all", async () => {
    const text = readFileSync(path.join(root, 'examples/article/as-printed.Dockerfile'), 'utf8');
    const mended = readFileSync(path.join(root, 'examples/article/Dockerfile'), 'utf8');
    const uri = open(text);
    const { diagnostics } = await client.diagnostics(uri);
    const broken = diagnostics.filter((one) => one.code === 'MissingLineContinuation');
    assert.ok(broken.length > 0);
    assert.match(String(broken[0]!.message), /continues the RUN above; a \\ is missing/);
    let now = text;
    for (let round = 0; round < 10; round++) {
      client.change(uri, now);
      const { diagnostics: left } = await client.diagnostics(uri, (params) => params.version === round + 2);
      const next = left.find((one) => one.code === 'MissingLineContinuation');
      if (!next) break;
      const actions = await fixesAt(uri, next.range.start.line + 1);
      const fix = actions.find((action) => action.isPreferred) ?? actions[0];
      assert.ok(fix, `no fix on line ${next.range.start.line + 1}`);
      now = applied(uri, now, fix);
    }
    const words = (dockerfile: string) => dockerfile.replace(/\s+/g, ' ');
    assert.equal(words(now), words(mended));
    assert.deepEqual(
      drawn(await client.hints(uri)).map((hint) => hint.replace(/^\d+: /, '')),
      ['layer', 'layer', 'layer'],
    );
  });
});

describe('a record that travels with the project', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-lsp-'));
  const file = path.join(folder, 'Dockerfile');
  const uri = pathToFileURL(file).href;
  cpSync(path.join(root, 'examples/layers'), folder, { recursive: true });
  const text = readFileSync(file, 'utf8');
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('shows measured sizes, tree and diff without any builder, even where the workspace is not trusted', async () => {
    client.open(uri, text);
    await client.notified('strata/summary', (params) => {
      const summary = params as { uri: string; imageBytes: number | null };
      return summary.uri === uri && summary.imageBytes !== null;
    });
    const hints = drawn(await client.hints(uri));
    assert.ok(
      hints.some((hint) => /: base 1\.98 MB · 1 layer$/.test(hint)),
      hints.join('\n'),
    );
    const chown = text.split('\n').findIndex((line) => line.startsWith('RUN chown')) + 1;
    const { layer } = (await client.connection.sendRequest('strata/layerAt', { uri, line: chown })) as {
      layer: number;
    };
    const page = (await client.connection.sendRequest('strata/diffPage', {
      ...layerDiff(uri, layer),
      filter: '',
      kinds: [],
      sort: 'size',
      offset: 0,
      limit: 10,
    })) as { rows: { path: string; change: string; what: string[] }[] };
    assert.deepEqual(
      page.rows.filter((row) => row.path.startsWith('srv/')).map((row) => [row.path, row.change, row.what]),
      [['srv/pages.txt', 'modified', ['owner']]],
    );
    const content = (await client.connection.sendRequest('strata/file', {
      uri,
      state: { of: 'image', upTo: layer },
      path: 'srv/README',
    })) as { base64: string | null };
    assert.equal(content.base64, null, 'README is written by a later line');
  });

  test('what changed is told by directory and as a map, and any path by its lines', async () => {
    const lineOf = (start: string) => text.split('\n').findIndex((line) => line.startsWith(start)) + 1;
    const last = (await ask('strata/layers', { uri }))[0]!.layer;
    const whole = { uri, from: { of: 'image', upTo: -1 }, to: { of: 'image', upTo: last } } as const;
    const query = { filter: '!etc', kinds: [], path: '', sort: 'path' as const, offset: 0, limit: 100 };
    const { rows, total } = await ask('strata/diffTree', { ...whole, ...query });
    const srv = rows.find(({ path }) => path === 'srv')!;
    assert.equal(total, rows.length);
    assert.ok(srv.directory && srv.added! > 1 && srv.bytes > 0, JSON.stringify(srv));
    const groups = await ask('strata/diffTree', { ...whole, ...query, by: 'layer' });
    const drawn = groups.rows.map(({ group }) => `${group?.label.slice(0, 9)} (${group?.detail})`);
    assert.deepEqual(drawn.slice(0, 2), ['base laye ()', `RUN chown (line ${lineOf('RUN chown')})`]);
    const ofChown = groups.rows.find(({ group }) => group?.label.startsWith('RUN chown'))!;
    const inChown = await ask('strata/diffTree', { ...whole, ...query, by: 'layer', path: ofChown.path });
    const owned = inChown.rows.find(({ path }) => path === 'srv/pages.txt');
    assert.deepEqual([owned?.group, owned?.row?.change], [null, 'added']);
    const packages = await ask('strata/diffTree', { ...whole, ...query, by: 'package' });
    assert.deepEqual(
      packages.rows.map(({ group }) => group),
      [{ label: 'of no known package', detail: '' }],
    );
    const map = await ask('strata/diffMap', { ...whole, filter: '', kinds: [], path: 'srv' });
    assert.equal(map?.bytes, srv.bytes);
    const state = whole.to;
    const paths = await ask('strata/paths', { uri, state, text: 'scratch', limit: 5 });
    assert.deepEqual(paths, ['srv/scratch.bin']);
    const { history } = await ask('strata/blame', { uri, state, path: paths[0]! });
    assert.deepEqual(
      history.map(({ action, line }) => [action, line]),
      [
        ['added', lineOf('RUN dd')],
        ['deleted', lineOf('RUN rm /srv/scratch.bin')],
      ],
    );
    const [record] = await ask('strata/records', { uri });
    assert.deepEqual([record!.outcome, record!.shown, record!.comparable], ['built', true, true]);
  });

  test('an edited line shows its last measure as an estimate, lines that moved keep theirs', async () => {
    const before = drawn(await client.hints(uri));
    client.change(uri, `# one more comment line\n${text.replace('chown 1000:1000', 'chown 1001:1001')}`);
    const now = drawn(await client.hints(uri));
    const label = (hints: string[], line: number) => hints.find((hint) => hint.startsWith(`${line}: `));
    const copy = text.split('\n').findIndex((line) => line.startsWith('COPY --from')) + 1;
    const chown = text.split('\n').findIndex((line) => line.startsWith('RUN chown')) + 1;
    assert.equal(label(now, copy + 1), label(before, copy)?.replace(`${copy}: `, `${copy + 1}: `));
    assert.match(label(now, chown + 1) ?? '', /^\d+: ~.* · edited/);
    const below = text.split('\n').findIndex((line) => line.startsWith('RUN dd')) + 1;
    assert.equal(label(now, below + 1), `${below + 1}: ~307 kB · depends on line ${chown + 1}`);
  });

  test('a build is refused with a reason where the workspace is not trusted', async () => {
    const result = (await client.connection.sendRequest('strata/build', {
      uri,
      target: null,
      platform: null,
      buildArgs: {},
      context: null,
      noCache: false,
    })) as { outcome: string; message: string };
    assert.equal(result.outcome, 'refused');
    assert.match(result.message, /not trusted/);
  });
});

test('a damaged record is no record', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-lsp-'));
  const file = path.join(folder, 'Dockerfile');
  cpSync(path.join(root, 'examples/layers'), folder, { recursive: true });
  writeFileSync(path.join(folder, '.strata/Dockerfile.json'), '{"record": {"schema": 1}');
  const uri = pathToFileURL(file).href;
  client.open(uri, readFileSync(file, 'utf8'));
  const summary = (await client.notified(
    'strata/summary',
    (params) => (params as { uri: string; state: string }).uri === uri,
  )) as { imageBytes: number | null };
  assert.equal(summary.imageBytes, null);
  assert.ok((await client.hints(uri)).length > 0);
  rmSync(folder, { recursive: true, force: true });
});

function ask<M extends keyof RequestTypes>(
  method: M,
  params: RequestTypes[M]['params'],
): Promise<RequestTypes[M]['result']> {
  return client.connection.sendRequest(method, params);
}
