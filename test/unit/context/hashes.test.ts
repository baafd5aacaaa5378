import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHashes } from '../../../server/src/context/hashes';
import type { ContextEntry } from '../../../server/src/context/model';
import { sha256 } from '../../../server/src/primitives/digest';
import { StrataError } from '../../../server/src/primitives/errors';
import { type MemoryHost, memoryHost } from '../../support/memoryHost';

const file = '/cache/hashes';

function entry(path: string, size: number, more: Partial<ContextEntry> = {}): ContextEntry {
  return { path, type: 'file', size, mode: 0o644, link: null, mtimeMs: 1000.25, inode: 7, ...more };
}

const reads = (host: MemoryHost) => host.calls.filter((call) => call.startsWith('digest ')).length;

test('a file is read once while its size, time and inode stay', async () => {
  const host = memoryHost({ files: { '/ctx/a': 'one' } });
  const hashes = createHashes(host);
  for (let n = 0; n < 3; n++) {
    assert.deepEqual([...(await hashes.digestsOf('/ctx', [entry('a', 3)]))], [['a', sha256('one')]]);
  }
  assert.equal(reads(host), 1);
  for (const changed of [{ mtimeMs: 1001 }, { inode: 8 }])
    await hashes.digestsOf('/ctx/', [entry('a', 3, changed)]);
  assert.equal(reads(host), 3);
});

test('what is no file has no digest, what cannot be read has null, what arrives empty is empty', async () => {
  const refuse = (_: string, path: string) =>
    path === '/ctx/secret' ? new StrataError('unreadable', 'Permission denied.') : null;
  const hashes = createHashes(memoryHost({ files: { '/ctx/e': 'bytes', '/ctx/secret': 'x' }, refuse }));
  const found = await hashes.digestsOf('/ctx', [
    entry('d', 0, { type: 'directory' }),
    entry('e', 0, { arrivesEmpty: true }),
    entry('gone', 1),
    entry('secret', 1),
  ]);
  assert.deepEqual([...found].sort(), [
    ['e', sha256('')],
    ['gone', null],
    ['secret', null],
  ]);
});

test('a file that changed since the walk, or was only just written, is read again next time', async () => {
  const host = memoryHost({ files: { '/ctx/a': 'longer', '/ctx/b': 'new' } });
  const hashes = createHashes(host);
  const entries = [entry('a', 3), entry('b', 3, { mtimeMs: host.now() })];
  const first = await hashes.digestsOf('/ctx', entries);
  assert.deepEqual([first.get('a'), first.get('b')], [sha256('longer'), sha256('new')]);
  await hashes.digestsOf('/ctx', entries);
  assert.equal(reads(host), 4);
});

test('digests outlive the process in a file, whatever the names', async () => {
  const names = ['a', 'b c', 'd"e', 'f\ng', '\ud800', '😀'];
  const host = memoryHost({ files: names.map((name): [string, string] => [`/ctx/${name}`, 'x']) });
  const entries = names.map((name, at) => entry(name, 1, { mtimeMs: -at - 0.125, inode: at }));
  const hashes = createHashes(host, { file });
  const first = await hashes.digestsOf('/ctx', entries);
  await hashes.save();
  const again = createHashes(host, { file });
  assert.deepEqual(await again.digestsOf('/ctx', entries), first);
  assert.equal(reads(host), names.length);
});

test('a file that is damaged, cut or of another version counts as none', async () => {
  const host = memoryHost({ files: { '/ctx/a': 'x' } });
  const hashes = createHashes(host, { file });
  await hashes.digestsOf('/ctx', [entry('a', 1)]);
  await hashes.save();
  const whole = Buffer.from(host.disk.get(file)!).toString();
  for (const text of [
    '',
    'x',
    whole.slice(0, -2),
    whole.replace(' 1\n', ' 2\n'),
    `${whole}junk\n`,
    whole.replace(/[0-9a-f]{64}/, 'ff'),
  ]) {
    await host.files.writeWhole(file, text);
    const before = reads(host);
    const found = await createHashes(host, { file }).digestsOf('/ctx', [entry('a', 1)]);
    assert.deepEqual([found.get('a'), reads(host) - before], [sha256('x'), 1], JSON.stringify(text));
  }
});

test('a disk that refuses the file is no error, a cancelled read is', async () => {
  const refuse = (operation: string) =>
    operation === 'writeWhole' ? new StrataError('no-space', 'Full.') : null;
  const host = memoryHost({ files: { '/ctx/a': 'x' }, refuse });
  const hashes = createHashes(host, { file });
  await hashes.digestsOf('/ctx', [entry('a', 1)]);
  await hashes.save();
  await assert.rejects(hashes.digestsOf('/ctx', [entry('b', 1)], AbortSignal.abort()), { code: 'cancelled' });
});
