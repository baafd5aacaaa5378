// `strata/declaredBuilds` over the real protocol: what the project declares and what can be chosen; a pick that is gone is
// refused with a reason. No builder is needed.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { BuildParams, BuildResult, DeclaredBuildsResult } from '../../server/src/protocol';
import { startLanguageClient } from '../support/languageClient';

const root = process.env.STRATA_ROOT ?? process.cwd();
const folder = mkdtempSync(path.join(tmpdir(), 'strata-lsp-declared-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const text = 'ARG BASE=alpine\nFROM $BASE AS dev\nARG BASE WHO="x y"\nFROM dev\n';
const file = path.join(folder, 'web', 'Dockerfile');
const uri = pathToFileURL(file).href;

test('builds, stages and arguments are told, and a declaration that is gone is not built', async () => {
  mkdirSync(path.join(folder, '.git'));
  mkdirSync(path.dirname(file));
  writeFileSync(file, text);
  const compose = path.join(folder, 'compose.yaml');
  writeFileSync(
    compose,
    'services: { app: { build: { context: web, args: { WHO: me }, secrets: [s] } } }\nsecrets: { s: { file: hidden } }\n',
  );
  const client = await startLanguageClient({
    args: [path.join(root, 'dist/server.js'), '--stdio'],
    env: { PATH: path.join(folder, 'no-programs') },
    initializationOptions: { trusted: true, storage: null, locale: 'en', l10nUri: null, settings: {} },
  });
  try {
    client.open(uri, text);
    const found = (await client.connection.sendRequest('strata/declaredBuilds', {
      uri,
    })) as DeclaredBuildsResult;
    assert.deepEqual([found.stages, found.arguments, found.problems], [['dev', '1'], ['BASE', 'WHO'], []]);
    assert.deepEqual(
      found.builds.map(({ ref, context, buildArgs, secrets, plain }) => [
        ref.source,
        ref.name,
        context,
        ...buildArgs,
        ...secrets,
        plain,
      ]),
      [
        ['compose', 'app', path.dirname(file), 'WHO', 's', false],
        ['default', 'default', path.dirname(file), true],
      ],
    );
    assert.doesNotMatch(JSON.stringify(found), /hidden/);
    const params: BuildParams = {
      ...{ uri, target: null, platform: null, buildArgs: {}, context: null, noCache: false },
      declared: { source: 'compose', file: compose, name: 'gone' },
    };
    const refused = (await client.connection.sendRequest('strata/build', params)) as BuildResult;
    assert.equal(refused.outcome, 'refused');
    assert.match(refused.message, /^compose:gone does not build this Dockerfile any more\./);
  } finally {
    await client.stop();
  }
});
