import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packTar, readTar } from '../../../server/src/primitives/tar';

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700);
}

async function bodyOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of body) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

test('what is packed is read again, bodies and offsets included', async () => {
  const tar = await packTar([
    { name: 'etc/' },
    { name: 'etc/a', content: 'hello', mode: 0o600, uid: 7, gid: 8, mtime: 1_700_000_000 },
    { name: 'b', type: 'symlink', link: 'etc/a' },
    { name: 'c', content: 'x'.repeat(2000), xattrs: { 'user.k': 'v' } },
  ]);
  const seen: string[] = [];
  for await (const { name, type, mode, uid, gid, mtime, link, pax, offset, size, body } of readTar(
    once(tar),
  )) {
    const text = await bodyOf(body);
    assert.equal(tar.subarray(offset, offset + size).toString(), text);
    seen.push(
      [name, type, mode.toString(8), uid, gid, mtime, link, Object.keys(pax).join(), text.length].join(' '),
    );
  }
  assert.deepEqual(seen, [
    'etc/ directory 755 0 0 0   0',
    'etc/a file 600 7 8 1700000000   5',
    'b symlink 777 0 0 0 etc/a  0',
    'c file 644 0 0 0  path,SCHILY.xattr.user.k 2000',
  ]);
});

test('a member may be left unread, and the rest too', async () => {
  const tar = await packTar([
    { name: 'a', content: 'x'.repeat(5000) },
    { name: 'b', content: 'y' },
  ]);
  const names: string[] = [];
  for await (const { name } of readTar(once(tar))) names.push(name);
  assert.deepEqual(names, ['a', 'b']);
  let ended = false;
  const source = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* once(tar);
    } finally {
      ended = true;
    }
  };
  for await (const _ of readTar(source())) break;
  assert.ok(ended);
});

test('a damaged tar, a cut one and an error of the source are refused', async () => {
  const tar = await packTar([{ name: 'a', content: 'x'.repeat(5000) }]);
  const drain = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const { body } of readTar(chunks)) await bodyOf(body);
  };
  await assert.rejects(drain(once(Buffer.alloc(1024, 0x61))), { name: 'StrataError', code: 'unreadable' });
  await assert.rejects(drain(once(tar.subarray(0, 3000))), { name: 'StrataError', code: 'unreadable' });
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield tar.subarray(0, 600);
    throw new DOMException('Aborted', 'AbortError');
  };
  await assert.rejects(drain(broken()), { name: 'AbortError' });
});
