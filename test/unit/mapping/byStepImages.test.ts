// Lines tied to layers by the images that the classic builder and buildah leave after each step, and what is said where
// two sources of evidence disagree: the stronger one wins.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BuildRules, BuildStep } from '../../../server/src/build/model';
import { newStep } from '../../../server/src/build/stepName';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { mapLayers } from '../../../server/src/mapping/mapLayers';
import type { Mapping } from '../../../server/src/mapping/model';
import { sha256 } from '../../../server/src/primitives/digest';
import { type KnownBuild, recordOf } from '../../live/mapping/evidence';
import { recordedBuild } from './recordings';

interface Told {
  rules: BuildRules;
  /** A line each: `1/2 3/4 RUN x => 2`, how many layers the image has after it; without `=>` there is none. */
  steps: string;
  /** How many layers the image has. */
  layers: number;
  /** Texts of the history, oldest first; those that begin with `-` are empty. None: the history tells nothing. */
  history?: string[];
  comment?: string;
}

const diffId = (index: number) => sha256(`layer ${index}`);

function stepsOf(drawn: string): BuildStep[] {
  return drawn
    .trim()
    .split('\n')
    .map((line) => {
      const [, stage, number, total, name = '', count] =
        /^\s*(?:(\d+\/\d+) )?(\d+)\/(\d+) (.*?)(?: => (\d+))?$/.exec(line)!;
      return {
        ...newStep(name),
        stage: stage ?? null,
        number: Number(number),
        total: Number(total),
        keyword: name.split(' ')[0]!.toUpperCase(),
        startedMs: 0,
        durationMs: 1,
        imageLayers:
          count === undefined
            ? null
            : { count: Number(count), top: count === '0' ? null : diffId(Number(count) - 1) },
      };
    });
}

function map(text: string, { rules, steps, layers, history = [], comment = '' }: Told): Mapping {
  const build: KnownBuild = {
    name: '',
    text,
    choice: defaultChoice,
    rules,
    steps: stepsOf(steps),
    provenance: null,
    history: history.map((entry) => ({
      createdBy: entry.replace(/^-/, ''),
      comment,
      emptyLayer: entry.startsWith('-'),
      created: null,
    })),
    layers: Array.from({ length: layers }, (_, index) => ({
      index,
      diffId: diffId(index),
      blobDigest: null,
    })),
    baseLayers: 0,
    truth: [],
    stepsLeave: [],
    historyLeaves: [],
  };
  return mapLayers(parseDockerfile(text), recordOf(build), build, defaultChoice);
}

/** `base 1 | 1 by steps | -`: the layers of the base, of each line, and of none with the reason. */
function draw({ lines, baseLayers, unmapped }: Mapping): string {
  const own = lines.map(({ layers, evidence }) =>
    layers.length > 0 ? `${layers.join('+')} by ${evidence}` : '-',
  );
  return [`base ${baseLayers.length}`, ...own, ...unmapped.map(({ layer, why }) => `${layer}: ${why}`)].join(
    ' | ',
  );
}

const check = (text: string, told: Told, expected: string) => assert.equal(draw(map(text, told)), expected);

