// What ADD finds in a file: an archive and its bytes, an archive that cannot be told, or a plain file.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { archiveBytes } from '../../../server/src/context/archive';
import { packTar, type TarMemberToWrite } from '../../../server/src/primitives/tar';
import { memoryHost } from '../../support/memoryHost';
import { rawHeader } from '../../support/rawTar';

async function check(content: Uint8Array, expected: string): Promise<void> {
  const found = await archiveBytes(memoryHost({ files: { '/c/file': content } }), '/c/file');
  assert.equal(found.kind === 'plain' ? 'plain' : (found.why ?? `${found.bytes}`), expected);
}

async function checkTar(members: TarMemberToWrite[], expected: string): Promise<void> {
  await check(await packTar(members), expected);
}

const file = (name: string, size: number): TarMemberToWrite => ({ name, content: 'x'.repeat(size) });

describe('an archive', () => {
  test('holds the sum of its files, packed or not', async () => {
    const tar = await packTar([
      { name: 'd/' },
      file('d/a', 10),
      file('b', 5),
      { name: 's', type: 'symlink', link: 'b' },
    ]);
    await check(tar, '15');
    await check(gzipSync(tar), '15');
  });
  test('of a file that comes twice has the later one', async () => {
    await checkTar([file('a', 10), file('./a', 3)], '3');
    await checkTar([file('d/a', 10), file('d', 3)], '3');
    await checkTar([file('d', 10), { name: 'd/' }, file('d/a', 3)], '3');
  });
  test('counts hard links once, and keeps the bytes while one name is left', async () => {
    const link: TarMemberToWrite = { name: 'h', type: 'hardlink', link: 'a' };
    await checkTar([file('a', 10), link], '10');
    await checkTar([file('a', 10), link, file('a', 1)], '11');
  });
  test('with what ADD refuses, or what leaves it, is not known', async () => {
    await checkTar(
      [{ name: 'h', type: 'hardlink', link: 'x' }],
      'the archive links to a file that is not in it (h)',
    );
    await checkTar([file('../a', 1)], 'the archive has a name that leads out of it (../a)');
    await checkTar(
      [{ name: 's', type: 'symlink', link: 'd' }, file('s/a', 1)],
      'the archive writes through a symbolic link (s/a)',
    );
    await checkTar([file('d/.wh.a', 1)], 'the archive holds a file with the name of a whiteout (d/.wh.a)');
    const odd = Buffer.concat([rawHeader({ name: 'v', type: 'D' }), Buffer.alloc(1024)]);
    await check(odd, 'the archive has an entry of a type that ADD does not unpack (v)');
  });
  test('that breaks off is not known', async () => {
    const tar = await packTar([file('a', 2000), file('b', 2000)]);
    await check(tar.subarray(0, 3000), 'the archive is damaged');
    const packed = gzipSync(Buffer.concat([tar, Buffer.alloc(300_000, 1)]), { level: 0 });
    await check(packed.subarray(0, 3000), 'the archive is damaged');
  });
  test('of bzip2 or xz is not read', async () => {
    await check(Buffer.from('BZh91AY&SY....'), 'it is packed with bzip2, which Strata does not read');
    const xz = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0, 0, 0, 0, 0]);
    await check(xz, 'it is packed with xz, which Strata does not read');
  });
});

describe('a plain file', () => {
  test('is whatever has no first entry', async () => {
    await check(Buffer.from(''), 'plain');
    await check(Buffer.from('hello'), 'plain');
    await check(Buffer.alloc(10_240), 'plain');
    await check(gzipSync(Buffer.from('no tar')), 'plain');
    await check(Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]), 'plain');
    await check(Buffer.from('PK\u0003\u0004zip'), 'plain');
  });
});
