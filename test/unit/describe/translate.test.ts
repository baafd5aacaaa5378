// Sentences of the core in the editor's language: each has its template, none of the templates hides another, and without
// a translation a sentence stays as it is.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import * as l10n from '@vscode/l10n';
import { sentences, wholeSentences } from '../../../server/src/describe/sentences';
import { hasTemplate, translated } from '../../../server/src/describe/translate';

const root = process.env.STRATA_ROOT ?? process.cwd();
const chinese = JSON.parse(readFileSync(path.join(root, 'l10n/bundle.l10n.zh-cn.json'), 'utf8'));

/** What stands for a placeholder. */
const samples: Record<string, string> = {
  line: '4',
  otherLine: '7',
  lines: '4, 7',
  count: '3',
  most: '127',
  bytes: '41.2 MB',
  part: '9.8 MB',
  all: '30 MB',
  time: '2 m 05 s',
  percent: '95.5%',
  program: 'chmod',
  who: 'lines 4 and 7',
  which: '/usr/share/x and 2 more',
  item: 'node_modules',
  what: 'uses cd, which would change the directory of what follows',
  where: 'FROM names no image',
  list: 'the apt lists, the pip cache and the pnpm cache',
  saves: 'saves 41.2 MB',
  subject: 'Stage build',
  command: 'COPY --chmod=755',
  step: 'RUN',
  cache: 'pip cache',
};

function filled(template: string): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => samples[name] ?? `/srv/${name}`);
}

/** `english` in Chinese. */
function check(english: string, expected: string): void {
  l10n.config({ contents: chinese });
  assert.equal(translated(english), expected);
}

describe('in Chinese', () => {
  const cases: [string, string][] = [
    ['src/app.ts changed (content)', 'src/app.ts 已更改（内容）'],
    ['line 5 reruns', '第 5 行将重新执行'],
    ['ENV A changed in line 3', 'ENV A 在第 3 行已更改'],
    ['bin/run has mode 0755, was 0644', 'bin/run 的权限为 0755，之前为 0644'],
    [
      '9.80 MB written here are deleted by line 12 and stay in the image',
      '此处写入的 9.80 MB 被第 12 行删除，但仍留在镜像中',
    ],
    [
      '9.80 MB written here are deleted by lines 4, 7, 9 and 2 more and stay in the image',
      '此处写入的 9.80 MB 被第 4、7、9 行等（另有 2 行）删除，但仍留在镜像中',
    ],
    [
      '18.2 MB of apt lists stay in the image (/var/lib/apt/lists)',
      '18.2 MB 的 apt 软件包列表留在镜像中（/var/lib/apt/lists）',
    ],
    [
      'Empty the apt lists, the pip cache and the pnpm cache in this RUN: saves 18.2 MB',
      '在此 RUN 中清空 apt 软件包列表、pip 缓存、pnpm 缓存：节省 18.2 MB',
    ],
    [
      'The image has 182 MB unpacked, 32.0 MB over the budget of 150 MB; most: line 7 41.2 MB, the base image 74.8 MB',
      '镜像解压后有 182 MB，超出预算 150 MB 达 32.0 MB；最多的是：第 7 行 41.2 MB、基础镜像 74.8 MB',
    ],
    [
      '/root/.ssh/id_rsa holds what looks like a private key, and so do 2 more; line 9 hides it, but the layer keeps it',
      '/root/.ssh/id_rsa 包含疑似私钥的内容，另有 2 个文件也是如此；第 9 行隐藏了它，但层中仍保留',
    ],
    [
      'line 4 uses cd, which would change the directory of what follows',
      '第 4 行使用了 cd，它会更改后续命令的目录',
    ],
    [
      'Merge with the RUN above: saves 1.20 MB, one cache step instead of 2',
      '与上面的 RUN 合并：节省 1.20 MB，缓存步骤由 2 个变为 1 个',
    ],
  ];
  for (const [english, expected] of cases) test(english, () => check(english, expected));
});

test('several sentences, each on its own', () => {
  check(
    'Imported from ci.log. Who knows. ci.log ends before the build does.',
    '导入自 ci.log。Who knows. ci.log 在构建完成之前就结束了。',
  );
});

