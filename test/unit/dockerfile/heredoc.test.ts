// Heredocs: which words are some, and where they end. Checked against BuildKit 0.34's own parser.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readHeredoc } from '../../../server/src/dockerfile/heredoc';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { drawInstructions, drawProblems } from '../../support/dockerfileMarkers';

function checkHeredocs(text: string, ...expected: string[]): void {
  assert.deepEqual(drawInstructions(text), expected);
}

describe('which words are heredocs', () => {
  test('RUN, COPY and ADD can have one; its body ignores comments and continuations', () => {
    checkHeredocs(
      'RUN <<EOF\n# a\nb \\\nEOF\nRUN c',
      '1-4 RUN <<EOF',
      '  << EOF 2-4 "# a\\nb \\\\\\n"',
      '5 RUN c',
    );
    checkHeredocs('COPY <<A /x\nA', '1-2 COPY <<A /x', '  << A 2 ""');
    checkHeredocs('ADD <<A /x\nb\nA', '1-3 ADD <<A /x', '  << A 2-3 "b\\n"');
  });
  test('other instructions have none', () => {
    checkHeredocs('USER <<EOF\nRUN a', '1 USER <<EOF', '2 RUN a');
    checkHeredocs('CMD cat <<EOF\nRUN a', '1 CMD cat <<EOF', '2 RUN a');
  });
  test('several are read one after the other', () => {
    checkHeredocs(
      'COPY <<A <<B /x/\na\nA\nb\nB\nRUN c',
      '1-5 COPY <<A <<B /x/',
      '  << A 2-3 "a\\n"',
      '  << B 4-5 "b\\n"',
      '6 RUN c',
    );
  });
  test('a file descriptor may stand before it', () => {
    checkHeredocs('RUN 3<<EOF\na\nEOF', '1-3 RUN 3<<EOF', '  << EOF 2-3 "a\\n" fd 3');
  });
  test('a blank may stand between << and the name, as in newer BuildKit', () => {
    checkHeredocs('RUN cat << EOF\na\nEOF', '1-3 RUN cat << EOF', '  << EOF 2-3 "a\\n"');
  });
  test('a blank after <<- makes it none', () => {
    checkHeredocs('RUN cat <<- EOF\nRUN b', '1 RUN cat <<- EOF', '2 RUN b');
  });
  test('an arithmetic shift with blanks is taken for one, as in newer BuildKit', () => {
    assert.deepEqual(drawProblems('FROM a\nRUN echo $((1 << 3))\nRUN b'), [
      '2 the heredoc 3)) is never closed: no line is just 3))',
    ]);
    checkHeredocs('RUN echo $((1<<3))\nRUN b', '1 RUN echo $((1<<3))', '2 RUN b');
  });
  test('a quoted name is taken without its quotes, and its body is not expanded', () => {
    checkHeredocs('RUN <<"EOF"\n$a\nEOF', '1-3 RUN <<"EOF"', '  << EOF 2-3 "$a\\n" quoted');
    checkHeredocs("RUN <<'one two'\na\none two", "1-3 RUN <<'one two'", '  << one two 2-3 "a\\n" quoted');
  });
  test('a name can be quoted in part', () => {
    checkHeredocs("RUN <<E'O'F\na\nEOF", "1-3 RUN <<E'O'F", '  << EOF 2-3 "a\\n" quoted');
    checkHeredocs("RUN <<eo'f'\na\neof", "1-3 RUN <<eo'f'", '  << eof 2-3 "a\\n" quoted');
  });
  test('<< within quotes is none', () => {
    checkHeredocs('RUN echo "a <<EOF b"\nRUN c', '1 RUN echo "a <<EOF b"', '2 RUN c');
    checkHeredocs("RUN echo '<<EOF'\nRUN c", "1 RUN echo '<<EOF'", '2 RUN c');
  });
  test('an escaped << is none', () => {
    checkHeredocs('RUN echo \\<<EOF\nRUN c', '1 RUN echo \\<<EOF', '2 RUN c');
  });
  test('<< in the middle of a word is none', () => {
    checkHeredocs('RUN cat<<EOF\nRUN c', '1 RUN cat<<EOF', '2 RUN c');
  });
  test('<<< is none', () => {
    checkHeredocs('RUN cat <<< word\nRUN c', '1 RUN cat <<< word', '2 RUN c');
  });
  test('a line whose quotes do not close has none', () => {
    checkHeredocs('RUN echo "a <<EOF\nRUN c', '1 RUN echo "a <<EOF', '2 RUN c');
  });
  test('a word that looks like one and whose name cannot be read gives the reason', () => {
    assert.equal(readHeredoc('<<"'), 'the closing " is missing');
    assert.equal(readHeredoc('<<'), null);
    assert.equal(readHeredoc('a'), null);
  });
  test('a name with a default before it is lost, as the lexer of BuildKit loses it', () => {
    checkHeredocs('RUN cat <<E${x:-y}\nRUN b', '1 RUN cat <<E${x:-y}', '2 RUN b');
  });
  test('the JSON form has none', () => {
    checkHeredocs('RUN ["a", "<<EOF"]\nRUN b', '1 RUN ["a", "<<EOF"]', '2 RUN b');
  });
  test('an ONBUILD has those of its trigger, and its JSON form none', () => {
    checkHeredocs('ONBUILD RUN <<A\nx\nA\nRUN b', '1-3 ONBUILD RUN <<A', '  << A 2-3 "x\\n"', '4 RUN b');
    checkHeredocs('ONBUILD RUN ["<<A"]\nRUN b', '1 ONBUILD RUN ["<<A"]', '2 RUN b');
    checkHeredocs('ONBUILD ONBUILD RUN <<A\nRUN b', '1 ONBUILD ONBUILD RUN <<A', '2 RUN b');
  });
  test('a continuation line can announce one; the body begins after the logical line', () => {
    checkHeredocs('RUN a \\\n <<A\nx\nA', '1-4 RUN a  <<A', '  << A 3-4 "x\\n"');
  });
  test('with a backtick as the escape the backslash still escapes in heredoc words', () => {
    checkHeredocs('# escape=`\nRUN \\<<A\nRUN b', '2 RUN \\<<A', '3 RUN b');
  });
});

