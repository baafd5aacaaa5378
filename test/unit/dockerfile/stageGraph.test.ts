// Which stages a build needs and which ship.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BuildChoice, defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import {
  reachableStages,
  resolveStage,
  shippedChain,
  targetStage,
} from '../../../server/src/dockerfile/stageGraph';

const choose = (choice: Partial<BuildChoice>): BuildChoice => ({ ...defaultChoice, ...choice });
const sorted = (stages: ReadonlySet<number>) => [...stages].sort((a, b) => a - b);

describe('the target', () => {
  const of = (text: string, target: string | null) => targetStage(parseDockerfile(text), choose({ target }));
  test('is the last stage, or the one that is chosen by name in any case, or by index', () => {
    const text = 'FROM a AS one\nFROM b AS two\nFROM c';
    assert.deepEqual([of(text, null), of(text, 'ONE'), of(text, '1'), of(text, 'none')], [2, 0, 1, null]);
  });
  test('of a name that occurs twice is the later one', () => {
    assert.equal(of('FROM a AS x\nFROM b AS x\nFROM c', 'x'), 1);
  });
  test('is none without a stage', () => {
    assert.equal(of('ARG A', null), null);
  });
});

describe('the chain that ships', () => {
  const of = (text: string, choice = defaultChoice) => shippedChain(parseDockerfile(text), choice);
  test('is the target and, through FROM, what it stands on, oldest first', () => {
    assert.deepEqual(of('FROM a AS one\nFROM x\nFROM one AS two\nFROM two\nCOPY --from=1 a b'), [0, 2, 3]);
  });
  test('changes with the target and with build arguments', () => {
    const text = 'ARG B=one\nFROM a AS one\nFROM b AS two\nFROM $B';
    assert.deepEqual(of(text), [0, 2]);
    assert.deepEqual(of(text, choose({ buildArgs: { B: 'two' } })), [1, 2]);
    assert.deepEqual(of(text, choose({ target: 'two' })), [1]);
    assert.deepEqual(of(text, choose({ target: 'nowhere' })), []);
  });
  test('of a name that occurs twice goes through the one above', () => {
    assert.deepEqual(of('FROM a AS x\nFROM x AS x\nFROM x'), [0, 1, 2]);
  });
  test('is as long as it has to be', () => {
    const text = `FROM a AS s\n${'FROM s AS s\n'.repeat(20_000)}`;
    assert.equal(of(text).length, 20_001);
  });
});

describe('the stages that a build needs', () => {
  const of = (text: string, choice = defaultChoice) => sorted(reachableStages(parseDockerfile(text), choice));
  test('through FROM, COPY --from by name and index, and mounts', () => {
    assert.deepEqual(
      of('FROM a AS one\nFROM b AS two\nFROM c AS three\nFROM one\nCOPY --from=TWO x y'),
      [0, 1, 3],
    );
    assert.deepEqual(of('FROM a\nFROM b\nFROM c\nCOPY --from=0 x y'), [0, 2]);
    assert.deepEqual(of('FROM a AS one\nFROM b\nFROM c\nRUN --mount=type=bind,from=one,target=/x y'), [0, 2]);
  });
  test('a mount takes no index, and an image is no stage', () => {
    assert.deepEqual(of('FROM a\nFROM b\nRUN --mount=from=0,target=/x y\nCOPY --from=debian:12 x y'), [1]);
  });
  test('through what another needed stage needs', () => {
    assert.deepEqual(
      of('FROM a AS one\nFROM b AS two\nCOPY --from=one x y\nFROM c\nCOPY --from=two x y'),
      [0, 1, 2],
    );
  });
  test('through ONBUILD triggers, which fire in the stage on top', () => {
    const text = 'FROM a AS tool\nFROM b AS base\nONBUILD COPY --from=tool x y\nFROM base';
    assert.deepEqual(of(text), [0, 1, 2]);
    assert.deepEqual(of(text, choose({ target: 'base' })), [1]);
  });
});

test('resolveStage looks above only, and takes an index where no name fits', () => {
  const dockerfile = parseDockerfile('FROM a AS x\nFROM b AS y\nFROM c AS x');
  assert.equal(resolveStage(dockerfile, 'X', 2), 0);
  assert.equal(resolveStage(dockerfile, 'x', 3), 2);
  assert.equal(resolveStage(dockerfile, 'y', 1), null);
  assert.equal(resolveStage(dockerfile, '1', 3), 1);
  assert.equal(resolveStage(dockerfile, '1', 1), null);
  assert.equal(resolveStage(dockerfile, 'debian', 3), null);
});
