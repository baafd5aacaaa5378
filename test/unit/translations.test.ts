// Each text that a person reads in the editor has its translation, with the same placeholders, links, code and settings;
// the README has its translation with the same parts.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const root = process.env.STRATA_ROOT ?? process.cwd();
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');

interface Checker {
  allFaults(root: string): Promise<{ texts: Record<string, string>; found: string[] }>;
  faults(english: Record<string, string>, translated: Record<string, string>): string[];
}
const checker = import(pathToFileURL(path.join(root, 'scripts/l10n.mjs')).href) as Promise<Checker>;

test('every text is translated, and no translation is left over (npm run l10n says which)', async () => {
  const { texts, found } = await (await checker).allFaults(root);
  assert.ok(Object.keys(texts).length > 500, 'texts are found');
  assert.deepEqual(found, []);
});

test('texts are written where they are told, so that they are found', () => {
  const wrong: string[] = [];
  for (const folder of ['client/src', 'server/src']) {
    for (const name of readdirSync(path.join(root, folder), { recursive: true }).map(String)) {
      if (!name.endsWith('.ts') || name.endsWith('translate.ts')) continue;
      const text = read(path.join(folder, name));
      for (const [call] of text.matchAll(/\bl10n\.t\(\s*[^'"\s][^\n]*/g)) wrong.push(`${name}: ${call}`);
      if (/\{[^}]*\bt\b[^}]*\} = (?:vscode\.)?l10n/.test(text)) wrong.push(`${name}: takes l10n apart`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the manifest names no text that package.nls.json lacks, and none is left over', () => {
  const used = new Set([...read('package.json').matchAll(/"%([^%"\s]+)%"/g)].map((match) => match[1]!));
  assert.deepEqual([...used].sort(), Object.keys(JSON.parse(read('package.nls.json'))).sort());
});

describe('the check finds', () => {
  const cases: [string, string, string | undefined, string[]][] = [
    ['a missing text', 'Open', undefined, ['missing: "Open"']],
    ['a lost placeholder', '{0} of {1}', '{0}', ['placeholders differ: "{0} of {1}": {0} {1} / {0}']],
    ['a text that was left in English', 'Open', 'Open', ['not translated: "Open"']],
    ['changed code', 'Use `a b`', '用 `a c`', ['code differ: "Use `a b`": `a b` / `a c`']],
    [
      'a changed link',
      '[Go](command:strata.build)',
      '[去](command:strata.show)',
      [
        'command links differ: "[Go](command:strata.build)": (command:strata.build) / (command:strata.show)',
        'settings differ: "[Go](command:strata.build)": strata.build / strata.show',
      ],
    ],
    ['nothing in a good one', '{0} files', '{0} 个文件', []],
  ];
  for (const [name, english, other, expected] of cases) {
    test(name, async () => {
      const { faults } = await checker;
      assert.deepEqual(
        faults({ [english]: english }, other === undefined ? {} : { [english]: other }),
        expected,
      );
    });
  }
  test('what is left over', async () => {
    assert.deepEqual((await checker).faults({}, { gone: '没了' }), ['left over: "gone"']);
  });
});

/** First cells of all table rows. */
function firstCells(text: string): string[] {
  return [...text.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell]) => cell!).filter((cell) => !/^-+$/.test(cell));
}

test('README.zh-CN.md has the parts of README.md: headings, table rows, pictures, code, links', () => {
  const parts = (text: string) => ({
    headings: (text.match(/^#{1,6} /gm) ?? []).map((mark) => mark.trim().length),
    rows: text.match(/^\|/gm)?.length ?? 0,
    pictures: [...text.matchAll(/!\[[^\]]*\]\(([^)]*)\)|<img[^>]*src="([^"]*)"/g)].map(([, a, b]) =>
      (a ?? b)!.replace(/-(?:dark|light|chinese)(?=\.png$)/, ''),
    ),
    code: [...text.matchAll(/^```[^\n]*\n[\s\S]*?^```/gm)].length,
    settings: [...new Set(text.match(/`strata\.[\w.]+`/g) ?? [])].sort(),
  });
  assert.deepEqual(parts(read('README.zh-CN.md')), parts(read('README.md')));
});

test('README.zh-CN.md names commands as the editor does, and code as README.md does, in its order', () => {
  const english = JSON.parse(read('package.nls.json')) as Record<string, string>;
  const chinese = JSON.parse(read('package.nls.zh-cn.json')) as Record<string, string>;
  const titles = new Map(
    Object.entries(english).map(([key, title]) => [`Strata: ${title}`, `Strata: ${chinese[key]}`]),
  );
  const expected = firstCells(read('README.md')).filter((cell) => titles.has(cell) || /^`/.test(cell));
  const cells = firstCells(read('README.zh-CN.md')).filter((cell) => /^Strata: |^`/.test(cell));
  assert.ok(expected.length > 40, 'cells are found');
  assert.deepEqual(
    cells.map((cell) => cell.replaceAll('、', ', ')),
    expected.map((cell) => titles.get(cell) ?? cell),
  );
});
