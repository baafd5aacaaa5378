// Reads the imports of server and client: they go down the ladder only, and each outside package has one home.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = process.env.STRATA_ROOT ?? process.cwd();

/** Rooms that stand on the same step may not import each other. */
const ladder: string[][] = [
  ['primitives'],
  ['dockerfile', 'image', 'context'],
  ['layers', 'build'],
  ['mapping', 'forecast'],
  ['rules'],
  ['analysis'],
  ['measure', 'describe'],
  ['lsp', 'cli', 'host'],
  ['entries'],
];

/** Forecast stands above mapping in the plan, but neither needs the other. */
const homes: Record<string, RegExp> = {
  vscode: /^client\/src\//,
  'vscode-languageclient': /^client\/src\//,
  'vscode-languageserver': /^server\/src\/(lsp\/|main\.ts)/,
  'vscode-languageserver-textdocument': /^server\/src\/lsp\//,
  'dockerfile-ast': /^server\/src\/dockerfile\/parse\.ts$/,
  'tar-stream': /^server\/src\/primitives\/tar\.ts$/,
  yaml: /^server\/src\/measure\/readYaml\.ts$/,
  'jsonc-parser': /^server\/src\/measure\/readJsonc\.ts$/,
  '@vscode/tree-sitter-wasm': /^server\/src\/dockerfile\/bash\.ts$/,
  fzstd: /^server\/src\/primitives\//,
  '@vscode/l10n': /^server\/src\/(describe|lsp|cli)\//,
  'd3-hierarchy': /^client\/webview\/diff\/map\.ts$/,
};

/** Modules of the runtime that touch the world: only host/ (and the entries) may. */
const worldly = new Set([
  'fs',
  'fs/promises',
  'child_process',
  'net',
  'http',
  'https',
  'tls',
  'dns',
  'worker_threads',
  'os',
]);

interface Import {
  file: string;
  target: string;
}

function importsOf(folder: string): Import[] {
  return readdirSync(path.join(root, folder), { recursive: true })
    .map((name) => path.posix.join(folder, String(name).split(path.sep).join('/')))
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      const found = [
        ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g),
      ];
      return found.map((match) => ({ file, target: (match[1] ?? match[2])! }));
    });
}

const imports = [...importsOf('server/src'), ...importsOf('client/src'), ...importsOf('client/webview')];

function roomOf(file: string): string {
  const inside = path.posix.relative('server/src', file);
  return inside.includes('/') ? inside.split('/')[0]! : 'entries';
}

function resolved({ file, target }: Import): string {
  return `${path.posix.join(path.posix.dirname(file), target)}`;
}

test('server imports go down the ladder only', () => {
  const wrong: string[] = [];
  for (const one of imports) {
    if (!one.file.startsWith('server/src/') || !one.target.startsWith('.')) continue;
    const target = resolved(one);
    // The entries tell the version, which stands in package.json alone.
    if (target === 'package.json' && roomOf(one.file) === 'entries') continue;
    assert.ok(target.startsWith('server/src/'), `${one.file} imports ${target} outside of server/src`);
    if (target === 'server/src/protocol') continue;
    const from = roomOf(one.file);
    const to = roomOf(target);
    if (from === to) continue;
    const fromStep = ladder.findIndex((step) => step.includes(from));
    const toStep = ladder.findIndex((step) => step.includes(to));
    assert.ok(fromStep >= 0, `${one.file}: the ladder has no room '${from}'`);
    assert.ok(toStep >= 0, `${one.file}: the ladder has no room '${to}'`);
    if (toStep >= fromStep) wrong.push(`${one.file} imports ${target}`);
  }
  assert.deepEqual(wrong, []);
});

test('protocol.ts imports nothing, and is the only thing the client imports from the server', () => {
  assert.deepEqual(
    imports.filter((one) => one.file === 'server/src/protocol.ts'),
    [],
  );
  const wrong = imports.filter(
    (one) =>
      one.file.startsWith('client/') &&
      one.target.startsWith('.') &&
      !resolved(one).startsWith('client/') &&
      resolved(one) !== 'server/src/protocol',
  );
  assert.deepEqual(wrong, []);
});

test('each outside package has one home', () => {
  const wrong: string[] = [];
  for (const { file, target } of imports) {
    if (target.startsWith('.') || target.startsWith('node:')) continue;
    const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.split('/')[0]!;
    const home = homes[name];
    if (!home) wrong.push(`${file} imports ${name}, which has no home in test/unit/house.test.ts`);
    else if (!home.test(file)) wrong.push(`${file} imports ${name}`);
  }
  assert.deepEqual(wrong, []);
});

test('only host and the entries touch files, processes, network and threads', () => {
  const wrong = imports.filter(({ file, target }) => {
    if (!file.startsWith('server/src/') || !target.startsWith('node:')) return false;
    const room = roomOf(file);
    return worldly.has(target.slice('node:'.length)) && room !== 'host' && room !== 'entries';
  });
  assert.deepEqual(wrong, []);
});

test('the server never imports vscode, and the webview imports no runtime', () => {
  const wrong = imports.filter(
    ({ file, target }) =>
      (file.startsWith('server/') && (target === 'vscode' || target.startsWith('vscode-languageclient'))) ||
      (file.startsWith('client/webview/') && (target.startsWith('node:') || target === 'vscode')),
  );
  assert.deepEqual(wrong, []);
});
