// A diff as Markdown, HTML and JSON: what each holds, that hostile names stay text in each, and that pieces joined are the
// whole document.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
// @ts-expect-error: it has no types; @vscode/vsce brings it.
import MarkdownIt from 'markdown-it';
import type { DiffDocument, DiffWriter } from '../../../server/src/describe/diffDocument';
import { diffHtml } from '../../../server/src/describe/diffHtml';
import { diffJson } from '../../../server/src/describe/diffJson';
import { diffMarkdown } from '../../../server/src/describe/diffMarkdown';
import { type DiffPiece, diffPiece, diffPieces } from '../../../server/src/describe/diffPieces';
import { plainStyle } from '../../../server/src/describe/style';
import { diffLayer } from '../../../server/src/layers/diff';
import type { LayerDiff } from '../../../server/src/layers/model';
import { atOnce } from '../../../server/src/layers/steps';
import type { LayerLiteral } from '../../support/imageFixture';
import { layerIndexes } from '../../support/layerIndexes';

const mtime = 1_700_000_000;
const layers: LayerLiteral[] = [
  { a: { content: 'aaaa', mtime }, gone: { content: 'x'.repeat(500), mtime } },
  {
    a: { content: 'aaaaaa', mtime, mode: 0o600 },
    'd/new': { content: 'n'.repeat(1500), mtime },
    '.wh.gone': '',
  },
];

const hostile = [
  '<img src=x onerror=alert(1)>',
  'a|b\\|c',
  '`code` `` | x',
  '[link](javascript:alert(1))',
  'line\nbreak\u001b[31m',
  '\u202egnp.exe',
  'www.example.invalid @someone',
  '&lt;b&gt; "quoted" \'too\'',
  '</td></tr></table><script>alert(1)</script>',
  '](x) **bold** ~~gone~~ $x$',
  ' padded ',
  '\\',
];

async function diffOf(given: LayerLiteral[] = layers): Promise<LayerDiff> {
  const indexes = await layerIndexes(given);
  return diffLayer(indexes, indexes.length - 1);
}

function documentOf(diff: LayerDiff, more: Partial<DiffDocument> = {}): DiffDocument {
  return {
    ...{ from: 'app:1@0', to: 'app:1@1', words: null, totals: diff, query: null },
    ...{ listed: diff.rows.count, basis: '', built: null, problems: [], style: plainStyle },
    ...more,
  };
}

/** The document of all changes in path order. */
function written(writer: DiffWriter, diff: LayerDiff, more: Partial<DiffDocument> = {}): string {
  return [...diffPieces(writer, documentOf(diff, more), diff.rows.reader(true))].join('');
}

const words = { title: 'RUN apt-get install -y git | tee', against: 'lines 1 to 6 and all below', line: 7 };
const query = { filter: '*.so', kinds: ['added'], sort: 'path' } as const;

describe('JSON', () => {
  test('has the keys of the command line’s page', async () => {
    const entry = { type: 'file', mode: 0o644, uid: 0, gid: 0, link: null };
    assert.deepEqual(JSON.parse(written(diffJson, await diffOf(), { problems: ['Something.'] })), {
      schema: 1,
      from: 'app:1@0',
      to: 'app:1@1',
      ...{ added: 2, modified: 1, removed: 1, bytesAdded: 1500, bytesModified: 6, bytesRemoved: 500 },
      entries: [
        {
          path: 'a',
          change: 'modified',
          before: { ...entry, bytes: 4 },
          after: { ...entry, bytes: 6, mode: 0o600 },
          what: ['content', 'mode'],
        },
        {
          path: 'd',
          change: 'added',
          before: null,
          after: { ...entry, type: 'directory', bytes: 0, mode: 0o755 },
          what: [],
        },
        { path: 'd/new', change: 'added', before: null, after: { ...entry, bytes: 1500 }, what: [] },
        { path: 'gone', change: 'removed', before: { ...entry, bytes: 500 }, after: null, what: [] },
      ],
      problems: ['Something.'],
    });
  });

  test('of a narrowed list tells how it was narrowed', async () => {
    const told = JSON.parse(
      written(diffJson, await diffOf(), { words, query, built: '2026-11-24T12:41:00Z', basis: 'built' }),
    );
    assert.deepEqual(told.list, { ...query, entries: 4 });
    assert.equal(told.title, words.title);
    assert.equal(told.built, '2026-11-24T12:41:00Z');
  });

  test('without a change is valid', async () => {
    const same = await diffOf([{ a: { content: 'a', mtime } }, { a: { content: 'a', mtime } }]);
    assert.deepEqual(JSON.parse(written(diffJson, same)).entries, []);
  });
});

