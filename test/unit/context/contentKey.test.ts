// Which changes of a context give another content key, and which do not.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contentKey, contentParts, selectAll } from '../../../server/src/context/contentKey';
import { mountSelectors, type Selector, selectorOf } from '../../../server/src/context/contentSelect';
import { type Digest, sha256 } from '../../../server/src/primitives/digest';
import { type ContextLiteral, contextFixture } from '../../support/contextFixture';

const files: ContextLiteral = {
  'a.txt': 'one',
  'd/b.txt': 'two',
  'd/e/c.log': 'three',
  'd/inner': '=> b.txt',
  top: '=> d',
  other: 'four',
};

function digestsOf(literal: ContextLiteral): Map<string, Digest> {
  return new Map(
    Object.entries(literal).flatMap(([name, value]) => {
      const content = typeof value === 'object' ? value?.content : value;
      return content === undefined ? [] : [[name, sha256(String(content))] as const];
    }),
  );
}

function selectorsOf(words: string, parents = false, exclude: string[] = []): readonly Selector[] {
  return words.split(' ').map((word) => selectorOf(word, { parents, exclude }));
}

function keyOf(literal: ContextLiteral, selectors: readonly Selector[]): string {
  const selected = selectAll(contextFixture(literal), { selectors });
  const parts = selected && contentParts(selected, digestsOf(literal));
  return parts ? contentKey(parts) : 'unknown';
}

/** Whether the key stays when the files change so. A value undefined takes the file away. */
function check(
  selectors: readonly Selector[],
  change: Record<string, ContextLiteral[string] | undefined>,
  stays: boolean,
): void {
  const changed: ContextLiteral = { ...files };
  for (const [name, value] of Object.entries(change)) {
    delete changed[name];
    if (value !== undefined) changed[name] = value;
  }
  assert.equal(keyOf(changed, selectors) === keyOf(files, selectors), stays, JSON.stringify(change));
}

describe('the content key', () => {
  test('of a file is its bytes and mode, not its name or time', () => {
    const file = selectorsOf('a.txt');
    check(file, { 'a.txt': 'eno' }, false);
    check(file, { 'a.txt': { content: 'one', mode: 0o755 } }, false);
    check(file, { 'a.txt': { content: 'one', mtimeMs: 5 } }, true);
    check(file, { other: 'changed', 'd/b.txt': undefined }, true);
    assert.equal(keyOf({ 'x/z': 'one' }, selectorsOf('x/z')), keyOf(files, file));
  });
  test('of a folder is all below it, with names, links and its own mode', () => {
    const folder = selectorsOf('d');
    check(folder, { 'd/e/c.log': 'changed' }, false);
    check(folder, { 'd/e/c.log': undefined, 'd/e/c2.log': 'three' }, false);
    check(folder, { 'd/new': '' }, false);
    check(folder, { 'd/inner': '=> e' }, false);
    check(folder, { 'a.txt': 'changed', top: undefined }, true);
  });
  test('follows a link at the top', () => {
    check(selectorsOf('top'), { 'd/b.txt': 'changed' }, false);
    check(selectorsOf('top'), { top: '=> d/e' }, false);
    check(selectorsOf('top'), { other: 'changed' }, true);
  });
  test('of a pattern has the names that match', () => {
    const pattern = selectorsOf('*.txt');
    check(pattern, { 'b.txt': 'new' }, false);
    check(pattern, { 'a.txt': undefined, 'z.txt': 'one' }, false);
    check(pattern, { 'b.log': 'new' }, true);
  });
  test('leaves out what --exclude leaves out, and what --parents does not want', () => {
    check(selectorsOf('d', false, ['**/*.log']), { 'd/e/c.log': 'changed' }, true);
    check(selectorsOf('d', false, ['**/*.log']), { 'd/b.txt': 'changed' }, false);
    check(selectorsOf('d/e', true), { 'd/b.txt': 'changed' }, true);
    check(selectorsOf('d/e', true), { 'd/e/c.log': 'changed' }, false);
  });
  test('of a bind mount of the root is the whole context', () => {
    check(mountSelectors(['', 'd']), { other: 'changed' }, false);
    check(mountSelectors(['d', '/d/e']), { other: 'changed' }, true);
    check(mountSelectors(['/d']), { 'd/b.txt': 'changed' }, false);
  });
  test('is not known without a digest, or when a source is not there', () => {
    const snapshot = contextFixture(files);
    const selected = selectAll(snapshot, { selectors: selectorsOf('a.txt') });
    assert.equal(contentParts(selected!, new Map()), null);
    assert.equal(selectAll(snapshot, { selectors: selectorsOf('nothing') }), null);
  });
  test('without the modes of folders is what a builder sees that has the context already', () => {
    const parts = (mode: number) => [
      { path: '', type: 'directory' as const, mode, link: null, digest: null, size: 0 },
    ];
    assert.notEqual(contentKey(parts(0o755)), contentKey(parts(0o700)));
    const seen = { folderModes: false };
    assert.equal(contentKey(parts(0o755), seen), contentKey(parts(0o700), seen));
  });
});
