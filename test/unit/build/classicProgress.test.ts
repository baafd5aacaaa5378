import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createClassicReader } from '../../../server/src/build/classicProgress';
import { fixture, readAll } from './drawSteps';

function clock() {
  let ms = 0;
  return () => {
    ms += 10;
    return ms;
  };
}

function check(text: string, expected: string, error?: string) {
  const reader = createClassicReader(clock());
  const { words } = readAll(reader, text);
  if (error) reader.fail(error);
  assert.equal(readAll(reader, '').drawn, expected);
  return words;
}

describe('recorded from Docker Engine 20.10.24', () => {
  test('a first build: each step ran and left an image', () => {
    const reader = createClassicReader(clock());
    const { drawn, words } = readAll(reader, fixture('classic.txt'));
    const lines = drawn.split('\n');
    assert.equal(lines.length, 18);
    assert.equal(lines[0], '1/18 FROM ran 1589f39f3931');
    assert.equal(lines[17], '18/18 CMD ran 3ad621f80a01');
    assert.ok(
      lines.every((line) => / ran [0-9a-f]{12}$/.test(line)),
      drawn,
    );
    assert.deepEqual(words, []);
  });

  test('a second build: all but FROM is cached', () => {
    const { drawn } = readAll(createClassicReader(clock()), fixture('classic-second.txt'));
    const ran = drawn.split('\n').filter((line) => !/ cached [0-9a-f]{12}$/.test(line));
    assert.deepEqual(ran, [
      '1/18 FROM ran 1589f39f3931',
      '7/18 FROM ran 1589f39f3931',
      '9/18 FROM ran 1589f39f3931',
    ]);
  });

  // docker build of `ARG V=1`, `FROM onb:1` (ONBUILD RUN, ENV and COPY) and more.
  const triggers = (between: string) => `Sending build context to Docker daemon  11.26kB
Step 1/6 : ARG V=1
Step 2/6 : FROM onb:1
# Executing 3 build triggers
${between} ---> 92c62176002f
Step 3/6 : RUN true
 ---> Running in ba887513537d
Removing intermediate container ba887513537d
 ---> 36c4bead3b94
`;

  test('the triggers of a base are one step with one image, and FROM tells none', () => {
    check(
      triggers(` ---> Running in cf07467c993d
Removing intermediate container cf07467c993d
 ---> Running in 2c7aee9725ed
Removing intermediate container 2c7aee9725ed
`),
      `1/6 ARG ran
2/6 FROM ran
# Executing 3 build triggers ONBUILD ran 92c62176002f
3/6 RUN ran 36c4bead3b94`,
    );
  });

  test('triggers are cached when each of them is', () => {
    const hits = (count: number) => ' ---> Using cache\n'.repeat(count);
    check(
      triggers(hits(3)),
      `1/6 ARG ran
2/6 FROM ran
# Executing 3 build triggers ONBUILD cached 92c62176002f
3/6 RUN ran 36c4bead3b94`,
    );
    check(
      triggers(hits(2)),
      `1/6 ARG ran
2/6 FROM ran
# Executing 3 build triggers ONBUILD ran 92c62176002f
3/6 RUN ran 36c4bead3b94`,
    );
  });
});

test('an error belongs to the step that ran last', () => {
  check(
    `Step 1/2 : FROM base
 ---> 1589f39f3931
Step 2/2 : RUN exit 3
 ---> Running in a23b3f563aa2
before
`,
    `1/2 FROM ran 1589f39f3931
2/2 RUN failed: returned a non-zero code: 3 | before`,
    'returned a non-zero code: 3',
  );
});

test('what a RUN prints neither begins a step nor names its image', () => {
  check(
    `Step 1/3 : FROM base
 ---> 1589f39f3931
Step 2/3 : RUN x
 ---> Running in a23b3f563aa2
Step 9/9 : RUN y
Step 3/4 : RUN y
 ---> 0123456789ab
\u001b[91mred
\u001b[0mRemoving intermediate container a23b3f563aa2
\u001b[0m ---> 36c4bead3b94
Step 3/3 : LABEL a=b
`,
    `1/3 FROM ran 1589f39f3931
2/3 RUN ran 36c4bead3b94 | Step 9/9 : RUN y | Step 3/4 : RUN y | red
3/3 LABEL runs`,
  );
});

test('a duration is the time between the step and its image', () => {
  let ms = 1_000;
  const reader = createClassicReader(() => ms);
  reader.take('Step 1/1 : RUN sleep 2');
  ms = 3_500;
  reader.take(' ---> 36c4bead3b94');
  assert.equal(reader.steps()[0]?.startedMs, 1_000);
  assert.equal(reader.steps()[0]?.durationMs, 2_500);
});
