// What BuildKit would refuse, in plain words, and what it does not refuse.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { drawProblems } from '../../support/dockerfileMarkers';

/** The problems of an instruction in a file that is otherwise right. */
function problemsOf(instruction: string): string[] {
  return drawProblems(`FROM a AS first\n${instruction}`).map((problem) => problem.replace(/^2 /, ''));
}

function checkRefused(instruction: string, message: string): void {
  assert.deepEqual(problemsOf(instruction), [message]);
}

function checkAccepted(...instructions: string[]): void {
  for (const one of instructions) assert.deepEqual(problemsOf(one), [], one);
}

describe('the whole file', () => {
  test('no instruction at all', () => {
    const message = '- the file has no instructions; a build needs at least FROM';
    for (const text of ['', '\n', '# a\n', '\ufeff']) assert.deepEqual(drawProblems(text), [message]);
  });
  test('no FROM', () => {
    assert.deepEqual(drawProblems('ARG A\n'), ['- the file has no FROM, so there is nothing to build']);
  });
  test('anything but ARG before the first FROM', () => {
    assert.deepEqual(drawProblems('ARG A\nRUN a\nFROM b'), [
      '2 RUN stands before the first FROM, where only ARG may',
    ]);
  });
  test('problems come in the order of lines', () => {
    assert.deepEqual(drawProblems('FROM a\nFOO\nRUN --x y\nBAR'), [
      '2 unknown instruction FOO',
      '3 RUN has no flag --x',
      '4 unknown instruction BAR',
    ]);
  });
});

describe('instructions', () => {
  test('unknown ones, with the near one named', () => {
    checkRefused('&& b', 'unknown instruction &&');
    checkRefused('RNU a', 'unknown instruction RNU; did you mean RUN?');
    checkRefused('COYP a b', 'unknown instruction COYP; did you mean COPY?');
    checkRefused('WORKDIRS a', 'unknown instruction WORKDIRS; did you mean WORKDIR?');
    checkRefused('\\', 'this line holds nothing but the sign that it goes on');
  });
  test('missing arguments', () => {
    checkRefused('COPY a', 'COPY needs a source and a destination');
    checkRefused('ADD', 'ADD needs a source and a destination');
    checkRefused('ENV', 'ENV needs at least one name=value');
    checkRefused('ENV A', 'ENV: A has no value: write A=value');
    checkRefused('LABEL a=b c', 'LABEL: "c" has no =: write name=value');
    checkRefused('ENV =b', 'a name of ENV is empty');
    checkRefused('ARG', 'ARG needs at least one name');
    checkRefused('ARG =b', 'a name of ARG is empty');
    checkRefused('WORKDIR', 'WORKDIR needs an argument');
    checkRefused('EXPOSE', 'EXPOSE needs at least one port');
    checkRefused('VOLUME', 'VOLUME needs at least one path');
    checkRefused('VOLUME ["a", " "]', 'a path of VOLUME is empty');
    checkRefused('SHELL', 'SHELL needs at least one argument');
    checkRefused('SHELL []', 'SHELL needs at least one argument');
    checkRefused('SHELL bash -c', 'SHELL takes its arguments as a JSON array: SHELL ["/bin/bash", "-c"]');
  });
  test('FROM', () => {
    checkRefused('FROM', 'FROM needs an image');
    checkRefused('FROM a b', 'FROM takes an image, or an image, AS and a name');
    checkRefused('FROM a AS', 'FROM takes an image, or an image, AS and a name');
    checkRefused(
      'FROM a AS 1b',
      '"1b" cannot name a stage: a letter, then letters, digits, "-", "_" and "."',
    );
    checkAccepted('FROM a as B-c_d.e', 'FROM --platform=linux/arm64 a');
  });
  test('ONBUILD', () => {
    checkRefused('ONBUILD', 'ONBUILD needs an instruction');
    checkRefused('ONBUILD ONBUILD RUN a', 'an ONBUILD cannot declare another ONBUILD');
    checkRefused('ONBUILD FROM a', 'ONBUILD cannot declare FROM');
    checkRefused('ONBUILD maintainer a', 'ONBUILD cannot declare MAINTAINER');
  });
  test('HEALTHCHECK', () => {
    checkRefused('HEALTHCHECK', 'HEALTHCHECK needs CMD and a command, or NONE');
    checkRefused('HEALTHCHECK NONE a', 'HEALTHCHECK NONE takes no arguments');
    checkRefused('HEALTHCHECK CMD', 'HEALTHCHECK CMD needs a command');
    checkRefused('HEALTHCHECK RUN a', 'HEALTHCHECK knows CMD and NONE, not RUN');
    checkRefused('HEALTHCHECK --interval=5 CMD a', '--interval is a duration such as 30s, not "5"');
    checkRefused('HEALTHCHECK --retries=x CMD a', '--retries is a count, not "x"');
    checkAccepted('HEALTHCHECK none', 'HEALTHCHECK --interval=1m30.5s --retries=3 CMD a');
  });
  test('quotes that do not close, where the build expands the words', () => {
    checkRefused('WORKDIR "a', 'WORKDIR: the closing " is missing');
    checkRefused('FROM "b', 'FROM: the closing " is missing');
    checkRefused("COPY 'a b' /c", "COPY: the closing ' is missing");
    checkRefused('ENV A=${b', 'ENV: a } is missing');
    checkRefused('LABEL a=${b^c}', 'LABEL: ${b^ is no modifier that is known');
    checkAccepted('RUN echo "', 'CMD "', "MAINTAINER it's me");
  });
  test('a heredoc as the destination', () => {
    checkRefused('COPY a <<b\nb', 'the destination of COPY cannot be a heredoc');
  });
});

