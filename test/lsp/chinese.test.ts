// The server in Simplified Chinese, over its real protocol, on the example with its recorded build: hints, rows above the
// stages, hovers, findings, fixes, the forecast and the tree. And English where the bundle cannot be read.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CodeAction, CodeLens, Hover } from 'vscode-languageserver-protocol/node';
import { type LanguageClient, startLanguageClient } from '../support/languageClient';

const root = process.env.STRATA_ROOT ?? process.cwd();
const server = [path.join(process.env.STRATA_DIST ?? path.join(root, 'dist'), 'server.js'), '--stdio'];
const bundle = pathToFileURL(path.join(root, 'l10n/bundle.l10n.zh-cn.json')).href;

function start(l10nUri: string): Promise<LanguageClient> {
  const initializationOptions = { trusted: false, storage: null, locale: 'zh-cn', l10nUri, settings: {} };
  return startLanguageClient({ args: server, initializationOptions });
}

/** Sizes, times and versions are those of the recorded build: here the words count. */
function plain(text: string): string {
  return text.replace(
    /\d[\d.,]* [kM]B|[1-9]\d* B|<?\d+(?:\.\d)? s\b|\b\d\d:\d\d\b|\d{4}[/-][^由]*(?= 由)|buildx [\d.]+/g,
    '#',
  );
}

interface TreePage {
  nodes: { label: string; description: string }[];
}

async function hintsOf(client: LanguageClient, uri: string): Promise<string[]> {
  const hints = await client.hints(uri);
  return hints.map((hint) => `${hint.position.line + 1}: ${String(hint.label)}`);
}

describe('the example with its recorded build', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-chinese-'));
  cpSync(path.join(root, 'examples/layers'), folder, { recursive: true });
  const file = path.join(folder, 'Dockerfile');
  const uri = pathToFileURL(file).href;
  const text = readFileSync(file, 'utf8');
  const lineOf = (start: string) => text.split('\n').findIndex((line) => line.startsWith(start));
  let client: LanguageClient;

  const ask = <Result>(method: string, params: object) =>
    client.connection.sendRequest(method, params) as Promise<Result>;

  before(async () => {
    client = await start(bundle);
    client.open(uri, text);
    // The record is read after the text.
    await client.notified('strata/treeChanged');
    await client.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0);
  });
  after(async () => {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const hover = async (line: string) => {
    const position = { line: lineOf(line), character: 1 };
    const found = await ask<Hover>('textDocument/hover', { textDocument: { uri }, position });
    return (found.contents as { value: string }).value
      .replaceAll(/\(command:[^)]*\)/g, '')
      .split(/\s*\n/)
      .map(plain)
      .filter((part) => part !== '' && !/^\*[^*]/.test(part)); // the example's own note
  };

  test('hints', async () => {
    const hints = (await hintsOf(client, uri)).map(plain);
    assert.deepEqual(hints.slice(3, 8), [
      `${lineOf('LABEL')}: 基础镜像 # · 1 层`,
      `${lineOf('WORKDIR /srv') + 1}: 0 B · 命中缓存`,
      `${lineOf('COPY --from') + 1}: # · 命中缓存 · 浪费 #`,
      `${lineOf('COPY docs') + 1}: # · 执行 # · 浪费 #`,
      `${lineOf('RUN chown') + 1}: # · 执行 #`,
    ]);
  });

  test('rows above the stages', async () => {
    const lenses = await ask<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
    assert.deepEqual(
      lenses.map((lens) => plain(lens.command?.title ?? '')),
      [
        'build · 3 层 · 不进入最终镜像',
        '构建阶段 1 · 8 层 · #',
        '镜像 # · 11 步中 5 步命中缓存 · #',
        '$(diff) 显示层差异',
      ],
    );
  });

  test('hovers', async () => {
    assert.deepEqual(await hover('RUN dd'), [
      '第 6 层，共 9 层 · **RUN** · # 由 # 实测（精确，依据来源证明）',
      '解压后 # · 压缩后 #',
      '新增 1，修改 0，删除 0',
      '执行了 #',
      `浪费 #：\`srv/scratch.bin\` 被第 ${lineOf('RUN rm /') + 1} 行隐藏`,
      '最大：`srv/scratch.bin` #',
      '[显示层差异] · [在树中显示]',
    ]);
    assert.deepEqual(await hover('ENV'), ['**ENV** · 不产生层：只更改镜像的元数据']);
  });

  test('findings and fixes', async () => {
    const { diagnostics } = await client.diagnostics(uri);
    assert.deepEqual(
      diagnostics.map(({ code, message }) => `${code}: ${plain(message as string)}`),
      [`MergeConsecutiveRuns: 此 RUN 与第 ${lineOf('RUN dd') + 1} 行的 RUN 可以合为一层，节省 #`],
    );
    const at = { line: lineOf('RUN rm /'), character: 0 };
    const range = { start: at, end: at };
    const context = { diagnostics: [] };
    const params = { textDocument: { uri }, range, context };
    const actions = await ask<CodeAction[]>('textDocument/codeAction', params);
    assert.equal(plain(actions[0]!.title), '与上面的 RUN 合并：节省 #，缓存步骤由 2 个变为 1 个');
  });

  test('why a line cannot be merged', async () => {
    client.change(uri, text.replace('RUN rm /srv', 'RUN service x start; rm /srv'));
    const line = lineOf('RUN rm /') + 1;
    const lines = await hover('RUN rm /');
    client.change(uri, text);
    assert.equal(lines.at(-1), `未与上面的 RUN 合并：第 ${line} 行可能留下进程与后续命令同时运行`);
  });

  test('the tree', async () => {
    const { nodes } = await ask<TreePage>('strata/tree', { uri, node: null, offset: 0, limit: 100 });
    assert.deepEqual(
      nodes.map(({ label, description }) => plain(`${label}: ${description}`)),
      ['构建阶段 1: # · 11 步中 5 步命中缓存', 'build: 不进入最终镜像'],
    );
  });

  test('a line without a layer', async () => {
    const line = lineOf('ENV') + 1;
    assert.deepEqual(await ask('strata/layerAt', { uri, line }), {
      layer: null,
      why: 'ENV 不产生层：它只更改镜像的元数据。',
    });
  });

  test('a build that the server refuses', async () => {
    const how = { target: null, platform: null, buildArgs: {}, context: null, noCache: false };
    const result = await ask<{ message: string; hint: string }>('strata/build', { uri, ...how });
    assert.equal(result.message, 'Strata 在不受信任的工作区中不构建，因为构建会运行其中的命令。');
    assert.equal(result.hint, '请信任该工作区，然后重新构建。');
  });
});

test('without its bundle the server speaks English', async () => {
  const client = await start(`${bundle}.gone`);
  try {
    client.open('file:///nowhere/Dockerfile', 'FROM a\nRUN one\n');
    assert.deepEqual(await hintsOf(client, 'file:///nowhere/Dockerfile'), ['2: layer']);
  } finally {
    await client.stop();
  }
});
