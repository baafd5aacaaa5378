// What COPY takes: words, patterns, links and flags as BuildKit's copier has them. Each was seen in a real build.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ArchiveFinding } from '../../../server/src/context/archive';
import { type TakeRequest, takeFromContext } from '../../../server/src/context/take';
import { type ContextLiteral, contextFixture } from '../../support/contextFixture';

const files: ContextLiteral = {
  'a.txt': 1,
  'b.log': 2,
  'd/link': '=> ../a.txt',
  'd/sub/s.txt': 4,
  'd/x': 8,
  'd/y': '== d/x',
  dl: '=> d',
  fl: '=> /d/x',
  out: '=> ../../etc/passwd',
  'w/k.txt': 16,
  'w/w1.log': 32,
};

function check(words: string, expected: string, more: Partial<TakeRequest> = {}, literal = files): void {
  const all = words.split(' ');
  const request: TakeRequest = {
    sources: all.slice(0, -1),
    destination: all.at(-1)!,
    parents: false,
    exclude: [],
    ...more,
  };
  const { entries, bytes, why } = takeFromContext(contextFixture(literal), request);
  const names = entries.filter(({ entry }) => entry.type !== 'directory').map(({ to }) => to || '(it)');
  assert.equal(why ?? `${names.sort().join(' ')} = ${bytes}`, expected);
}

describe('words', () => {
  test('a file goes by its name into a folder, else to the name', () => {
    check('a.txt /x/', 'a.txt = 1');
    check('a.txt /x', '(it) = 1');
    check('./d/../a.txt .', 'a.txt = 1');
    check('../../a.txt /x/', 'a.txt = 1');
  });
  test('of a folder goes what is in it', () => {
    check('d /x', 'link sub/s.txt x y = 12');
    check('d/ w /x/', 'k.txt link sub/s.txt w1.log x y = 60');
  });
  test('hard links within one folder count once, across words each time', () => {
    check('d/x d/y /x/', 'x y = 16');
    check('. /x/', 'a.txt b.log d/link d/sub/s.txt d/x d/y dl fl out w/k.txt w/w1.log = 63');
    check('d w/../d d/sub /x/', 'link s.txt sub/s.txt x y = 16');
    check(
      '. d /x/',
      'a.txt b.log d/link d/sub/s.txt d/x d/y dl fl link out sub/s.txt w/k.txt w/w1.log x y = 75',
    );
  });
  test('a link at the top is followed, within the root, and keeps its name', () => {
    check('dl /x/', 'link sub/s.txt x y = 12');
    check('fl /x/', 'fl = 8');
    check('dl/x /x/', 'x = 8');
    check('out /x/', 'out is not in the build context');
  });
  test('what is not there fails', () => {
    check('a.txt nothing /x/', 'nothing is not in the build context');
  });
  test('of two files of one name the later stays', () => {
    check('a.txt d/a.txt /x/', 'a.txt = 2', {}, { 'a.txt': 1, 'd/a.txt': 2 });
  });
});

describe('patterns', () => {
  test('match whole names and stop at slashes', () => {
    check('*.txt /x/', 'a.txt = 1');
    check('*/x /x/', 'x = 8');
    check('[a-b]* /x/', 'a.txt b.log = 3');
    check('d* /x/', 'link sub/s.txt x y = 12');
  });
  test('without a match copy nothing', () => {
    check('no* a.txt /x/', 'a.txt = 1');
  });
  test('that cannot be read fail', () => {
    check('[ /x/', 'the pattern [ cannot be read');
  });
  test('do not make --exclude leave out a file that is named', () => {
    check('*.log /x/', 'b.log = 2', { exclude: ['*.log'] });
  });
});

describe('flags', () => {
  test('--exclude is asked below what is copied', () => {
    check('. /x/', 'a.txt d/link d/sub/s.txt d/x d/y dl fl w/k.txt = 29', { exclude: ['**/*.log', 'out'] });
    check('w /x/', 'w1.log = 32', { exclude: ['*', '!w1.log'] });
  });
  test('--parents keeps folders, from a pivot on', () => {
    check('d/sub/s.txt w/./k.txt /x/', 'd/sub/s.txt k.txt = 20', { parents: true });
    check('**/*.txt /x/', 'a.txt d/sub/s.txt w/k.txt = 21', { parents: true });
    check('w/*.log d /x/', 'd/link d/sub/s.txt d/x d/y w/w1.log = 44', { parents: true });
  });
  test('--parents does not look behind links, and takes nothing of the root itself', () => {
    check('dl/sub /x/', '/dl/sub is not in the build context', { parents: true });
    check('. /x/', '/ is not in the build context', { parents: true });
  });
  test('with patterns a link at the root has to lead somewhere', () => {
    check('. /x/', 'the symbolic link out leads nowhere', { exclude: ['w'] });
  });
});

describe('the destination', () => {
  test('several files need a folder', () => {
    check('a.txt b.log /x', 'it depends on whether /x is a folder already');
    check('a.txt d /x', 'it depends on whether /x is a folder already');
    check('d a.txt /x', 'a.txt link sub/s.txt x y = 13');
  });
  test('files and folders of one name do not mix', () => {
    check('m n /x/', 'a file is where the folder n/z goes', {}, { 'm/z': 1, 'n/z/a': 1 });
  });
});

describe('what cannot be told', () => {
  test('names that the client reads as patterns', () => {
    check('st[*]r /x/', "a builder's client may not send st*r", {}, { 'st*r': 1 });
    // A folder that nothing fits does not come, and the copier looks for it.
    check('d/*.none /x/', "a builder's client may not send d");
    check('*.none /x/', ' = 0');
    check('. /x/', 'st*r = 1', {}, { 'st*r': 1 });
  });
  test('names of whiteouts', () => {
    check('d /x/', 'd/.wh.a has the name of a whiteout', {}, { 'd/.wh.a': 1 });
  });
  test('a context that was not read whole', () => {
    const snapshot = contextFixture({ a: 1 }, ['a folder could not be read']);
    const taken = takeFromContext(snapshot, {
      sources: ['a'],
      destination: '/x',
      parents: false,
      exclude: [],
    });
    assert.deepEqual([taken.bytes, taken.why], [null, 'a folder could not be read']);
  });
});

describe('archives of ADD', () => {
  const archives = new Map<string, ArchiveFinding>([
    ['t.tar', { kind: 'archive', bytes: 100, why: null }],
    ['t.xz', { kind: 'archive', bytes: null, why: 'it is packed with xz' }],
    ['plain', { kind: 'plain' }],
  ]);
  const literal = { 't.tar': 7, 't.xz': 5, plain: 3, other: 1, tl: '=> t.tar' };
  test('are unpacked, links to them too', () => {
    check('t.tar /x/', ' = 100', { archives }, literal);
    check('tl /x/', ' = 100', { archives }, literal);
    check('plain /x/', 'plain = 3', { archives }, literal);
    check('t.tar /x/', 't.tar = 7', { archives: null }, literal);
  });
  test('of unknown content, or not looked at, are unknown', () => {
    check('t.xz /x/', 'it is packed with xz', { archives }, literal);
    check('other /x/', 'other may be an archive that ADD unpacks', { archives }, literal);
  });
  test('beside other sources may write the same file', () => {
    check('t.tar plain /x/', 'an archive and other sources may write the same file', { archives }, literal);
  });
  test('in a copied folder stay as they are', () => {
    check('. /x/', 'other plain t.tar t.xz tl = 16', { archives }, literal);
  });
});
