import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bloatOf } from '../../../server/src/context/bloat';
import { ignoreEdit } from '../../../server/src/context/ignoreEdit';
import { contextFixture } from '../../support/contextFixture';

describe('folders that bloat a context', () => {
  const found = (literal: Parameters<typeof contextFixture>[0]) =>
    bloatOf(contextFixture(literal)).map(({ path, bytes, files }) => `${path} ${bytes} ${files}`);

  test('come largest first, one inside another counted once', () => {
    const literal = {
      '.git/a': 10,
      'web/node_modules/x/node_modules/y': 20,
      'web/node_modules/z': 5,
      'web/a.ts': 99,
    };
    assert.deepEqual(found(literal), ['web/node_modules 25 2', '.git 10 1']);
  });
  test('have common names only where the tool stands beside them', () => {
    assert.deepEqual(found({ 'target/a': 1, 'dist/a': 1, 'Cargo.toml': 1 }), ['target 1 1']);
    assert.deepEqual(found({ 'app/obj/a': 1, 'app/x.csproj': 1, 'obj/b': 1, 'app/sub/y': 1 }), [
      'app/obj 1 1',
    ]);
  });
  test('are not files, and not empty', () => {
    assert.deepEqual(found({ node_modules: 5, 'a/.git': null }), []);
  });
});

describe('a path is added to an ignore file', () => {
  test('at the end, with the line ends that it has', () => {
    assert.equal(ignoreEdit(null, '.git'), '.git\n');
    assert.equal(ignoreEdit('a\nb', '.git'), 'a\nb\n.git\n');
    assert.equal(ignoreEdit('a\r\nb\r\n', '.git'), 'a\r\nb\r\n.git\r\n');
    assert.equal(ignoreEdit('# keep\n!x\n', 'web/dist'), '# keep\n!x\nweb/dist\n');
  });
  test('behind an exception that would bring it back', () => {
    assert.equal(ignoreEdit('*\n!**/dist\n', 'web/dist'), '*\n!**/dist\nweb/dist\n');
  });
  test('as a pattern that means it alone', () => {
    assert.equal(ignoreEdit('', '#a'), '\\#a\n');
    assert.equal(ignoreEdit('', '!a'), '\\!a\n');
    assert.equal(ignoreEdit('', 'a*{2}|b'), 'a\\*\\{2\\}\\|b\n');
    assert.equal(ignoreEdit('', '[x]'), '\\[x\\]\n');
  });
  test('not when an exception lies below it, when it is gone already, or when it cannot be written', () => {
    assert.equal(ignoreEdit('*\n!dist/keep\n', 'dist'), null);
    assert.equal(ignoreEdit('!dist\n', 'dist'), null);
    assert.equal(ignoreEdit('dist\n', 'dist'), null);
    assert.equal(ignoreEdit('[\n', 'dist'), null);
    assert.equal(ignoreEdit('', ' a'), null);
    assert.equal(ignoreEdit('', 'a\nb'), null);
  });
});