describe('where heredocs end', () => {
  test('the terminator is the whole line: blanks before or after make it text', () => {
    checkHeredocs('RUN <<A\n A\nA \n\tA\nA', '1-5 RUN <<A', '  << A 2-5 " A\\nA \\n\\tA\\n"');
  });
  test('<<- drops leading tabs, of the body and of the terminator', () => {
    checkHeredocs(
      'RUN <<-A\n\t\ta\n\t b\n\tA\nRUN c',
      '1-4 RUN <<-A',
      '  << A 2-4 "a\\n b\\n" chomp',
      '5 RUN c',
    );
  });
  test('<<- speaks of its own heredoc only', () => {
    checkHeredocs(
      'RUN cat <<-A <<B\n\ta\n\tA\n\tB\nB\nRUN c',
      '1-5 RUN cat <<-A <<B',
      '  << A 2-3 "a\\n" chomp',
      '  << B 4-5 "\\tB\\n"',
      '6 RUN c',
    );
  });
  test('CRLF ends the terminator line too, and stays in the body', () => {
    checkHeredocs('RUN <<A\r\nb\r\nA\r\nRUN c', '1-3 RUN <<A', '  << A 2-3 "b\\r\\n"', '4 RUN c');
  });
  test('one that never ends takes the rest of the file and is a problem', () => {
    const text = 'FROM a\nRUN <<EOF\nb\nEOF2\n';
    checkHeredocs(text, '1 FROM a', '2-4 RUN <<EOF', '  << EOF 3-4 "b\\nEOF2\\n" open');
    assert.deepEqual(drawProblems(text), ['2 the heredoc EOF is never closed: no line is just EOF']);
    checkHeredocs('RUN <<EOF', '1 RUN <<EOF', '  << EOF 1 "" open');
  });
  test('the instruction ends with the terminator', () => {
    const text = 'COPY <<A /x\nb\nA\nRUN c';
    const { start, end } = parseDockerfile(text).instructions[0]!;
    assert.equal(text.slice(start, end), 'COPY <<A /x\nb\nA');
  });
});
