import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { comparePaths } from '../../../server/src/context/contextOrder';
import { findIgnoreFile } from '../../../server/src/context/ignoreFile';
import { rescan, walkContext } from '../../../server/src/context/walk';
import { StrataError } from '../../../server/src/primitives/errors';
import type { FolderEntry } from '../../../server/src/primitives/host';
import { type MemoryHost, type MemoryHostOptions, memoryHost } from '../../support/memoryHost';

const dockerfile = '/ctx/Dockerfile';

/** A host with a context in /ctx; paths in the literal are relative to it. */
function contextHost(files: Record<string, string>, options: MemoryHostOptions = {}): MemoryHost {
  const full = Object.entries(files).map(([name, text]): [string, string] => [`/ctx/${name}`, text]);
  return memoryHost({ ...options, files: full });
}

const walk = (host: MemoryHost, more: Partial<Parameters<typeof walkContext>[1]> = {}) =>
  walkContext(host, { root: '/ctx', dockerfile, rules: 'buildkit', ...more });

const paths = ({ entries }: { entries: readonly { path: string }[] }) => entries.map(({ path }) => path);

describe('a walk', () => {
  test('gives parents before children, names by their bytes', async () => {
    const found = await walk(
      contextHost({ 'a/x': '', 'a.b': '', 'a-': '', B: '', '\ufb01': '', '😀': '', 'a/X/y': '' }),
    );
    assert.deepEqual(paths(found), ['B', 'a', 'a/X', 'a/X/y', 'a/x', 'a-', 'a.b', '\ufb01', '😀']);
    assert.deepEqual(
      [...found.entries].sort((a, b) => comparePaths(a.path, b.path)),
      found.entries,
    );
    for (const entry of found.entries) assert.equal(found.find(entry.path), entry);
    assert.equal(found.find('a/'), undefined);
  });

  test('never enters a folder that is taken out whole', async () => {
    const host = contextHost({
      'node_modules/a/b': 'xx',
      'src/a': 'x',
      'a.log': 'yyy',
      '.dockerignore': 'node_modules\n*.log\n',
    });
    const found = await walk(host);
    assert.deepEqual(paths(found), ['.dockerignore', 'src', 'src/a']);
    assert.deepEqual(found.ignored, { files: 1, bytes: 3, folders: ['node_modules'] });
    assert.deepEqual(
      host.calls.filter((call) => call.startsWith('readFolder')),
      ['readFolder /ctx', 'readFolder /ctx/src'],
    );
  });

  test('enters it for an exception, and leaves it out when nothing is kept there', async () => {
    const files = { 'a/b': '', 'a/c': '', 'd/e': '' };
    const kept = await walk(contextHost({ ...files, '.dockerignore': '*\n!a/b\n' }));
    assert.deepEqual([paths(kept), kept.ignored.folders], [['a', 'a/b'], ['d']]);
    const wild = await walk(contextHost({ ...files, '.dockerignore': '*\n!**/z\n' }));
    assert.deepEqual([paths(wild), wild.ignored.folders, wild.ignored.files], [[], [], 4]);
  });

  test('tells what BuildKit makes of sockets and of files that it lists and does not open', async () => {
    const entries: Record<string, Partial<FolderEntry>> = {
      '/ctx/s': { type: 'socket', mode: 0o755, size: 7 },
    };
    const host = contextHost({ s: '', 'a/b/c': 'bytes', '.dockerignore': 'a\n!a/b/c\na/b\n' }, { entries });
    const found = await walk(host);
    const told = found.entries.filter(({ arrivesEmpty }) => arrivesEmpty);
    assert.deepEqual(
      told.map(({ path, type, size }) => [path, type, size]),
      [
        ['a/b/c', 'file', 0],
        ['s', 'file', 0],
      ],
    );
  });

  test('does not follow links, and keeps what they say', async () => {
    const entries: Record<string, Partial<FolderEntry>> = {
      '/ctx/l': { type: 'symlink', link: '..', size: 2 },
    };
    const found = await walk(contextHost({ l: '' }, { entries }));
    assert.deepEqual(
      found.entries.map(({ path, type, size, link }) => [path, type, size, link]),
      [['l', 'symlink', 0, '..']],
    );
  });

  test('tells modes as the client on Windows sends them', async () => {
    const entries = { '/ctx/a': { mode: 0o666 }, '/ctx/b': { mode: 0o444 } };
    const found = await walk(contextHost({ a: '', b: '' }, { entries, os: 'windows' }));
    assert.deepEqual(
      found.entries.map(({ mode }) => mode),
      [0o755, 0o555],
    );
  });

  test('knows no hard links on Windows, since none come from its client', async () => {
    const entries = { '/ctx/a': { inode: 7 }, '/ctx/b': { inode: 7 } };
    const inodes = async (os: 'linux' | 'windows') =>
      (await walk(contextHost({ a: '', b: '' }, { entries, os }))).entries.map(({ inode }) => inode);
    assert.deepEqual(
      [await inodes('linux'), await inodes('windows')],
      [
        [7, 7],
        [0, 0],
      ],
    );
  });

  test('says what it could not read, unless that is taken out anyway', async () => {
    const refuse = (operation: string, path: string) =>
      operation === 'readFolder' && path === '/ctx/a'
        ? new StrataError('unreadable', `Could not list ${path}.`)
        : null;
    const found = await walk(contextHost({ 'a/b': '', c: '' }, { refuse }));
    assert.deepEqual(
      [found.complete, found.problems, paths(found)],
      [false, ['Could not list /ctx/a.'], ['a', 'c']],
    );
    const ignored = await walk(contextHost({ 'a/b': '', '.dockerignore': 'a\n!a/b\n' }, { refuse }));
    assert.deepEqual([ignored.complete, paths(ignored)], [true, ['.dockerignore']]);
  });

  test('stops at its bounds', async () => {
    const host = contextHost({ a: '', b: '', c: '' });
    const few = await walk(host, { limits: { entries: 2 } });
    assert.deepEqual([few.complete, paths(few)], [false, ['a', 'b']]);
    assert.match(few.problems[0]!, /more than 2 files and folders/);
    const short = await walk(contextHost({ 'a/b/c/d': '' }), { limits: { ms: 1 } });
    assert.match(short.problems[0]!, /took too long/);
    await assert.rejects(walk(host, { signal: AbortSignal.abort() }), { code: 'cancelled' });
  });

  test('sees nothing where the builder refuses the ignore file', async () => {
    for (const text of ['!\n', '[\n', 'a*[\n', 'a\u0001b\n']) {
      const found = await walk(contextHost({ a: '', '.dockerignore': text }));
      assert.deepEqual([paths(found), found.complete], [[], false]);
      assert.match(found.problems[0]!, /^The builder refuses \/ctx\/\.dockerignore: /);
    }
  });
});

