import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanPath, isClean } from '../../../server/src/primitives/cleanPath';
import { displayBytes, textOfName } from '../../../server/src/primitives/nameText';
import { seededRandom } from '../../support/random';

test('names that are UTF-8 stay as they are, and cost no copy', () => {
  for (const name of ['plain', 'größe', '日本', '🎉', 'system\\x2dunit', 'a\\b', '']) {
    const bytes = Buffer.from(name, 'utf8');
    assert.equal(textOfName(bytes), name);
    assert.equal(displayBytes(bytes, 0, bytes.length), null);
  }
});

test('bytes that are not UTF-8 are written as \\xNN', () => {
  assert.equal(textOfName(Buffer.from([0x61, 0xff, 0x62])), 'a\\xffb');
  assert.equal(textOfName(Buffer.from([0xe9])), '\\xe9');
  // Cut in the middle of a character, and an overlong form.
  assert.equal(textOfName(Buffer.from([0xe6, 0x97])), '\\xe6\\x97');
  assert.equal(textOfName(Buffer.from([0xc0, 0xaf])), '\\xc0\\xaf');
  assert.equal(textOfName(Buffer.from([0xff, 0xe6, 0x97, 0xa5, 0xff])), '\\xff日\\xff');
});

test('two names never have one text', () => {
  assert.notEqual(textOfName(Buffer.from('a\\xff')), textOfName(Buffer.from([0x61, 0xff])));
  assert.equal(textOfName(Buffer.from('a\\xff')), 'a\\x5cxff');
  assert.equal(textOfName(Buffer.from('a\\x5cxff')), 'a\\x5cx5cxff');
  const random = seededRandom(7);
  const texts = new Map<string, string>();
  const alphabet = [0x5c, 0x78, 0x66, 0x35, 0x63, 0xff, 0x61];
  for (let i = 0; i < 5000; i++) {
    const bytes = Buffer.from(
      Array.from({ length: Math.ceil(random() * 8) }, () => alphabet[Math.floor(random() * 7)]!),
    );
    const text = textOfName(bytes);
    const hex = bytes.toString('hex');
    assert.equal(texts.get(text) ?? hex, hex, text);
    texts.set(text, hex);
  }
});

test('paths are cleaned as filepath.Clean does, and held inside the image', () => {
  const cases: [string, string, boolean][] = [
    ['./a/b', 'a/b', false],
    ['/a', 'a', false],
    ['a//b/', 'a/b', false],
    ['a/./b', 'a/b', false],
    ['a/../b', 'b', false],
    ['../../etc/passwd', 'etc/passwd', true],
    ['a/../../b', 'b', true],
    ['.', '', false],
    ['..', '', true],
    ['C:\\x', 'C:\\x', false],
    ['...', '...', false],
  ];
  for (const [written, expected, escaped] of cases) {
    const bytes = Buffer.from(written);
    const clean = cleanPath(bytes, 0, bytes.length);
    assert.equal(Buffer.from(clean.bytes).toString(), expected, written);
    assert.equal(clean.escaped, escaped, written);
    assert.equal(isClean(bytes, 0, bytes.length), written === expected, written);
  }
});
