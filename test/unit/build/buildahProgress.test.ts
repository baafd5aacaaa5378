// buildah's and podman's output, line by line, and what the images say where the lines leave it open. The texts are those of
// podman 4.3.1 and buildah 1.28.2.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createBuildahReader } from '../../../server/src/build/buildahProgress';
import type { BuildStep } from '../../../server/src/build/model';
import { placeImages } from '../../../server/src/build/placeImages';
import type { StepImage } from '../../../server/src/build/stepImages';

const id = (letter: string) => letter.repeat(64);
const short = (letter: string) => letter.repeat(11);

/** A line a second; `! …` is on stderr. */
function read(output: string) {
  let ms = 0;
  const reader = createBuildahReader(() => ms);
  const words: string[] = [];
  for (const line of output.trim().split('\n')) {
    ms += 1000;
    const isError = line.startsWith('! ');
    const taken = isError ? reader.takeError(line.slice(2)) : reader.take(line);
    if (!taken) words.push(line);
  }
  return { reader, words };
}

/** `1/2 3/4 RUN hit 0 s aaaa`, a line for each step. */
function draw(steps: readonly BuildStep[]): string {
  return steps
    .map(({ stage, number, total, keyword, cached, startedMs, durationMs, imageId, error }) =>
      [
        stage,
        `${number}/${total}`,
        keyword,
        cached ? 'hit' : startedMs === null ? 'unsure' : 'ran',
        durationMs === null ? null : `${durationMs / 1000} s`,
        imageId?.slice(0, 4) ?? null,
        error,
      ]
        .filter((word) => word !== null)
        .join(' '),
    )
    .join('\n');
}

const check = (output: string, expected: string) => assert.equal(draw(read(output).reader.steps()), expected);

describe('one stage after the other', () => {
  test('steps that run, with their images and the seconds between their lines', () =>
    check(
      `STEP 1/3: FROM base:1
STEP 2/3: COPY a.txt /a
--> ${short('a')}
STEP 3/3: RUN echo one &&     echo two
one
two
COMMIT
--> ${short('b')}
${id('b')}`,
      '1/3 FROM ran 1 s\n2/3 COPY ran 1 s aaaa\n3/3 RUN ran 4 s bbbb',
    ));

  test('steps from the cache, said whole and in short', () =>
    check(
      `[1/2] STEP 1/2: FROM base:1 AS build
[1/2] STEP 2/2: WORKDIR /src
--> Using cache ${id('a')}
--> ${short('a')}
[2/2] STEP 1/2: FROM ${id('a')}
[2/2] STEP 2/2: LABEL a=b
--> Using cache ${id('b')}
COMMIT my/tag:1
--> ${short('b')}
Successfully tagged localhost/my/tag:1`,
      '1/2 1/2 FROM ran 1 s\n1/2 2/2 WORKDIR hit 0 s aaaa\n2/2 1/2 FROM ran 1 s\n2/2 2/2 LABEL hit 0 s bbbb',
    ));

  test('a stage of FROM alone leaves the image that it stands on', () =>
    check(
      `[1/2] STEP 1/1: FROM ${id('a')} AS two
--> ${short('a')}
[2/2] STEP 1/2: FROM ${id('a')}
[2/2] STEP 2/2: LABEL a=b
--> ${short('b')}`,
      '1/2 1/1 FROM ran 1 s aaaa\n2/2 1/2 FROM ran 1 s\n2/2 2/2 LABEL ran 1 s bbbb',
    ));

  test('triggers of the base raise the total behind FROM', () =>
    check(
      `STEP 1/2: FROM triggers
STEP 2/4: ENV F=1
--> ${short('a')}
STEP 3/4: RUN fired
--> ${short('b')}
STEP 4/4: RUN own
--> ${short('c')}`,
      '1/2 FROM ran 1 s\n2/4 ENV ran 1 s aaaa\n3/4 RUN ran 1 s bbbb\n4/4 RUN ran 1 s cccc',
    ));

  test('without layers the last step alone has an image, and what COMMIT writes is not its time', () =>
    check(
      `STEP 1/3: FROM base:1
STEP 2/3: RUN one
STEP 3/3: RUN two
COMMIT
! Getting image source signatures
! Copying blob sha256:${id('d')}
! Storing signatures
--> ${short('a')}`,
      '1/3 FROM ran 1 s\n2/3 RUN ran 1 s\n3/3 RUN ran 1 s aaaa',
    ));

  test('what a RUN prints is not taken for the builder, where order or images tell', () => {
    const { reader } = read(`STEP 1/2: FROM base:1
STEP 2/2: RUN lie
STEP 2/2: RUN x
STEP 4/2: RUN x
[1/3] STEP 1/2: FROM x
some text
--> Using cache ${id('f')}
--> ${short('e')}
COMMIT
--> ${short('b')}`);
    assert.equal(draw(reader.steps()), '1/2 FROM ran 1 s\n2/2 RUN ran 8 s bbbb');
    assert.deepEqual(reader.steps()[1]?.lastLines.slice(0, 3), [
      'STEP 2/2: RUN x',
      'STEP 4/2: RUN x',
      '[1/3] STEP 1/2: FROM x',
    ]);
  });
});

