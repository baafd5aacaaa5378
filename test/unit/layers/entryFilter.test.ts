import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { entryFilter } from '../../../server/src/layers/entryFilter';
import { type FilteredEntry, passesFilter } from '../../support/filterOracle';

function change(path: string, bytes: number, what: string[] = []): FilteredEntry {
  return { path, bytes, what };
}

const changes = [
  change('usr/lib/libc.so', 2_000_000, ['content']),
  change('usr/lib/x/y/libm.so.6', 900_000, ['mode', 'owner']),
  change('usr/share/doc/README', 500),
  change('doc/readme.md', 0),
  change('etc/A*b', 7),
];

function checkFilter(text: string, expected: string[]): void {
  const filter = entryFilter(text);
  assert.deepEqual(
    changes.filter((one) => passesFilter(filter, one)).map(({ path }) => path),
    expected,
    text,
  );
}

const all = changes.map(({ path }) => path);

describe('a filter of entries', () => {
  test('takes everything when it is empty', () => {
    assert.equal(entryFilter('  '), null);
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
    const filter = entryFilter(`${'*a'.repeat(900)}b`);
    assert.equal(passesFilter(filter, change('a'.repeat(4000), 1)), false);
  });
});