describe('Markdown', () => {
  test('has states, totals, the list’s query and a table', async () => {
    const more = { words, query, built: '2026-11-24T12:41:30Z', basis: 'built 12:41 by buildx' };
    assert.equal(
      written(diffMarkdown, await diffOf(), more),
      `## Layer diff: RUN apt-get install -y git \\| tee

- **Before:** lines 1 to 6 and all below · \`app:1@0\`
- **After:** RUN apt-get install -y git \\| tee (line 7) · \`app:1@1\`
- **Basis:** built 12:41 by buildx
- **Built:** 2026-11-24 12:41 UTC
- **List:** 4 changes, those that match the filter “\\*.so”, added, by path

| Change | Paths | Size |
| --- | ---: | ---: |
| + added | 2 | 1.50 kB |
| ± modified | 1 | 6 B |
| − removed | 1 | 500 B |

| Change | Path | Before | After | What |
| --- | --- | ---: | ---: | --- |
| ± modified | \`a\` | 4 B | 6 B | content, mode |
| + added | \`d\` |  | directory |  |
| + added | \`d/new\` |  | 1.50 kB |  |
| − removed | \`gone\` | 500 B |  |  |
`,
    );
  });

  for (const name of hostile) {
    test(`shows the name ${JSON.stringify(name)} as text, in its cell`, async () => {
      // A slash makes directories of it; the last part is what matters.
      const diff = await diffOf([{}, { [name.replaceAll('/', '∕')]: 'x' }]);
      const html = new MarkdownIt({ html: true, linkify: true })
        .enable('table')
        .render(written(diffMarkdown, diff));
      const cells = [...html.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell]) => cell!);
      assert.equal(cells.length, 9 + 5, html);
      assert.doesNotMatch(cells[10]!.replaceAll(/<\/?code>/g, ''), /</, html);
      assert.equal(plain(cells[10]!).trim(), visible(name.replaceAll('/', '∕')).trim());
    });
  }

  test('says where it ends before the list does', async () => {
    const diff = await diffOf([
      {},
      Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [`f${i}`, 'x'])),
    ]);
    const text = written(diffMarkdown, diff);
    assert.equal(text.match(/^\| \+ added \| `/gm)?.length, 1000);
    assert.match(text, /\nOnly the first 1,000 of 1,200 changes are listed here; JSON has all of them\.\n$/);
  });
});

describe('HTML', () => {
  test('loads nothing, runs nothing, and its share bars are as long as their numbers', async () => {
    const html = written(diffHtml, await diffOf(), { words, query });
    assert.match(html, /content="default-src 'none'; style-src 'unsafe-inline'"/);
    assert.doesNotMatch(html, /<script|src=|href=|url\(|@import/);
    assert.match(html, /<bdi>new<\/bdi><\/td>.*<i style="width:74\.78px"><\/i>75 %/);
    assert.match(html, /prefers-color-scheme: dark/);
  });

  test('shows every hostile name as text', async () => {
    const names = hostile.map((name) => name.replaceAll('/', '∕'));
    const diff = await diffOf([{}, Object.fromEntries(names.map((name) => [name, 'x']))]);
    const html = written(diffHtml, diff, { words: { ...words, title: hostile[0]! } });
    const body = html.slice(html.indexOf('<tbody>'));
    const shown = [...body.matchAll(/<td class="path"><bdi>(.*?)<\/bdi>/g)].map(([, name]) => plain(name!));
    assert.deepEqual(shown.sort(), names.map(visible).sort());
    const tags = new Set([...html.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag!.toLowerCase()));
    for (const tag of ['script', 'img']) assert.ok(!tags.has(tag), tag);
  });
});

test('pieces are bounded, and joined they are the document', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 9000 }, (_, i) => [
      `a-rather-long-name-of-a-file-${String(i).padStart(6, '0')}`,
      'x',
    ]),
  );
  const diff = await diffOf([{}, many]);
  const pieces: string[] = [];
  for (let from: number | null = 0; from !== null; ) {
    const piece: DiffPiece = atOnce(diffPiece(diffJson, documentOf(diff), diff.rows.reader(false), from));
    pieces.push(piece.text);
    from = piece.next;
  }
  assert.ok(pieces.length > 2, `${pieces.length} pieces`);
  assert.ok(pieces.every((piece) => piece.length < 600_000));
  assert.equal(JSON.parse(pieces.join('')).entries.length, 9000);
});

/** Text of HTML without its tags. */
function plain(html: string): string {
  const marks: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&' };
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:#(\d+)|(\w+));/g, (_, code, name) =>
      code ? String.fromCodePoint(Number(code)) : marks[name]!,
    );
}

function visible(name: string): string {
  return name.replaceAll('\n', '\\u000a').replaceAll('\u001b', '\\u001b').replaceAll('\u202e', '\\u202e');
}
