import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { createNodeFiles } from '../../../server/src/host/nodeFiles';
import { isCancelled } from '../../../server/src/primitives/errors';

const files = createNodeFiles();
let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-files-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]) => path.join(folder, ...names);
const collect = async (bytes: AsyncIterable<Uint8Array>) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
};

test('a file that is replaced keeps its permissions', { skip: process.platform === 'win32' }, async () => {
  fs.writeFileSync(at('file'), 'first', { mode: 0o640 });
  fs.chmodSync(at('file'), 0o751);
  await files.writeWhole(at('file'), 'second');
  assert.equal(fs.statSync(at('file')).mode & 0o7777, 0o751);
});

test('what is absent is null, empty, or nothing to do', async () => {
  fs.writeFileSync(at('file'), '');
  for (const absent of [at('absent'), at('absent', 'below'), at('file', 'below')]) {
    assert.equal(await files.read(absent), null);
    assert.equal(await files.readText(absent), null);
    assert.equal(await files.stat(absent), null);
    assert.deepEqual(await files.list(absent), []);
    await files.touch(absent);
  }
  await files.remove(at('absent'));
  await assert.rejects(files.open(at('absent')), { code: 'not-found' });
  await assert.rejects(collect(files.stream(at('absent'))), { code: 'not-found' });
});

test('a file is written whole, with its folders, and nothing else stays', async () => {
  await files.writeWhole(at('a', 'b', 'file'), 'first');
  await files.writeWhole(at('a', 'b', 'file'), new Uint8Array([0, 255]));
  assert.deepEqual([...((await files.read(at('a', 'b', 'file'))) ?? [])], [0, 255]);
  assert.deepEqual(fs.readdirSync(at('a', 'b')), ['file']);
});

test('many writers at once leave one of their texts, whole', async () => {
  const texts = Array.from({ length: 20 }, (_, n) => String(n).repeat(100_000));
  await Promise.all(texts.map((text) => files.writeWhole(at('file'), text)));
  assert.ok(texts.includes((await files.readText(at('file'))) ?? ''));
  assert.deepEqual(fs.readdirSync(folder), ['file']);
});

test('a folder that takes none is refused, and nothing waits for it', {
  skip: process.platform !== 'linux',
}, async () => {
  await assert.rejects(files.writeWhole('/proc/strata/a/b', ''), {
    code: 'not-found',
    message: 'Could not write /proc/strata/a/b: there is no such file.',
  });
  fs.writeFileSync(at('file'), '');
  await assert.rejects(files.makeDirectory(at('file', 'a', 'b')), {
    code: 'unreadable',
    message: `Could not make the folder ${at('file', 'a', 'b')}: a part of the path is not a folder.`,
  });
});

test('many may make the same folders at once', async () => {
  await Promise.all(Array.from({ length: 8 }, () => files.makeDirectory(at('a', 'b', 'c', 'd'))));
  assert.ok(fs.statSync(at('a', 'b', 'c', 'd')).isDirectory());
});

test('a write that is refused keeps the file and leaves nothing beside it', async () => {
  fs.mkdirSync(at('folder'));
  await assert.rejects(files.writeWhole(at('folder'), 'x'), { code: 'unreadable' });
  assert.deepEqual(fs.readdirSync(folder), ['folder']);
});

test('a link is a link, and kinds are told', async () => {
  fs.writeFileSync(at('file'), '1234');
  fs.symlinkSync('file', at('link'));
  fs.mkdirSync(at('folder'));
  const kinds = (await files.list(folder)).map(({ name, kind }) => `${name} ${kind}`).sort();
  assert.deepEqual(kinds, ['file file', 'folder directory', 'link symlink']);
  assert.equal((await files.stat(at('link')))?.kind, 'symlink');
  assert.deepEqual(
    { ...(await files.stat(at('file'))), mtimeMs: 0, inode: 0 },
    { kind: 'file', size: 4, mtimeMs: 0, mode: fs.statSync(at('file')).mode, inode: 0 },
  );
});

