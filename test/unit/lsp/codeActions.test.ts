// Quick fixes of any text at any place, with random measures of a build that never was: none throws, each fits the
// document and reads as before but for what it means to change. The same seed gives the same texts.
//   STRATA_SEED=n  another row of them; a failure names its seed
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { CodeAction, TextDocumentEdit, TextEdit } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { createNodeHost } from '../../../server/src/host/nodeHost';
import { codeActions } from '../../../server/src/lsp/actions';
import { DocumentState } from '../../../server/src/lsp/documents';
import type { Session } from '../../../server/src/lsp/session';
import { needShell } from '../../../server/src/lsp/shellReader';
import type { ContextState } from '../../../server/src/measure/contextState';
import type { Host } from '../../../server/src/primitives/host';
import { mappingCases } from '../../live/mapping/cases';
import { type RandomBelow, seededBelow } from '../../support/random';
import { edited, history, measured, pick } from '../../support/randomKnowledge';

const root = process.env.STRATA_ROOT ?? process.cwd();
const firstSeed = Number(process.env.STRATA_SEED ?? 1);
const fixtures = path.join(root, 'test/fixtures/dockerfiles');
const texts = [
  ...readdirSync(fixtures).map((name) => readFileSync(path.join(fixtures, name), 'utf8')),
  ...mappingCases.map(({ dockerfile }) => dockerfile),
];

/** Reads the files of the shell parser from where the package has them. */
function hostWithParser(): Host {
  const host = createNodeHost();
  const wasm = path.join(root, 'node_modules/@vscode/tree-sitter-wasm/wasm');
  const files = Object.create(host.files) as Host['files'];
  files.read = (file) => host.files.read(path.join(wasm, path.basename(file)));
  return { ...host, files };
}

const host = hostWithParser();
const uri = 'file:///work/Dockerfile';

/** Each fix that is offered at some random ranges. */
async function checkActions(text: string, built: string, random: RandomBelow): Promise<number> {
  const document = new DocumentState(TextDocument.create(uri, 'dockerfile', 1, text), new Set());
  document.setShell(await needShell(host));
  document.know(measured(built, random), null);
  const past = history(built, random);
  const inputs = { history: past, contentOf: () => null, files: null, extraArguments: [] };
  document.setForecast(() => inputs, { walked: null } as unknown as ContextState);
  const session = { host, documents: new Map([[uri, document]]), style: {} } as unknown as Session;
  const lines = text.split('\n').length;
  let offered = 0;
  const ranges = [[0, lines], ...Array.from({ length: 6 }, () => [random(lines + 2), random(lines + 2)])];
  for (const [a, b] of ranges) {
    const range = {
      start: { line: Math.min(a!, b!), character: random(3) },
      end: { line: Math.max(a!, b!), character: random(9) },
    };
    const only = random(5) === 0 ? ['source.fixAll'] : undefined;
    for (const action of await codeActions(session, uri, range, { diagnostics: [], only })) {
      checkAction(text, action);
      offered++;
    }
  }
  return offered;
}