describe('stages that run side by side', () => {
  const output = `[1/2] STEP 1/2: FROM base:1 AS build
[2/2] STEP 1/3: FROM base:1
[1/2] STEP 2/2: WORKDIR /src
[2/2] STEP 2/3: ARG X=1
--> Using cache ${id('a')}
--> ${short('a')}
--> ${short('b')}
[2/2] STEP 3/3: COPY --from=build /a /a
--> ${short('c')}`;

  test('leave it open which step an image belongs to', () =>
    check(
      output,
      '1/2 1/2 FROM ran 2 s\n2/2 1/3 FROM ran 2 s\n1/2 2/2 WORKDIR ran\n2/2 2/3 ARG unsure\n2/2 3/3 COPY ran',
    ));

  const image = (createdBy: string, comment: string): StepImage => ({
    count: 1,
    top: null,
    createdBy,
    comment,
  });
  const nop = '/bin/sh -c #(nop) ';
  const { steps, loose } = read(output).reader.told();

  test('until the images tell', () => {
    const images = new Map([
      [id('a'), image(`${nop}ARG X`, 'FROM localhost/base:1')],
      [short('b'), image(`${nop}WORKDIR /src`, 'FROM localhost/base:1')],
      [short('c'), image(`${nop}COPY file:1 in /a `, `FROM ${'a'.repeat(12)}`)],
    ]);
    assert.equal(
      draw(placeImages(steps, loose, images)),
      '1/2 1/2 FROM ran 2 s\n2/2 1/3 FROM ran 2 s\n1/2 2/2 WORKDIR ran 4 s bbbb\n2/2 2/3 ARG hit 0 s aaaa\n2/2 3/3 COPY ran 1 s cccc',
    );
  });

  test('and when they do not, the steps are unsure', () =>
    assert.equal(
      draw(placeImages(steps, loose, new Map())),
      '1/2 1/2 FROM ran 2 s\n2/2 1/3 FROM ran 2 s\n1/2 2/2 WORKDIR unsure\n2/2 2/3 ARG unsure\n2/2 3/3 COPY unsure',
    ));

  test('an image of another instruction is not a step’s, whoever printed its id', () => {
    const { steps: told } = read(
      `STEP 1/2: FROM base:1\nSTEP 2/2: RUN echo x\n--> ${short('a')}`,
    ).reader.told();
    const other = new Map([[short('a'), image('/bin/sh -c echo y', '')]]);
    assert.equal(placeImages(told, [], other)[1]?.imageId, null);
    const own = new Map([[short('a'), image('|1 A=1 /bin/sh -c echo x', '')]]);
    assert.equal(placeImages(told, [], own)[1]?.imageId, short('a'));
  });
});

describe('failures', () => {
  test('the error belongs to the step that it names, without what it made of the line', () => {
    const { reader, words } = read(`STEP 1/2: FROM base:1
STEP 2/2: RUN echo "a": b
! out
! subprocess exited with status 3
! Error: building at STEP "RUN echo "a": b": exit status 3`);
    assert.deepEqual(words, [
      '! subprocess exited with status 3',
      '! Error: building at STEP "RUN echo "a": b": exit status 3',
    ]);
    reader.fail(words.at(-1)!.slice(2));
    const step = reader.steps()[1]!;
    assert.equal(step.error, 'exit status 3');
    assert.deepEqual(step.lastLines, ['out']);
  });

  test('Go’s words for an unknown instruction go', () => {
    const { reader } = read('STEP 1/2: FROM base:1\nSTEP 2/2: RUNN true');
    reader.fail(
      'Error: building at STEP "RUNN ": Build error: Unknown instruction: "RUNN" &imagebuilder.Step{Env:[]string{}}',
    );
    assert.equal(reader.steps()[1]?.error, 'Unknown instruction: "RUNN"');
  });
});