describe('the images of the steps', () => {
  test('tell each line its layer, whatever the history says', () =>
    check(
      'FROM base\nRUN a\nLABEL b=c\nWORKDIR /d\nCOPY e /e\n',
      {
        rules: 'buildah',
        steps:
          '1/5 FROM base => 2\n2/5 RUN a => 3\n3/5 LABEL b=c => 3\n4/5 WORKDIR /d => 3\n5/5 COPY e /e => 4',
        layers: 4,
      },
      'base 2 | - | 2 by steps | - | - | 3 by steps',
    ));

  test('go on from stage to stage, and give triggers to their FROM', () =>
    check(
      'FROM scratch AS one\nCOPY a /\nONBUILD RUN t\nFROM one\nRUN b\n',
      {
        rules: 'buildah',
        steps:
          '1/2 1/3 FROM scratch => 0\n1/2 2/3 COPY a / => 1\n1/2 3/3 ONBUILD RUN t => 1\n2/2 1/2 FROM 0123\n2/2 2/3 RUN t => 2\n2/2 3/3 RUN b => 3',
        layers: 3,
      },
      'base 0 | - | 0 by steps | - | 1 by steps | 2 by steps',
    ));

  test('give no line what several lines share', () =>
    check(
      'FROM base\nRUN a\nRUN b\nRUN c\n',
      { rules: 'buildah', steps: '1/4 FROM base => 1\n2/4 RUN a\n3/4 RUN b => 2\n4/4 RUN c => 3', layers: 3 },
      'base 1 | - | - | - | 2 by steps | 1: The image has no history.',
    ));

  test('count for nothing where they are not part of the image', () => {
    const steps = '1/3 FROM base => 1\n2/3 RUN a => 2\n3/3 RUN b => 3';
    const why = "The images of the builder's steps are not part of this image, as after a squash.";
    check(
      'FROM base\nRUN a\nRUN b\n',
      { rules: 'buildah', steps, layers: 2 },
      `base 0 | - | - | - | 0: Whether it comes from the base is not known. ${why} | 1: Whether it comes from the base is not known. ${why}`,
    );
    // More layers than the last step left: something was put on top.
    const { lines } = map('FROM base\nRUN a\nRUN b\n', { rules: 'buildah', steps, layers: 4 });
    assert.ok(lines.every(({ layers }) => layers.length === 0));
  });

  test('of a step whose keyword is another than its line’s say nothing of the stage', () => {
    const { lines } = map('FROM base\nRUN a\nRUN b\n', {
      rules: 'buildah',
      steps: '1/3 FROM base => 1\n2/3 COPY a / => 2\n3/3 RUN b => 3',
      layers: 3,
    });
    assert.ok(lines.every(({ layers, cache }) => layers.length === 0 && cache !== 'hit'));
  });

  test('labels of the command line come last and are no line', () =>
    check(
      'FROM base\nRUN a\n',
      {
        rules: 'buildah',
        steps: '1/4 FROM base => 1\n2/4 RUN a => 2\n3/4 LABEL "a"="1" => 2\n4/4 LABEL "b"="2" => 2',
        layers: 2,
      },
      'base 1 | - | 1 by steps',
    ));
});

describe('where two sources disagree', () => {
  test('steps win over the history, and that is told', () => {
    const mapping = map('FROM base\nRUN a\nRUN b\n', {
      rules: 'classic',
      steps: '1/3 FROM base => 1\n2/3 RUN a => 1\n3/3 RUN b => 2',
      layers: 2,
      history: ['ADD rootfs', '/bin/sh -c a', '-/bin/sh -c b'],
    });
    assert.equal(draw(mapping), 'base 1 | - | - | 1 by steps');
    assert.deepEqual(mapping.disagreements, [
      "Line 2: no layer by the builder's steps, layer 1 by the history; the builder's steps count.",
      "Line 3: layer 1 by the builder's steps, no layer by the history; the builder's steps count.",
    ]);
  });

  test('provenance wins over steps, and that is told', () => {
    const build = recordedBuild('buildx', 'ONBUILD in the base');
    const record = recordOf(build);
    // As if the builder had told of one trigger where there were two.
    const dropped = record.steps.find(({ onBuild }) => onBuild)!;
    record.steps = record.steps
      .filter((step) => step !== dropped)
      .map((step) =>
        step.number === null
          ? step
          : {
              ...step,
              number: step.number > dropped.number! ? step.number - 1 : step.number,
              total: step.total! - 1,
            },
      );
    const mapping = mapLayers(parseDockerfile(build.text), record, { ...build, history: [] }, build.choice);
    const from = mapping.lines[0]!;
    assert.deepEqual(from.layers, build.truth[0]);
    assert.equal(from.evidence, 'provenance');
    assert.match(
      mapping.disagreements.join(),
      /^Line 1: layer \d+, \d+ by the provenance, layer \d+ by the builder's steps; the provenance counts\.$/,
    );
  });

  test('provenance wins over the history alone, too', () => {
    const build = recordedBuild('buildx', 'LABEL after RUN');
    // A history that puts the label's entry in place of the first RUN's, and its layer at another's.
    const texts = build.history.map(({ createdBy }) => createdBy);
    const at = texts.findIndex((text) => text.includes('echo one'));
    const history = build.history.toSpliced(at, 1);
    const mapping = mapLayers(
      parseDockerfile(build.text),
      recordOf(build),
      { ...build, history },
      build.choice,
    );
    assert.deepEqual(
      mapping.lines.map(({ layers }) => layers),
      build.truth,
    );
  });
});
