import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRules } from '../../../server/src/rules/rule';
import { contextFixture } from '../../support/contextFixture';
import { contextOf } from '../../support/dockerfileMarkers';
import { measuredBuild } from '../../support/measuredBuild';

const draw = (text: string, files: Record<string, number>) =>
  runRules({ ...contextOf(text), context: contextFixture(files) })
    .filter(({ rule }) => rule === 'UnignoredContext')
    .map(({ line, message }) => `${line}: ${message}`);

const files = { 'index.js': 500_000, 'node_modules/a/b.js': 300_000, '.git/HEAD': 50_000, 'package.json': 2 };

test('what COPY . . takes without need is told before any build', () =>
  assert.deepEqual(draw('FROM a\nCOPY . .', files), [
    '2: 350 kB that hardly belong into an image are copied: node_modules 300 kB, .git 50.0 kB; lines in .dockerignore would keep them out',
  ]));

test('little, other copies, stages that are not built and an unknown context are not told', () => {
  assert.deepEqual(draw('FROM a\nCOPY . .', { 'node_modules/a': 99_999 }), []);
  assert.deepEqual(draw('FROM a\nCOPY src .', files), []);
  assert.deepEqual(draw('FROM a AS b\nFROM a\nCOPY --from=b . .', files), []);
  assert.deepEqual(draw('FROM a AS b\nCOPY . .\nFROM c', files), []);
  assert.deepEqual(runRules({ ...contextOf('FROM a\nCOPY . .'), context: null }), []);
});

test('a .git that was measured in the layer is told once', async () => {
  const repository = Object.fromEntries(
    ['HEAD', 'config', 'index', 'a', 'b'].map((name) => [`.git/${name}`, 'x']),
  );
  const context = await measuredBuild({ text: 'FROM a\nCOPY . /', layers: { 2: repository } });
  const found = runRules({ ...context, context: contextFixture({ '.git/HEAD': 300_000 }) });
  assert.deepEqual(
    found.map(({ rule }) => rule),
    ['GitDirectoryInLayer'],
  );
});
