// Parser directives: which lines are some, and what they do.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { drawProblems } from '../../support/dockerfileMarkers';

function draw(text: string): string[] {
  return parseDockerfile(text).directives.map(({ line, name, value }) => `${line} ${name}=${value}`);
}

describe('directives', () => {
  test('syntax, escape and check are read, in any case and with blanks around the sign', () => {
    assert.deepEqual(draw('#syntax=a/b:1\n#  ESCAPE =  `  \n  # Check=skip=all; error=true\nFROM a'), [
      '1 syntax=a/b:1',
      '2 escape=`',
      '3 check=skip=all; error=true',
    ]);
  });
  test('an ordinary comment ends them', () => {
    assert.deepEqual(draw('# hello\n# escape=`\nFROM a'), []);
    assert.equal(parseDockerfile('# hello\n# escape=`\nFROM a').escape, '\\');
  });
  test('a blank line ends them', () => {
    assert.deepEqual(draw('\n# escape=`\nFROM a'), []);
    assert.deepEqual(draw('# syntax=a\n\n# escape=`\nFROM a'), ['1 syntax=a']);
  });
  test('an unknown name ends them', () => {
    assert.deepEqual(draw('# foo=bar\n# escape=`\nFROM a'), []);
  });
  test('an instruction ends them', () => {
    assert.deepEqual(draw('FROM a\n# escape=`\n'), []);
  });
  test('a byte order mark and CRLF do not hide them', () => {
    assert.deepEqual(draw('\ufeff# escape=`\r\nFROM a\r\n'), ['1 escape=`']);
  });
  test('a directive without a value is an ordinary comment', () => {
    assert.deepEqual(draw('# escape=\n# syntax=a\nFROM a'), []);
  });
  test('a second one of a name is refused', () => {
    assert.deepEqual(drawProblems('# escape=`\n# escape=`\nFROM a'), [
      '2 only one escape directive may stand at the top of the file',
    ]);
  });
  test('an escape other than backslash and backtick is refused, a blank included', () => {
    assert.deepEqual(drawProblems('# escape=x\nFROM a'), [
      '1 the escape character can only be \\ or `, not x',
    ]);
    assert.deepEqual(drawProblems('# escape=  \nFROM a'), [
      '1 the escape character can only be \\ or `, not a blank',
    ]);
  });
});
