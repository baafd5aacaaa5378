// What a file is shown as, by its bytes, and how bytes are shown in hexadecimal.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodingOf, fileKind, isNamedAsImage } from '../../../client/src/fileKind';
import { comparedFrom, firstDifference, hexPage, hexPart } from '../../../client/src/hexText';

const latin = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const icon = '\0\0\x01\0\x01\0' + '\x10\x10\0\0\x01\0\x18\0\x04\0\0\0\x16\0\0\0' + 'data';

describe('a file is', () => {
  const cases: [string, Uint8Array, ReturnType<typeof fileKind>][] = [
    ['text when it is empty', latin(''), 'text'],
    ['text in UTF-8', Buffer.from('naïve 文本\n'), 'text'],
    ['text with a byte order mark of UTF-16', Buffer.from('\ufeffa', 'utf16le'), 'text'],
    ['text in UTF-16, the other way round', latin('\xfe\xff\0a'), 'text'],
    ['text when it only begins like a bitmap', latin('BMW is a brand, and this is a sentence.'), 'text'],
    ['text when it is SVG', latin('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'text'],
    ['binary in UTF-32', latin('\xff\xfe\0\0a\0\0\0'), 'binary'],
    ['binary with a NUL', latin('text\0text'), 'binary'],
    ['binary in Latin-1', latin('na\xefve'), 'binary'],
    ['binary when a sequence is cut', Buffer.from('文').subarray(0, 2), 'binary'],
    ['a program', latin('\x7fELF\x02\x01\x01\0'), 'binary'],
    ['a PNG', latin('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), 'image'],
    ['a JPEG', latin('\xff\xd8\xff\xe0\0\x10JFIF'), 'image'],
    ['a GIF', latin('GIF89a\x01\0\x01\0'), 'image'],
    ['a WebP', latin('RIFF\x10\0\0\0WEBPVP8 '), 'image'],
    ['a RIFF of sound, and so binary', latin('RIFF\x10\0\0\0WAVEfmt '), 'binary'],
    ['an AVIF', latin('\0\0\0\x20ftypavif\0\0\0\0'), 'image'],
    ['a bitmap', latin(`BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0${'\0'.repeat(40)}`), 'image'],
    ['binary when only two letters are a bitmap’s', latin(`BM${'\0'.repeat(40)}`), 'binary'],
    ['an icon', latin(icon), 'image'],
    ['binary when its picture lies outside', latin(icon.slice(0, 24)), 'binary'],
    ['binary when it is cut short', latin('\0\0\x01\0'), 'binary'],
  ];
  for (const [name, bytes, expected] of cases) test(name, () => assert.equal(fileKind(bytes), expected));

  test('text that VS Code can decode by the encoding that is told', () => {
    assert.equal(encodingOf(Buffer.from('\ufeffa', 'utf16le')), 'utf-16le');
    assert.equal(encodingOf(latin('\xfe\xff\0a')), 'utf-16be');
  });

  test('named as an image by the end of its name alone', () => {
    assert.deepEqual(['a.PNG', 'b/c.jpeg', 'png', 'a.png.txt', 'a.svg'].map(isNamedAsImage), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('hexadecimal', () => {
  test('has offset, bytes and ASCII, the last line as wide as the others', () => {
    assert.deepEqual(hexPart(latin('\x7fELF\x02\x01\x01\0\0\0abcdef|~\x80')).lines, [
      '00000000  7f 45 4c 46 02 01 01 00  00 00 61 62 63 64 65 66  |.ELF......abcdef|',
      '00000010  7c 7e 80                                          ||~.|',
    ]);
  });

  test('is a page, from the line that holds its start', () => {
    const bytes = new Uint8Array(hexPage + 100);
    const first = hexPart(bytes);
    assert.deepEqual([first.lines.length, first.before, first.behind], [hexPage / 16, 0, 100]);
    const later = hexPart(bytes, 37);
    assert.deepEqual([later.before, later.behind], [32, 68]);
    assert.match(later.lines[0]!, /^00000020 /);
    assert.deepEqual(hexPart(new Uint8Array(0), 5), { lines: [], before: 0, behind: 0 });
  });

  test('of two begins where they first differ, when that is behind the first page', () => {
    const one = new Uint8Array(3 * hexPage);
    const other = one.slice();
    assert.equal(firstDifference(one, other), null);
    assert.equal(comparedFrom(one, other), 0);
    other[100] = 1;
    assert.equal(comparedFrom(one, other), 0);
    other[100] = 0;
    other[2 * hexPage] = 1;
    assert.equal(comparedFrom(one, other), 2 * hexPage - 1024);
    assert.equal(firstDifference(one, one.subarray(0, 9)), 9);
  });
});
