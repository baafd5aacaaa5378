import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createNodeFiles } from '../../../server/src/host/nodeFiles';
import { sha256 } from '../../../server/src/primitives/digest';

const files = createNodeFiles();
const windows = process.platform === 'win32';

describe('a whole folder', () => {
  let folder: string;
  const at = (name: string) => path.join(folder, name);
  before(() => {
    folder = fs.mkdtempSync(path.join(tmpdir(), 'strata-folder-'));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('comes with all that lstat tells', { skip: windows }, async () => {
    fs.mkdirSync(at('all'));
    fs.writeFileSync(at('all/file'), 'bytes');
    fs.chmodSync(at('all/file'), 0o4755);
    fs.mkdirSync(at('all/folder'));
    fs.symlinkSync('../nowhere', at('all/link'));
    spawnSync('mkfifo', [at('all/pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at('all/socket'), resolve));
    const found = await files.readFolder(at('all'));
    server.close();
    const told = found!.map(({ name, type, link }) => [name, type, link]).sort();
    assert.deepEqual(told, [
      ['file', 'file', null],
      ['folder', 'directory', null],
      ['link', 'symlink', '../nowhere'],
      ['pipe', 'fifo', null],
      ['socket', 'socket', null],
    ]);
    const stat = fs.lstatSync(at('all/file'));
    const { size, mode, mtimeMs, inode } = found!.find(({ name }) => name === 'file')!;
    assert.deepEqual([size, mode, mtimeMs, inode], [5, 0o4755, stat.mtimeMs, stat.ino]);
  });

  test('that is none gives null, a link to one is followed', async () => {
    fs.writeFileSync(at('plain'), '');
    assert.equal(await files.readFolder(at('absent')), null);
    assert.equal(await files.readFolder(at('plain')), null);
    fs.mkdirSync(at('target'));
    fs.writeFileSync(at('target/a'), '');
    if (windows) return;
    fs.symlinkSync('target', at('to'));
    assert.deepEqual(
      (await files.readFolder(at('to')))!.map(({ name }) => name),
      ['a'],
    );
  });

  test('has a name that is no text, of which nothing else is known', {
    skip: process.platform !== 'linux',
  }, async () => {
    fs.mkdirSync(at('bytes'));
    fs.writeFileSync(Buffer.concat([Buffer.from(at('bytes/a')), Buffer.from([0xff])]), 'x');
    fs.writeFileSync(at('bytes/\ufffd'), 'x');
    const types = (await files.readFolder(at('bytes')))!.map(({ name, type }) => `${name} ${type}`).sort();
    assert.deepEqual(types, ['a\ufffd unknown', '\ufffd file']);
  });

  test('that may not be read is a refusal', { skip: windows }, async () => {
    fs.mkdirSync(at('closed'), { mode: 0 });
    // Root may read every folder; nobody may not.
    const isRoot = process.getuid!() === 0;
    if (isRoot) {
      fs.chmodSync(at('.'), 0o755);
      process.seteuid!(65_534);
    }
    try {
      await assert.rejects(files.readFolder(at('closed')), { code: 'unreadable' });
    } finally {
      if (isRoot) process.seteuid!(0);
    }
  });
});

describe('the digest of a file', () => {
  let folder: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(tmpdir(), 'strata-digest-'));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('is that of its bytes, whatever their number', async () => {
    for (const size of [0, 1, 262_143, 262_144, 262_145, 3_000_000]) {
      const bytes = Buffer.alloc(size, 'abc');
      fs.writeFileSync(path.join(folder, 'file'), bytes);
      assert.deepEqual(await files.digest(path.join(folder, 'file')), { digest: sha256(bytes), size });
    }
  });

  test('is refused for what is no regular file, and neither follows nor waits', {
    skip: windows,
  }, async () => {
    fs.writeFileSync(path.join(folder, 'real'), 'x');
    fs.symlinkSync('real', path.join(folder, 'link'));
    spawnSync('mkfifo', [path.join(folder, 'pipe')]);
    for (const name of ['link', 'pipe', '.']) {
      await assert.rejects(files.digest(path.join(folder, name)), { code: 'unreadable' }, name);
    }
    await assert.rejects(files.digest(path.join(folder, 'absent')), { code: 'not-found' });
    await assert.rejects(files.digest(path.join(folder, 'real'), AbortSignal.abort()), { code: 'cancelled' });
  });
});
