import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changeMap } from '../../../server/src/layers/changeMap';
import { type ChangeTree, changeTree } from '../../../server/src/layers/changeTree';
import { diffLayer } from '../../../server/src/layers/diff';
import { atOnce } from '../../../server/src/layers/steps';
import { layerIndexes } from '../../support/layerIndexes';

/** `+ etc/a 12`, `- var/b 3`, `~ x 1>5`; a path that ends with a slash is a directory. As a layer over another. */
async function treeOf(drawn: string, passes: Uint8Array | null = null): Promise<ChangeTree> {
  const below: Record<string, string> = {};
  const layer: Record<string, string> = {};
  for (const line of drawn.trim().split('\n')) {
    const [sign, name = '', sizes = '0'] = line.trim().split(' ');
    const [first = '0', second = first] = sizes.split('>');
    if (sign !== '+') below[name] = 'x'.repeat(Number(first));
    if (sign === '-') layer[name.replace(/[^/]+$/, '.wh.$&')] = '';
    else layer[name] = 'x'.repeat(Number(second));
  }
  const diff = diffLayer(await layerIndexes([below, layer]), 1);
  return atOnce(changeTree(diff.rows, passes));
}

const drawn = `
~ a 1>5
+ etc/ 0
+ etc/passwd 10
+ etc/ssl/ 0
+ etc/ssl/cert 30
- usr/lib/x/big 400
+ usr/lib/y 7
+ usr/libexec 2
`;

async function checkChildren(path: string, sort: 'size' | 'path', expected: string[]): Promise<void> {
  const { nodes } = (await treeOf(drawn)).children(path, sort);
  const told = nodes.map(({ path, change, totals, bytes }) => {
    const own = change ? change.change : 'same';
    const counts = totals ? `${totals.added} ${totals.modified} ${totals.removed}` : '';
    return `${path} ${own} ${counts} ${bytes}`.replace(/ +/g, ' ');
  });
  assert.deepEqual(told, expected);
}

describe('changes by directory', () => {
  test('are listed level by level, with what each directory holds', async () => {
    await checkChildren('', 'path', ['a modified 5', 'etc added 4 0 0 40', 'usr same 2 0 1 409']);
    await checkChildren('etc', 'path', ['etc/passwd added 10', 'etc/ssl added 2 0 0 30']);
    await checkChildren('usr', 'path', ['usr/lib same 1 0 1 407', 'usr/libexec added 2']);
    await checkChildren('usr/lib', 'path', ['usr/lib/x same 0 0 1 400', 'usr/lib/y added 7']);
    await checkChildren('usr/lib/x', 'path', ['usr/lib/x/big removed 400']);
  });

  test('can have the heaviest first', async () => {
    await checkChildren('', 'size', ['usr same 2 0 1 409', 'etc added 4 0 0 40', 'a modified 5']);
    await checkChildren('usr', 'size', ['usr/lib same 1 0 1 407', 'usr/libexec added 2']);
  });

  test('are none where there is no such directory', async () => {
    await checkChildren('usr/li', 'path', []);
    await checkChildren('etc/passwd', 'path', []);
  });

  test('add up to the bytes of the whole, in a map of any depth and size', async () => {
    const tree = await treeOf(drawn);
    for (const depth of [1, 2, 5]) {
      for (const mostNodes of [1, 3, 100]) {
        const map = changeMap(tree, '', { depth, mostNodes })!;
        assert.equal(map.bytes, 454);
        const check = (node: typeof map): void => {
          if (node.children.length === 0) return;
          assert.equal(
            node.children.reduce((sum, { bytes }) => sum + bytes, 0),
            node.bytes,
            `${node.path} at depth ${depth}, ${mostNodes} nodes`,
          );
          node.children.forEach(check);
        };
        check(map);
      }
    }
  });

  test('make a map that tells kinds, and puts together what is too small', async () => {
    const map = changeMap(await treeOf(drawn), '', { depth: 2, mostNodes: 20 })!;
    const told = map.children.map(({ path, kind, bytes, count }) => `${path} ${kind} ${bytes} ${count}`);
    assert.deepEqual(told, ['usr mixed 409 3', 'etc added 40 4', 'null modified 5 1']);
    assert.equal(changeMap(atOnce(changeTree(diffLayer(await layerIndexes([{}]), 0).rows)), ''), null);
  });
});
