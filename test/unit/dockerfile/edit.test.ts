// Text edits: applying, undoing, and the line ends that they keep.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits, invertEdits, lineEndAt } from '../../../server/src/dockerfile/edit';

test('edits of one text are applied together, in any order', () => {
  const edits = [
    { start: 4, end: 5, text: 'E' },
    { start: 0, end: 0, text: '>' },
    { start: 1, end: 3, text: '' },
  ];
  assert.equal(applyEdits('abcdef', edits), '>adEf');
  assert.equal(applyEdits('abc', []), 'abc');
});

test('inverted edits give the text back', () => {
  const text = 'one two three';
  const edits = [
    { start: 4, end: 7, text: '2' },
    { start: 13, end: 13, text: '!' },
    { start: 0, end: 3, text: 'first' },
  ];
  const changed = applyEdits(text, edits);
  assert.equal(changed, 'first 2 three!');
  assert.equal(applyEdits(changed, invertEdits(text, edits)), text);
});

test('the line end at an offset is that of its own line, at the end of the file that of the line before', () => {
  const text = 'a\r\nb\nc';
  assert.deepEqual(
    [0, 3, 5].map((at) => lineEndAt(text, at)),
    ['\r\n', '\n', '\n'],
  );
  assert.equal(lineEndAt('a\r\nb', 4), '\r\n');
  assert.equal(lineEndAt('a', 0), '\n');
});
