import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DiffOptions, diffLayer, diffStates } from '../../../server/src/layers/diff';
import { PathTrie } from '../../../server/src/layers/pathTrie';
import { Stack } from '../../../server/src/layers/stack';
import type { LayerLiteral } from '../../support/imageFixture';
import { drawDiff, drawEntry, layerIndexes, lines } from '../../support/layerIndexes';
import { seededRandom } from '../../support/random';

/** The diff of the last layer. */
async function checkDiff(layers: LayerLiteral[], expected: string, options: DiffOptions = {}): Promise<void> {
  const diff = diffLayer(await layerIndexes(layers), layers.length - 1, options);
  assert.equal(drawDiff(diff), lines(expected));
}

test('the first layer adds all it has, parents before children, in byte order', () =>
  checkDiff(
    [{ 'b.txt': '1', 'b/': '', 'b/z': '22', 'b/a': '3', a: '4', é: '5', Z: '6' }],
    `
    + Z 1
    + a 1
    + b/ 0
    + b/a 1
    + b/z 2
    + b.txt 1
    + é 1
    `,
  ));

test('added, modified and removed are counted with their bytes', async () => {
  const indexes = await layerIndexes([
    { a: '1', b: '22', c: '333' },
    { a: '55555', '.wh.b': '', d: '4444' },
  ]);
  const { changes, ...counts } = diffLayer(indexes, 1);
  assert.equal(changes.map(({ path, change }) => `${path} ${change}`).join(), 'a modified,b removed,d added');
  assert.deepEqual(counts, {
    added: 1,
    modified: 1,
    removed: 1,
    bytesAdded: 4,
    bytesModified: 5,
    bytesRemoved: 2,
  });
});

test('a whiteout of a directory removes path by path', () =>
  checkDiff(
    [{ 'd/': '', 'd/e/f': '22', 'd/g': '3' }, { '.wh.d': '' }],
    `
    - d/ 0
    - d/e/ 0
    - d/e/f 2
    - d/g 1
    `,
  ));

test('a directory that is repeated is no change; one with another mode or owner is', () =>
  checkDiff(
    [
      { 'same/': { mtime: 1 }, 'mode/': { mode: 0o755 }, 'owner/': { uid: 0 }, 'implied/x': '1' },
      {
        'same/': { mtime: 2 },
        'same/new': '1',
        'mode/': { mode: 0o700, mtime: 2 },
        'owner/': { uid: 5 },
        'implied/y': '2',
      },
    ],
    `
    + implied/y 1
    ~ mode/ 0>0 (mode)
    ~ owner/ 0>0 (owner)
    + same/new 1
    `,
  ));

test('peers 13: mode, owner, times, xattrs, links and types are changes of their own', () =>
  checkDiff(
    [
      {
        chmod: { content: 'x', mode: 0o644 },
        chown: { content: 'x', uid: 1 },
        chgrp: { content: 'x', gid: 1 },
        touch: { content: 'x', mtime: 1 },
        xattr: { content: 'x', xattrs: { 'security.capability': 'a' } },
        symlink: { type: 'symlink', link: 'old' },
        f1: 'x',
        f2: 'x',
        hardlink: { type: 'hardlink', link: 'f1' },
        type: 'x',
        device: { type: 'char', device: { major: 1, minor: 3 } },
        same: 'x',
      },
      {
        chmod: { content: 'x', mode: 0o4644 },
        chown: { content: 'x', uid: 2 },
        chgrp: { content: 'x', gid: 2 },
        touch: { content: 'x', mtime: 2 },
        xattr: { content: 'x', xattrs: { 'security.capability': 'b' } },
        symlink: { type: 'symlink', link: 'new' },
        hardlink: { type: 'hardlink', link: 'f2' },
        type: { type: 'symlink', link: 'x', mode: 0o777 },
        device: { type: 'char', device: { major: 1, minor: 5 } },
        same: 'x',
      },
    ],
    `
    ~ chgrp 1>1 (owner)
    ~ chmod 1>1 (mode)
    ~ chown 1>1 (owner)
    ~ device 0>0 (content)
    ~ hardlink 0>0 (link)
    ~ symlink 0>0 (link)
    ~ touch 1>1 (mtime)
    ~ type 1>0 (type)
    ~ xattr 1>1 (xattr)
    `,
  ));

test('content of the same size is the same until somebody knows better', async () => {
  const layers: LayerLiteral[] = [
    { a: 'one', b: 'one', c: 'x' },
    { a: { content: 'two', mtime: 5 }, b: { content: 'one', mtime: 5 }, c: 'yy' },
  ];
  await checkDiff(layers, '~ a 3>3 (mtime)\n~ b 3>3 (mtime)\n~ c 1>2 (content)');
  const asked: string[] = [];
  await checkDiff(layers, '~ a 3>3 (content, mtime)\n~ b 3>3 (mtime)\n~ c 1>2 (content)', {
    sameContent: (before, after) => {
      asked.push(`${before.row} ${after.row}`);
      return before.row !== 0;
    },
  });
  assert.deepEqual(asked, ['0 0', '1 1']);
});

test('a file that is only a hard link now has changed its type, and its content when that differs', () =>
  checkDiff(
    [
      { a: 'one', b: 'one', c: 'one' },
      { a: 'one', b: { type: 'hardlink', link: 'a' }, d: 'four', c: { type: 'hardlink', link: 'd' } },
    ],
    `
    ~ b 3>0 (type)
    ~ c 3>0 (content, type)
    + d 4
    `,
  ));

