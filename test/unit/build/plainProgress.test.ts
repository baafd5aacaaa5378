import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPlainReader } from '../../../server/src/build/plainProgress';
import { wasCancelled } from '../../../server/src/build/progress';
import { fixture, readAll } from './drawSteps';

/** A clock that goes on by 10 ms with each look. */
function clock() {
  let ms = 1_000;
  return () => {
    ms += 10;
    return ms;
  };
}

function check(text: string, expected: string) {
  const { drawn, words } = readAll(createPlainReader(clock()), text);
  assert.equal(drawn, expected);
  return words;
}

describe('recorded from BuildKit 0.8 (Docker Engine 20.10.24)', () => {
  test('a first build, with the digests of its vertexes', () => {
    const reader = createPlainReader(clock());
    const { drawn } = readAll(reader, fixture('buildkit-plain.txt'));
    assert.equal(drawn.split('\n').length, 10);
    assert.ok(
      drawn.split('\n').every((step) => step.endsWith(' ran')),
      drawn,
    );
    assert.ok(reader.steps().every(({ digest }) => /^sha256:[0-9a-f]{64}$/.test(digest ?? '')));
    assert.equal(reader.steps().find(({ name }) => name.includes('mkdir modules'))?.durationMs, 100);
  });

  test('a second build: FROM is done, the rest cached', () => {
    const { drawn } = readAll(createPlainReader(clock()), fixture('buildkit-plain-second.txt'));
    assert.deepEqual(
      drawn.split('\n').filter((step) => !step.endsWith(' cached')),
      ['build 1/6 FROM ran'],
    );
  });

  test('a failing build', () => {
    const words = check(
      fixture('buildkit-plain-fail.txt'),
      `1/4 FROM ran
2/4 WORKDIR cached
3/4 COPY ran
4/4 RUN failed: executor failed running [/bin/sh -c echo before &&     echo trouble >&2 &&     exit 3]: exit code: 3 | before | trouble`,
    );
    assert.match(words.at(-1) ?? '', /^executor failed running/);
  });
});

describe('recorded from buildx 0.38.2 and BuildKit 0.34.2', () => {
  test('the copy and the merge of COPY --link are one step', () => {
    const { drawn } = readAll(createPlainReader(clock()), fixture('buildx-plain.txt'));
    assert.equal(drawn.split('\n').filter((step) => step.startsWith('stage-2 2/5 COPY')).length, 1);
    assert.ok(
      drawn.split('\n').every((step) => step.endsWith(' ran')),
      drawn,
    );
  });

  test('a failing build', () => {
    const words = check(
      fixture('buildx-plain-fail.txt'),
      `1/4 WORKDIR cached
2/4 COPY ran
3/4 RUN failed: process "/bin/sh -c echo before &&     echo trouble >&2 &&     exit 3" did not complete successfully: exit code: 3 | before | trouble`,
    );
    assert.ok(words.includes('Dockerfile.fail:4'));
  });
});

test('steps that take turns keep their output apart', () => {
  check(
    `#5 [a 1/1] RUN a
#5 0.100 one
#5 ...

#6 [b 1/1] RUN b
#6 0.200 two
#6 ...

#5 [a 1/1] RUN a
#5 0.300 three
#5 DONE 0.4s

#6 [b 1/1] RUN b
#6 CANCELED
`,
    `a 1/1 RUN ran | one | three
b 1/1 RUN failed: context canceled | two`,
  );
});

test('CANCELED is no failure of its own', () => {
  const reader = createPlainReader(clock());
  readAll(reader, '#1 [1/1] RUN x\n#1 CANCELED\n');
  assert.equal(reader.steps().every(wasCancelled), true);
});

test('what a RUN prints cannot end a step', () => {
  check(
    `#5 [1/1] RUN x
#5 0.100 DONE 1.0s
#5 0.100 #6 CACHED
#5 0.100 CACHED
#5 transferring context: 2B done
#5 WARN: something
`,
    '1/1 RUN runs | DONE 1.0s | #6 CACHED | CACHED',
  );
});

test('the line that names the instance is no step', () => {
  const reader = createPlainReader(clock());
  assert.equal(reader.take('#0 building with "default" instance using docker driver'), true);
  assert.deepEqual(reader.steps(), []);
});
