import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changeFilter } from '../../../server/src/layers/changeFilter';
import type { Change } from '../../../server/src/layers/model';

function change(path: string, bytes: number, what: Change['what'] = []): Change {
  const entry = {
    path,
    bytes,
    type: 'file',
    mode: 0,
    uid: 0,
    gid: 0,
    mtime: 0,
    link: null,
    fromLayer: 0,
  } as const;
  return { path, change: 'added', before: null, after: entry, what };
}

const changes = [
  change('usr/lib/libc.so', 2_000_000, ['content']),
  change('usr/lib/x/y/libm.so.6', 900_000, ['mode', 'owner']),
  change('usr/share/doc/README', 500),
  change('doc/readme.md', 0),
  change('etc/A*b', 7),
];

function checkFilter(text: string, expected: string[]): void {
  const test = changeFilter(text);
  assert.deepEqual(
    changes.filter((one) => test?.(one) ?? true).map(({ path }) => path),
    expected,
    text,
  );
}

const all = changes.map(({ path }) => path);

describe('a filter of changes', () => {
  test('takes everything when it is empty', () => {
    assert.equal(changeFilter('  '), null);
    checkFilter('', all);
  });

  test('looks for words anywhere in the path, in any casing, all of them', () => {
    checkFilter('readme', ['usr/share/doc/README', 'doc/readme.md']);
    checkFilter('doc README', ['usr/share/doc/README', 'doc/readme.md']);
    checkFilter('lib x', ['usr/lib/x/y/libm.so.6']);
    checkFilter('/usr/lib', ['usr/lib/libc.so', 'usr/lib/x/y/libm.so.6']);
    checkFilter('!lib', ['usr/share/doc/README', 'doc/readme.md', 'etc/A*b']);
  });

  test('knows globs of names and of paths', () => {
    checkFilter('*.so', ['usr/lib/libc.so']);
    checkFilter('lib?.so*', ['usr/lib/libc.so', 'usr/lib/x/y/libm.so.6']);
    checkFilter('usr/*/libc.so', ['usr/lib/libc.so']);
    checkFilter('usr/**/lib*', ['usr/lib/libc.so', 'usr/lib/x/y/libm.so.6']);
    checkFilter('**/doc/*', ['usr/share/doc/README', 'doc/readme.md']);
    checkFilter('usr/**', ['usr/lib/libc.so', 'usr/lib/x/y/libm.so.6', 'usr/share/doc/README']);
    checkFilter('usr/*', []);
    checkFilter('A*b', ['etc/A*b']);
  });

  test('knows sizes and what changed', () => {
    checkFilter('>1MB', ['usr/lib/libc.so']);
    checkFilter('<=500 !>8', ['doc/readme.md', 'etc/A*b']);
    checkFilter('what:mode', ['usr/lib/x/y/libm.so.6']);
    checkFilter('>nothing', []);
  });

  test('takes a moment for a pattern made to take long', () => {
    const test = changeFilter(`${'*a'.repeat(900)}b`)!;
    assert.equal(test(change('a'.repeat(4000), 1)), false);
  });
});