test('what an opaque directory hides and its layer has again is modified or the same, not removed and added', () =>
  checkDiff(
    [
      { 'd/a': '1', 'd/b': '22', 'd/c': '3', 'd/s/': '', 'd/s/x': '4' },
      { 'd/': '', 'd/.wh..wh..opq': '', 'd/a': '1', 'd/b': '4444', 'd/s/': '' },
    ],
    `
    ~ d/b 2>4 (content)
    - d/c 1
    - d/s/x 1
    `,
  ));

test('peers 16: a directory replaced by a file, and back', async () => {
  const layers: LayerLiteral[] = [{ 'x/a': '1', 'x/b': '2' }, { x: 'file' }, { 'x/': '', 'x/a': '1' }];
  await checkDiff(layers.slice(0, 2), '~ x 0>4 (mode, type)\n- x/a 1\n- x/b 1'.replace('mode, ', ''));
  await checkDiff(layers, '~ x/ 4>0 (type)\n+ x/a 1');
});

test('peers 16: names that differ in case are two, and odd names keep their order', () =>
  checkDiff(
    [{ README: '1' }, { '.wh.README': '', readme: '1', 'a\nb': '2', 'a\u202Eb': '3' }],
    '- README 1\n+ a\nb 1\n+ a\u202Eb 1\n+ readme 1',
  ));

test('peers 11: what Docker writes for COPY file /app/ (an opaque marker in a new directory) is an addition', () =>
  checkDiff(
    [{ 'etc/a': '1' }, { 'app/': '', 'app/.wh..wh..opq': '', 'app/file': '22' }],
    '+ app/ 0\n+ app/file 2',
  ));

test('entries tell what is there before and after, and of which layer', async () => {
  const indexes = await layerIndexes([
    { a: '1' },
    { b: '2' },
    { a: { content: '333', mode: 0o600, uid: 7, gid: 8, mtime: 9 } },
  ]);
  const [change] = diffLayer(indexes, 2).changes;
  assert.deepEqual(change?.before, {
    path: 'a',
    type: 'file',
    bytes: 1,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    link: null,
    fromLayer: 0,
  });
  assert.deepEqual(change?.after, {
    path: 'a',
    type: 'file',
    bytes: 3,
    mode: 0o600,
    uid: 7,
    gid: 8,
    mtime: 9,
    link: null,
    fromLayer: 2,
  });
  assert.deepEqual(change?.what, ['content', 'mode', 'owner', 'mtime']);
});

test('two images are compared whatever their layers, shared ones once', async () => {
  const [base, a1, a2, b1] = await layerIndexes([
    { 'etc/a': '1', 'etc/b': '2' },
    { 'etc/a': '333' },
    { 'tmp/x': '4' },
    { 'etc/.wh.b': '', 'opt/y': '55' },
  ]);
  assert.equal(
    drawDiff(diffStates([base!, a1!, a2!], [base!, b1!])),
    '~ etc/a 3>1 (content)\n- etc/b 1\n+ opt/ 0\n+ opt/y 2\n- tmp/ 0\n- tmp/x 1',
  );
  assert.equal(drawDiff(diffStates([base!, a1!], [base!, a1!])), '');
  assert.equal(drawDiff(diffStates([], [])), '');
  assert.equal(drawDiff(diffStates([base!], [])), '- etc/ 0\n- etc/a 1\n- etc/b 1');
  const [same] = await layerIndexes([{ 'etc/': '', 'etc/a': '1', 'etc/b': '2' }]);
  assert.equal(drawDiff(diffStates([base!], [same!])), '');
});

test('a diff applied to the state below gives the state with the layer, for 80 seeds', async () => {
  for (let seed = 1; seed <= 80; seed++) {
    const random = seededRandom(seed);
    const name = (): string =>
      Array.from({ length: 1 + Math.floor(random() * 3) }, () => 'abcd'[Math.floor(random() * 4)]).join('/');
    const layers = Array.from({ length: 3 }, () => {
      const layer: Record<string, string> = {};
      for (let i = 0; i < 7; i++) {
        const path = name();
        const at = path.lastIndexOf('/') + 1;
        if (random() < 0.3) layer[`${path.slice(0, at)}.wh.${path.slice(at)}`] = '';
        else if (random() < 0.1) layer[`${path}/.wh..wh..opq`] = '';
        else layer[path] = 'x'.repeat(1 + Math.floor(random() * 20));
      }
      return layer;
    });
    const indexes = await layerIndexes(layers);
    const state = stateOf(indexes.slice(0, 2));
    for (const { path, after } of diffLayer(indexes, 2).changes) {
      if (after) state.set(path, drawEntry(after).replace(/ @\d+$/, ''));
      else state.delete(path);
    }
    const sorted = (map: Map<string, string>): string[] => [...map].map((entry) => entry.join(' ')).sort();
    assert.deepEqual(sorted(state), sorted(stateOf(indexes)), `seed ${seed}: ${JSON.stringify(layers)}`);
    const whole = diffStates(indexes.slice(0, 2), indexes);
    assert.equal(drawDiff(whole), drawDiff(diffLayer(indexes, 2)), `seed ${seed}`);
  }
});

function stateOf(indexes: Awaited<ReturnType<typeof layerIndexes>>): Map<string, string> {
  const all = diffStates([], indexes).changes;
  assert.ok(all.every(({ change }) => change === 'added'));
  const trie = new PathTrie(indexes);
  const stack = new Stack(trie);
  for (const index of indexes) stack.push(index);
  let visible = 0;
  for (let node = 1; node < trie.count; node++) if (stack.isVisible(node)) visible++;
  assert.equal(all.length, visible);
  return new Map(all.map(({ path, after }) => [path, drawEntry(after!).replace(/ @\d+$/, '')]));
}
