import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitLines } from '../../../server/src/host/lines';

function check(chunks: (string | number[])[], expected: string[], longest = 1_000) {
  const lines: string[] = [];
  const splitter = splitLines((line) => lines.push(line), longest);
  for (const chunk of chunks) splitter.take(Buffer.from(chunk as string));
  splitter.end();
  assert.deepEqual(lines, expected);
}

test('lines are put together across chunks', () => {
  check(['a', 'b\nc', '\n', '\nd'], ['ab', 'c', '', 'd']);
  check(['a\r', '\nb\r\n'], ['a', 'b']);
  check([], []);
});

test('characters may be cut anywhere', () => {
  check([[0xe5], [0xb1, 0x82, 0x0a], [0xf0, 0x9f], [0x98, 0x80]], ['层', '😀']);
});

test('a line that grows too long is cut, the next one is whole', () => {
  check(['abc', 'def', 'ghi\njkl\n'], ['abcd', 'jkl'], 4);
});