describe('flags', () => {
  test('unknown, doubled, without a value, with a wrong one', () => {
    checkRefused('COPY --form=x a b', 'COPY has no flag --form');
    checkRefused('ENV --x A=1', 'ENV has no flag --x');
    checkRefused('COPY --chown=a --chown=b c d', '--chown is given twice');
    checkRefused('COPY --chown c d', '--chown needs a value');
    checkRefused('COPY --link=maybe c d', '--link is true or false, not "maybe"');
    checkRefused('RUN --network=x a', '--network is default, none or host, not "x"');
    checkRefused('RUN --security=x a', '--security is sandbox or insecure, not "x"');
    checkAccepted('COPY --link=TRUE --exclude=a --exclude=b c d', 'STOPSIGNAL --x 9', 'ARG --x A');
  });
  test('a name that is a property of every object is no flag', () => {
    checkRefused('COPY --constructor=x a b', 'COPY has no flag --constructor');
  });
  test('mounts', () => {
    checkRefused('RUN --mount=type=x,target=/a b', '--mount has no type "x"');
    checkRefused('RUN --mount=type=cache,targt=/a b', '--mount has no option "targt"');
    checkRefused('RUN --mount=type=cache,target b', '"target" in --mount needs a value');
    checkRefused(
      'RUN --mount=from=$a,target=/b c',
      'from= in --mount takes no variable; name a stage with FROM and mount from that',
    );
    checkAccepted('RUN --mount=type=cache,target=/a,ro b', 'RUN --mount=type=$t,target=$d b');
  });
});

describe('sources', () => {
  test('COPY --from takes no variable, no index that is not there, and nothing from below', () => {
    checkRefused('COPY --from=$a b c', '--from takes no variable; name a stage with FROM and copy from that');
    checkRefused('COPY --from=7 b c', 'there is no stage 7; the first one is 0');
    checkRefused(
      'COPY --from=first b c',
      '"first" is this stage itself; a stage can only take from those above it',
    );
    checkRefused(
      'COPY --from=later b c\nFROM a AS later',
      '"later" stands further down; a stage can only take from those above it',
    );
  });
  test('an image, a stage above in any case and its index are fine', () => {
    checkAccepted('FROM a\nCOPY --from=FIRST b c', 'FROM a\nCOPY --from=0 b c', 'COPY --from=debian:12 b c');
  });
});