describe('the ignore file', () => {
  const checkChoice = async (
    rules: 'buildkit' | 'classic' | 'buildah',
    names: string[],
    chosen: string | null,
  ) => {
    const host = contextHost(Object.fromEntries(names.map((name) => [name, name])));
    const found = await findIgnoreFile(host, { context: '/ctx', dockerfile, rules });
    assert.deepEqual(found, chosen && { path: `/ctx/${chosen}`, text: chosen });
  };
  test('is that of the Dockerfile first, with the classic builder never', async () => {
    const both = ['.dockerignore', 'Dockerfile.dockerignore'];
    await checkChoice('buildkit', both, 'Dockerfile.dockerignore');
    await checkChoice('buildkit', ['.containerignore'], null);
    await checkChoice('classic', both, '.dockerignore');
  });
  test('has names of its own with buildah', async () => {
    await checkChoice('buildah', ['.dockerignore', '.containerignore'], '.containerignore');
    await checkChoice(
      'buildah',
      ['Dockerfile.containerignore', 'Dockerfile.dockerignore'],
      'Dockerfile.dockerignore',
    );
    await checkChoice(
      'buildah',
      ['Dockerfile.containerignore', '.dockerignore'],
      'Dockerfile.containerignore',
    );
  });
  test('is followed through a link that stays below its folder', async () => {
    const entries = { '/ctx/.dockerignore': { type: 'symlink' as const, link: '../../rules' } };
    const stat = { rules: 'a\n', '.dockerignore': '', a: '', b: '' };
    const host = contextHost(stat, { entries });
    const plain = host.files.stat;
    host.files.stat = async (path) => {
      const found = await plain(path);
      return found && path.endsWith('.dockerignore') ? { ...found, kind: 'symlink' } : found;
    };
    assert.deepEqual(paths(await walk(host)), ['.dockerignore', 'b', 'rules']);
  });
});

describe('a rescan', () => {
  const start = {
    'a/b/c': '1',
    'a/d': '2',
    'e/f': '3',
    'x/y/z': '4',
    'a/t.log': '55',
    '.dockerignore': '**/*.log\n**/node_modules\n',
  };

  /** A rescan of what changed tells what a whole walk tells, and reads the folders named. */
  async function checkRescan(change: (host: MemoryHost) => void, changed: string[], read: string[]) {
    const host = contextHost(start);
    const before = await walk(host);
    change(host);
    host.calls.length = 0;
    const after = await rescan(host, before, changed);
    const folders = host.calls.filter((call) => call.startsWith('readFolder ')).map((call) => call.slice(15));
    assert.deepEqual(folders, read);
    const whole = await walk(host);
    assert.deepEqual(after.entries, whole.entries);
    assert.deepEqual(
      [after.ignored, after.problems, after.complete],
      [whole.ignored, whole.problems, whole.complete],
    );
    return { before, after };
  }
  const put = (path: string, text: string) => (host: MemoryHost) =>
    void host.files.writeWhole(`/ctx/${path}`, text);
  const remove = (path: string) => (host: MemoryHost) => void host.files.remove(`/ctx/${path}`);

  test('reads the folder of what changed and those above', async () => {
    const { before, after } = await checkRescan(put('a/d', 'new'), ['a/d'], ['', '/a']);
    assert.equal(after.find('x/y/z'), before.find('x/y/z'));
    assert.equal(after.find('a/d')?.size, 3);
  });
  test('sees what is new, gone, and taken out', async () => {
    await checkRescan(put('a/new/file', 'x'), ['a/new'], ['', '/a', '/a/new']);
    await checkRescan(put('a/node_modules/file', 'x'), ['a/node_modules'], ['', '/a']);
    await checkRescan(remove('a/b'), ['a/b', 'a/b/c'], ['', '/a']);
    await checkRescan(put('e/u.log', 'xxxx'), ['e/u.log'], ['', '/e']);
    await checkRescan(remove('a/t.log'), ['a/t.log'], ['', '/a']);
  });
  test('of nothing reads the root alone', async () => {
    await checkRescan(() => {}, [], ['']);
  });
  test('walks anew when the ignore file changed', async () => {
    await checkRescan(put('.dockerignore', 'a\n'), ['.dockerignore'], ['', '/e', '/x', '/x/y']);
  });
  test('keeps the objects of an earlier walk where nothing changed', async () => {
    const host = contextHost(start);
    const before = await walk(host);
    await host.files.writeWhole('/ctx/a/d', 'new');
    const after = await walk(host, { previous: before });
    assert.equal(after.find('e/f'), before.find('e/f'));
    assert.notEqual(after.find('a/d'), before.find('a/d'));
    assert.equal(after.find('a/d')?.size, 3);
  });
});