describe('what stays as it is', () => {
  test('a sentence of no template', () =>
    check('An unheard of thing happened.', 'An unheard of thing happened.'));
  test('a sentence with a part that is not known: half a translation reads worse than none', () => {
    const text = '1.00 MB written here are deleted by somebody and stay in the image';
    check(text, text);
  });
  test('a list whose items are not known as ours, since a comma may be of a name', () => {
    const text =
      '3.00 MB that hardly belong into an image are copied: a, b 3.00 MB; a line in .dockerignore would keep them out';
    check(text, text);
  });
  test('a very long sentence', () => {
    const text = `${'x'.repeat(2_000)} changed (content)`;
    check(text, text);
  });
  test('every sentence, where there is no translation', () => {
    l10n.config({ contents: {} });
    for (const template of wholeSentences) assert.equal(translated(filled(template)), filled(template));
  });
});

test('no template hides one below it', () => {
  l10n.config({ contents: Object.fromEntries(sentences.map((text, at) => [text, `<${at}>`])) });
  for (const template of wholeSentences) {
    assert.equal(translated(filled(template)), `<${sentences.indexOf(template)}>`, template);
  }
});

/** What an expression in a template of the sources stands for. */
const expressions: [RegExp, string][] = [
  [/formatBytes|^promised$|^saved$/, '41.2 MB'],
  [/formatDuration/, '12 s'],
  [/^cost$/, ', 12 s in the last build'],
  [/^meant/, '; did you mean LayerLimit?'],
  [/budgetForm/, 'a whole number'],
  [/^apt$/, ''],
  [/^install\.note$/, 'The install may need no other file of the sources than its manifests.'],
  [/^because$/, 'is new'],
  [/^base\.why$/, 'FROM names no image'],
  [/namesOf/, 'the apt lists'],
  [/nameOf\(deposit/, 'apt lists'],
  [/formatCount/, '3 files'],
  [/looks/, 'holds what looks like credentials'],
  [/^who$|linesText/, 'line 4'],
  [/^what$/, 'This layer'],
  [/of\.filter|^of$/, 'line 4'],
  [/parts\.join|shown\.join/, 'apt lists 41.2 MB'],
  [/word \?\?/, 'chmod'],
  [/line\b|length|layers|most|steps|longestChain|broken|number/i, '4'],
  [/ways/, 'lines'],
];

function sample(expression: string): string[] {
  // `${a ? 'x' : 'y'}`: each of the two.
  const texts = [...expression.matchAll(/[?:] (?:'([^']*)'|`([^`]*)`)/g)].map(([, a, b]) => a ?? b!);
  if (texts.length > 0) return texts.flatMap(samplesOf);
  return [expressions.find(([pattern]) => pattern.test(expression))?.[1] ?? '/srv/x'];
}

/** All that a template literal's text can say. */
function samplesOf(source: string): string[] {
  const at = source.indexOf('${');
  if (at < 0) return [source];
  let depth = 1;
  let end = at + 2;
  while (depth > 0 && end < source.length) {
    if (source[end] === '{') depth++;
    if (source[end] === '}') depth--;
    end++;
  }
  const rest = samplesOf(source.slice(end));
  return sample(source.slice(at + 2, end - 1)).flatMap((one) =>
    rest.map((tail) => source.slice(0, at) + one + tail),
  );
}

/** Sentences as the sources write them: what stands behind these names. A union of words is a type. */
function told(folder: string): string[] {
  const names =
    /\b(?:message|title|note|because|refusal|why)(?:: string)?(?:: | = )(?:'((?:[^'\\\n]|\\.)+)'(?! \|)|"([^"\n]+)"|`((?:[^`\\]|\\.)+)`)/g;
  return readdirSync(path.join(root, 'server/src', folder))
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [...readFileSync(path.join(root, 'server/src', folder, name), 'utf8').matchAll(names)])
    .flatMap(([, plain, quoted, template]) =>
      template === undefined ? [(plain ?? quoted)!] : samplesOf(template),
    );
}

/** Clauses that mapping makes whole sentences of. */
const asSentence = (clause: string) => `${clause[0]!.toUpperCase()}${clause.slice(1)}.`;

for (const folder of ['rules', 'forecast', 'mapping', 'context']) {
  test(`what ${folder}/ says has a template`, () => {
    const found = told(folder);
    assert.ok(found.length > 3, 'sentences are found');
    assert.deepEqual(
      found.filter((text) => !hasTemplate(text) && !hasTemplate(asSentence(text))),
      [],
    );
  });
}