test('a file is read at positions, shorter at its end only', async () => {
  fs.writeFileSync(at('file'), '0123456789');
  const file = await files.open(at('file'));
  const read = async (position: number, length: number) =>
    Buffer.from(await file.read(position, length)).toString();
  assert.equal(file.size, 10);
  assert.equal(await read(3, 4), '3456');
  assert.equal(await read(8, 4), '89');
  assert.equal(await read(10, 4), '');
  assert.equal(await read(99, 4), '');
  await file.close();
});

test('a stream gives a file or a part of it, in chunks that may be kept', async () => {
  const bytes = Buffer.alloc(1_000_000, 'abcdefg');
  fs.writeFileSync(at('file'), bytes);
  assert.ok((await collect(files.stream(at('file')))).equals(bytes));
  const part = await collect(files.stream(at('file'), { offset: 300_001, length: 400_000 }));
  assert.ok(part.equals(bytes.subarray(300_001, 700_001)));
  assert.equal((await collect(files.stream(at('file'), { offset: 999_999, length: 5 }))).length, 1);
  assert.equal((await collect(files.stream(at('file'), { length: 0 }))).length, 0);
});

test('a stream stops when it is cancelled', async () => {
  fs.writeFileSync(at('file'), Buffer.alloc(1_000_000));
  const cancel = new AbortController();
  const reading = (async () => {
    for await (const _ of files.stream(at('file'), { signal: cancel.signal })) cancel.abort();
  })();
  await assert.rejects(reading, isCancelled);
});

test('refusals are told in words, with what was tried', async () => {
  await assert.rejects(files.read(folder), {
    code: 'unreadable',
    message: `Could not read ${folder}: it is a folder.`,
  });
  fs.symlinkSync('loop', at('loop'));
  await assert.rejects(files.read(at('loop')), { code: 'unreadable' });
  const long = at('x'.repeat(300));
  await assert.rejects(files.writeWhole(long, ''), {
    code: 'unreadable',
    message: `Could not write ${long}: the name is too long.`,
  });
});

test('a file without permission is unreadable', { skip: process.platform === 'win32' }, async () => {
  fs.writeFileSync(at('file'), 'x', { mode: 0 });
  const isRoot = process.getuid?.() === 0;
  // Root reads everything; someone else does not.
  fs.chmodSync(folder, 0o755);
  if (isRoot) process.seteuid?.(65_534);
  try {
    await assert.rejects(files.read(at('file')), { code: 'unreadable', message: /permission denied\.$/ });
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

test('a device is no file, but for an empty one', { skip: process.platform !== 'linux' }, async () => {
  const message = 'Could not read /dev/zero: it is a device.';
  await assert.rejects(files.readText('/dev/zero'), { code: 'unreadable', message });
  assert.equal(await files.readText('/dev/null'), '');
});

test('a named pipe without a writer does not hang', { skip: process.platform === 'win32' }, async () => {
  assert.equal(spawnSync('mkfifo', [at('pipe')]).status, 0);
  assert.equal((await files.stat(at('pipe')))?.kind, 'other');
  assert.equal((await files.read(at('pipe')))?.length, 0);
  // ESPIPE: it has no positions.
  await assert.rejects(collect(files.stream(at('pipe'))), { code: 'unreadable' });
});

test('temporary folders are new and ours', async () => {
  const [one, two] = [await files.makeTemporary('strata-t-'), await files.makeTemporary('strata-t-')];
  assert.notEqual(one, two);
  if (process.platform !== 'win32') assert.equal(fs.statSync(one).mode & 0o777, 0o700);
  await files.remove(one);
  await files.remove(two);
  assert.equal(fs.existsSync(one), false);
});

test('touch marks a file as just used', async () => {
  fs.writeFileSync(at('file'), '');
  fs.utimesSync(at('file'), 1, 1);
  await files.touch(at('file'));
  assert.ok(((await files.stat(at('file')))?.mtimeMs ?? 0) > 1_000_000);
});
