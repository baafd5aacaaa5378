import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContextEntry, ContextSnapshot } from '../../../server/src/context/model';
import { runRules } from '../../../server/src/rules/rule';
import { contextOf } from '../../support/dockerfileMarkers';
import { measuredBuild } from '../../support/measuredBuild';

/** A context of files by size; folders are made where they are missing. */
function snapshotOf(files: Record<string, number>): ContextSnapshot {
  const entries = new Map<string, ContextEntry>();
  const add = (path: string, type: 'file' | 'directory', size: number) =>
    entries.set(path, { path, type, size, mode: 0o644, link: null, mtimeMs: 0, inode: 0 });
  for (const [path, size] of Object.entries(files)) {
    const parts = path.split('/');
    for (let i = 1; i < parts.length; i++) {
      const folder = parts.slice(0, i).join('/');
      if (!entries.has(folder)) add(folder, 'directory', 0);
    }
    add(path, 'file', size);
  }
  return {
    root: '/context',
    entries: [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    find: (path) => entries.get(path),
    ignored: { files: 0, bytes: 0, folders: [] },
    ignoreFile: null,
    problems: [],
    complete: true,
  };
}

const draw = (text: string, files: Record<string, number>) =>
  runRules({ ...contextOf(text), context: snapshotOf(files) })
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
  const found = runRules({ ...context, context: snapshotOf({ '.git/HEAD': 300_000 }) });
  assert.deepEqual(
    found.map(({ rule }) => rule),
    ['GitDirectoryInLayer'],
  );
});
