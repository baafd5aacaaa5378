// Sizes that the text alone decides: to the byte, or unknown.
import { describe, test } from 'node:test';
import { type BuildChoice, defaultChoice } from '../../../server/src/dockerfile/model';
import { predictSize } from '../../../server/src/forecast/sizes';
import { checkLabels } from '../../support/dockerfileMarkers';

function checkSizes(marked: string, choice: Partial<BuildChoice> = {}): void {
  checkLabels(marked, (dockerfile, instruction) => {
    const { bytes, certainty } = predictSize(dockerfile, instruction, { ...defaultChoice, ...choice });
    return certainty === 'exact' ? `${bytes}` : 'unknown';
  });
}

describe('sizes', () => {
  test('a WORKDIR holds no file; what needs the context or a command is unknown', () => {
    checkSizes(`
FROM a
#= unknown
WORKDIR /x
#= 0
RUN b
#= unknown
COPY c d
#= unknown
ADD e f
#= unknown
ENV A=1
#= unknown`);
  });
  test('a heredoc is as large as its body in UTF-8', () => {
    checkSizes('FROM a\nCOPY <<E /x\nhello\nE\n#= 6\nADD <<E /x\né😀\n\nE\n#= 8\nCOPY <<E /x\nE\n#= 0');
  });
  test('carriage returns count, leading tabs of <<- do not', () => {
    checkSizes('FROM a\nCOPY <<E /x\nab\r\nE\n#= 4\nCOPY <<-E /x\n\t\tab\n\tE\n#= 3');
  });
  test('several heredocs add up where the destination is a directory', () => {
    checkSizes('FROM a\nCOPY <<A <<B /x/\na\nA\nbc\nB\n#= 5\nCOPY <<A <<B /x\na\nA\nbc\nB\n#= unknown');
  });
  test('two of one name are one file, with the later body', () => {
    checkSizes('FROM a\nCOPY <<A <<A /x/\na\nA\nabc\nA\n#= 4');
  });
  test('a source beside the heredoc makes it unknown; no --exclude reaches a heredoc', () => {
    checkSizes(`
FROM a
COPY b <<A /x/
a
A
#= unknown
COPY --exclude=* <<A /x
a
A
#= 2
COPY --chmod=755 <<A /y
a
A
#= 2`);
  });
  test('a blank after << announces a body that no source is', () => {
    checkSizes('FROM a\nCOPY << A /x\na\nA\n#= unknown');
  });
  test('one that never ends is unknown', () => {
    checkSizes('FROM a\nCOPY <<A /x\na\n#= unknown');
  });
});

describe('variables in the body', () => {
  test('are expanded where they are known', () => {
    checkSizes('FROM scratch\nARG A=123\nCOPY <<E /x\n$A\nE\n#= 4');
    checkSizes('FROM scratch\nARG A=123\nCOPY <<E /x\n$A\nE\n#= 2', { buildArgs: { A: '1' } });
    checkSizes('FROM debian\nENV A=123\nCOPY <<E /x\n${A:+yes} ${A%3}\nE\n#= 7');
  });
  test('of an image are not known, and those that nothing sets are empty on scratch', () => {
    checkSizes('FROM debian\nCOPY <<E /x\n$HOME\nE\n#= unknown\nCOPY <<E /x\n${U:-a}\nE\n#= unknown');
    checkSizes('FROM scratch\nCOPY <<E /x\n$HOME\nE\n#= 1\nCOPY <<E /x\n$PATH\nE\n#= 61');
  });
  test('stay as they are when the name is quoted', () => {
    checkSizes('FROM debian\nCOPY <<"E" /x\n$HOME\\$\nE\n#= 8');
  });
  test('a backslash shields the next character and goes, quotes stay', () => {
    checkSizes(`FROM debian\nCOPY <<E /x\n\\$A "b" 'c'\\n\nE\n#= 12`);
  });
  test('of the platform are known when it is chosen', () => {
    const text = 'FROM debian\nARG TARGETARCH\nCOPY <<E /x\n$TARGETARCH\nE\n#= ';
    checkSizes(`${text}unknown`);
    checkSizes(`${text}6`, { platform: 'linux/arm64' });
  });
});
