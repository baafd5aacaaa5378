// Where instructions begin and end. Each expectation was checked against BuildKit 0.34's own parser.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { drawInstructions, drawProblems } from '../../support/dockerfileMarkers';

function checkSplit(text: string, ...expected: string[]): void {
  assert.deepEqual(drawInstructions(text), expected);
}

describe('continuations', () => {
  test('a backslash at the end joins the next line, whose leading blanks stay', () => {
    checkSplit('RUN a \\\n    && b', '1-2 RUN a     && b');
  });
  test('blanks and tabs after the backslash do not matter', () => {
    checkSplit('RUN a \\ \t\n  b', '1-2 RUN a   b');
  });
  test('two backslashes at the end are no continuation', () => {
    checkSplit('ENV Z C:\\\\\nRUN b', '1 ENV Z C:\\\\', '2 RUN b');
  });
  test('three backslashes at the end are none either', () => {
    checkSplit('RUN a \\\\\\\nRUN b', '1 RUN a \\\\\\', '2 RUN b');
  });
  test('a backslash, a blank and a backslash continue', () => {
    checkSplit('RUN a \\ \\\nb', '1-2 RUN a \\ b');
  });
  test('comment lines within a continuation are dropped, whatever their indentation', () => {
    checkSplit('RUN a \\\n  # why\n# more\n  b', '1-4 RUN a   b');
  });
  test('a comment within a continuation cannot end it by lacking a backslash', () => {
    checkSplit('RUN a \\\n# \\\n  b \\\n# end\nRUN c', '1-5 RUN a   b RUN c');
  });
  test('blank lines within a continuation are dropped', () => {
    checkSplit('RUN a \\\n\n   \n  b\nRUN c', '1-4 RUN a   b', '5 RUN c');
  });
  test('a # in the middle of a line is text', () => {
    checkSplit('RUN a # \\\n  b', '1-2 RUN a #   b');
  });
  test('a line that is only a backslash begins an instruction', () => {
    checkSplit('\\\nRUN a', '1-2 RUN a');
  });
  test('a keyword may be broken by a continuation', () => {
    const text = 'RU\\\nN a';
    checkSplit(text, '1-2 RUN a');
    const [run] = parseDockerfile(text).instructions;
    assert.equal(text.slice(run!.start, run!.keywordEnd), 'RU\\\nN');
  });
  test('a backslash at the end of the file does no harm', () => {
    checkSplit('RUN a \\', '1 RUN a');
    checkSplit('RUN a \\\n', '1 RUN a');
  });
  test('lines that a continuation takes up to the end of the file belong to it', () => {
    checkSplit('RUN a \\\n\n# end\n', '1-3 RUN a');
  });
  test('continuation lines that are comments or blank are noted', () => {
    const of = (text: string) => parseDockerfile(text).instructions[0]!.hasInnerComments;
    assert.equal(of('RUN a \\\n# c\nb'), true);
    assert.equal(of('RUN a \\\n\nb'), true);
    assert.equal(of('RUN a \\\nb'), false);
  });
});

describe('lines', () => {
  test('comments and blank lines between instructions are no instructions', () => {
    checkSplit('\n# a\n  # b\n\nFROM a\n\n', '5 FROM a');
  });
  test('a comment that ends in a backslash does not continue', () => {
    checkSplit('# a \\\nRUN b', '2 RUN b');
  });
  test('blanks before an instruction are skipped, those before a comment too', () => {
    checkSplit(' \t FROM a\n   # b\n\tRUN c', '1 FROM a', '3 RUN c');
  });
  test('CRLF counts as one line end', () => {
    checkSplit('FROM a\r\nRUN b \\\r\n  c\r\n', '1 FROM a', '2-3 RUN b   c');
    const text = 'RUN b \\\r\n  c\r\nRUN d\r\n';
    assert.equal(text.slice(0, parseDockerfile(text).instructions[0]!.end), 'RUN b \\\r\n  c');
  });
  test('several carriage returns before a line feed belong to the line end', () => {
    checkSplit('RUN a \\\r\r\nb\r\r\n', '1-2 RUN a b');
  });
  test('a lone carriage return is a blank, not a line end', () => {
    checkSplit('FROM a\rRUN b\nRUN c', '1 FROM a\rRUN b', '2 RUN c');
  });
  test('a byte order mark before the first line is skipped', () => {
    checkSplit('\ufeffFROM a', '1 FROM a');
    assert.equal(parseDockerfile('\ufeffFROM a').instructions[0]!.start, 1);
  });
  test('a byte order mark anywhere else is text', () => {
    checkSplit('FROM a\n\ufeffRUN b', '1 FROM a', '2 \ufeffRUN b');
  });
  test('tabs, vertical tabs and form feeds part the keyword from the rest', () => {
    assert.deepEqual(
      parseDockerfile('FROM\ta\nRUN\v\fb').instructions.map(({ keyword, rest }) => [keyword, rest]),
      [
        ['FROM', 'a'],
        ['RUN', 'b'],
      ],
    );
  });
  test('NUL is a character like any other', () => {
    checkSplit('FROM a\n\0\nRUN b\0', '1 FROM a', '2 \0', '3 RUN b\0');
  });
  test('blanks of Unicode are trimmed as Go trims them: U+0085 and U+00A0 are blank, U+FEFF is not', () => {
    checkSplit('\u0085\u00a0FROM a\u3000\nRUN b\ufeff', '1 FROM a', '2 RUN b\ufeff');
  });
  test('line starts follow the line feeds', () => {
    assert.deepEqual(parseDockerfile('FROM a\r\n\nRUN b\n').lineStarts, [0, 8, 9, 15]);
    assert.deepEqual(parseDockerfile('').lineStarts, [0]);
  });
  test('a line of 65,535 bytes is allowed, a longer one is refused', () => {
    const fits = `FROM a\nRUN ${'x'.repeat(65_531)}\n`;
    assert.deepEqual(drawProblems(fits), []);
    const refused = ['2 this line is longer than 65,535 bytes, which BuildKit refuses'];
    assert.deepEqual(drawProblems(fits.replace('xx', 'xxx')), refused);
    assert.deepEqual(drawProblems(fits.replace('xx', 'xé')), refused);
  });
});

describe('the escape character', () => {
  test('a backtick continues lines when the directive says so, and a backslash does not', () => {
    checkSplit('# escape=`\nRUN a `\n  b\nRUN C:\\\nRUN d', '2-3 RUN a   b', '4 RUN C:\\', '5 RUN d');
  });
  test('two backticks at the end are no continuation', () => {
    checkSplit('# escape=`\nRUN a ``\nRUN b', '2 RUN a ``', '3 RUN b');
  });
});