function checkAction(text: string, { title, edit }: CodeAction): void {
  const document = TextDocument.create(uri, 'dockerfile', 1, text);
  const [change, ...others] = edit!.documentChanges as TextDocumentEdit[];
  assert.deepEqual(others, [], title);
  let after = -1;
  const edits = change!.edits as TextEdit[];
  const spans = edits
    .map(({ range, newText }) => ({
      start: document.offsetAt(range.start),
      end: document.offsetAt(range.end),
      range,
      newText,
    }))
    .sort((a, b) => a.start - b.start);
  for (const { start, end, range } of spans) {
    for (const place of [range.start, range.end]) {
      assert.deepEqual(document.positionAt(document.offsetAt(place)), place, `${title}: in the document`);
    }
    assert.ok(start > after && start <= end, `${title}: edits do not overlap`);
    after = end;
  }
  const fixed = TextDocument.applyEdits(
    document,
    edits.map(({ range, newText }) => ({ range, newText })),
  );
  assert.notEqual(fixed, text, `${title}: changes something`);
  const [was, is] = [parseDockerfile(text), parseDockerfile(fixed)];
  const problems = ({ problems: all }: typeof was) => all.map(({ message }) => message.replace(/\d+/g, 'n'));
  const before = problems(was);
  assert.deepEqual(
    problems(is).filter((message) => !before.includes(message)),
    [],
    `${title}: no new problem`,
  );
  if (!/[^\r]\n/.test(text)) assert.doesNotMatch(fixed, /[^\r]\n/, `${title}: keeps the line ends`);
  if (edit!.changeAnnotations) return;
  // Of the same result: comments and all but RUN, COPY and ADD stay as they are.
  const kept = ({ instructions }: typeof was) =>
    instructions.filter(({ keyword }) => !/^(?:RUN|COPY|ADD)$/.test(keyword)).map((one) => one.text);
  assert.deepEqual(kept(is), kept(was), `${title}: keeps the other lines`);
  // A comment at the end of a line may have become a line of its own.
  for (const comment of text.match(/^[ \t]*#.*$/gm) ?? [])
    assert.ok(fixed.includes(comment.trim()), `${title}: keeps ${comment}`);
}

describe('quick fixes of random texts', () => {
  const rows = 12;
  for (let row = 0; row < rows; row++) {
    test(`row ${row + 1} of ${rows}`, async () => {
      let offered = 0;
      for (let n = 0; n < 25; n++) {
        const seed = firstSeed * 100_000 + row * 1_000 + n;
        const random = seededBelow(seed);
        const built = edited(pick(texts, random), random);
        const text = random(2) === 0 ? built : edited(built, random);
        try {
          offered += await checkActions(text, built, random);
        } catch (error) {
          throw new Error(`seed ${seed}: ${JSON.stringify(text)}`, { cause: error });
        }
      }
      assert.ok(offered > 20, `only ${offered} fixes were offered: the test says too little`);
    });
  }
});

test('a fix that findings share is offered once for a selection of them', async () => {
  const text = 'FROM base\nRUN a\n&& b\n&& c\n&& d\n';
  const document = new DocumentState(TextDocument.create(uri, 'dockerfile', 1, text), new Set());
  const session = { host, documents: new Map([[uri, document]]), style: {} } as unknown as Session;
  const range = { start: { line: 0, character: 0 }, end: { line: 5, character: 0 } };
  const one = 'Add the missing \\ to the line above';
  assert.deepEqual(
    (await codeActions(session, uri, range, { diagnostics: [] })).map(({ title }) => title),
    ['Add the missing \\ to 3 lines', one, one, one],
  );
});

describe('quick fixes of hostile texts', () => {
  const hostile: Record<string, string> = {
    'two thousand RUNs': `FROM base\n${'RUN a\n'.repeat(2_000)}`,
    'a RUN of many commands': `FROM base\nRUN ${'a && '.repeat(5_000)}b\nRUN c\n`,
    'many installs': `FROM base\n${'COPY . .\nRUN npm ci\n'.repeat(200)}`,
    'a long name': `FROM ${'a'.repeat(70_000)}\nRUN a\nRUN b\n`,
    'nothing but continuations': `FROM base\nRUN ${'\\\n'.repeat(3_000)}`,
    'lines that lack one': `FROM base\nRUN a\n${'&& b\n'.repeat(300)}`,
    'heredocs without an end': 'FROM base\nRUN <<A <<B\na\nRUN <<"C"\nb\n',
    'controls and marks of direction': 'FROM base\nRUN \u202ea\u0000\nRUN b\u001b[31m\n\u0000RUN c\n',
    'halves of characters': 'FROM base\nRUN \ud800\nRUN \udc00 && a\nCOPY \ud800 \ud800\n',
  };
  for (const [name, text] of Object.entries(hostile)) {
    test(name, async () => {
      await checkActions(text, text, seededBelow(firstSeed));
    });
  }
});
