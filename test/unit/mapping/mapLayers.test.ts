// What a record proves of an image and how evidence is weighed. Whole builds of real builders: recordedBuilds.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BuildRecord, BuildRules } from '../../../server/src/build/model';
import { newStep } from '../../../server/src/build/stepName';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { cacheTotals, mapLayers } from '../../../server/src/mapping/mapLayers';
import type { Mapping } from '../../../server/src/mapping/model';
import { sha256 } from '../../../server/src/primitives/digest';
import { type KnownBuild, recordOf } from '../../live/mapping/evidence';
import { recordedBuild } from './recordings';

/** `base 1, -, 1 by history, unmapped 2`: how many base layers, then each line, then what is left. */
function draw({ lines, baseLayers, unmapped }: Mapping): string {
  const own = lines.map(({ layers, evidence }) =>
    layers.length > 0 ? `${layers.join('+')} by ${evidence}` : '-',
  );
  return [`base ${baseLayers.length}`, ...own, ...unmapped.map(({ layer }) => `unmapped ${layer}`)].join(
    ', ',
  );
}

function mapBuild(
  build: KnownBuild,
  record: BuildRecord | null,
  image: Pick<KnownBuild, 'history' | 'layers'> = build,
) {
  return mapLayers(parseDockerfile(build.text), record, image, build.choice);
}

/** An image from the texts of its history; those that begin with `-` are empty. */
function imageOf(rules: BuildRules, history: string[]): Pick<KnownBuild, 'history' | 'layers'> {
  const comment = rules === 'buildkit' ? 'buildkit.dockerfile.v0' : '';
  const entries = history.map((text) => ({
    createdBy: text.replace(/^-/, ''),
    comment,
    emptyLayer: text.startsWith('-'),
    created: null,
  }));
  const layers = entries
    .filter(({ emptyLayer }) => !emptyLayer)
    .map((_, index) => ({ index, diffId: sha256(String(index)), blobDigest: null }));
  return { history: entries, layers };
}

function checkHistory(
  text: string,
  rules: BuildRules,
  history: string[],
  expected: string,
  { exact = false } = {},
): Mapping {
  const image = imageOf(rules, history);
  const build: KnownBuild = {
    name: '',
    text,
    choice: defaultChoice,
    rules,
    steps: [],
    provenance: null,
    baseLayers: 0,
    truth: [],
    stepsLeave: [],
    historyLeaves: [],
    ...image,
  };
  const mapping = mapBuild(build, exact ? recordOf(build) : null);
  assert.equal(draw(mapping), expected, JSON.stringify(mapping));
  return mapping;
}

describe('mapLayers', () => {
  const build = recordedBuild('buildx', 'LABEL after RUN');

  test('an image that the record did not make is tied by its history alone, and that is told', () => {
    const layers = build.layers.map((layer) => ({
      ...layer,
      diffId: sha256(layer.diffId),
      blobDigest: null,
    }));
    const mapping = mapBuild(build, recordOf(build), { ...build, layers });
    assert.equal(draw(mapping), 'base 1, -, 1 by history, -, -, 2 by history, -');
    assert.match(mapping.disagreements.join(), /not the one that the recorded build made/);
  });

  test('blobs that the exporter wrote anew do not shake the provenance of the recorded image', () => {
    const layers = build.layers.map((layer) => ({ ...layer, blobDigest: sha256(layer.diffId) }));
    assert.equal(
      draw(mapBuild(build, recordOf(build), { ...build, layers })),
      'base 1, -, 1 by provenance, -, -, 2 by provenance, -',
    );
    // Of an image that is not known to be the recorded one they would prove nothing.
    const unproved = { ...recordOf(build), image: null };
    assert.equal(
      draw(mapBuild(build, unproved, { ...build, layers })),
      'base 1, -, 1 by steps, -, -, 2 by steps, -',
    );
  });

  test('a blob at another place takes the provenance its word', () => {
    const [first, second, third] = build.layers;
    const layers = [
      first!,
      { ...second!, blobDigest: third!.blobDigest },
      { ...third!, blobDigest: second!.blobDigest },
    ];
    assert.match(draw(mapBuild(build, recordOf(build), { ...build, layers })), /1 by steps.*2 by steps/);
  });

  test('provenance of another text counts for nothing', () => {
    const provenance = { ...build.provenance!, dockerfile: 'FROM other\n' };
    assert.match(draw(mapBuild(build, { ...recordOf(build), provenance })), /1 by steps.*2 by steps/);
  });

  test('tells what it was not told', () => {
    const mapping = mapBuild(build, null, { ...build, history: [] });
    assert.equal(draw(mapping), 'base 0, -, -, -, -, -, -, unmapped 0, unmapped 1, unmapped 2');
    assert.equal(mapping.lines[1]!.why, 'The image has no history.');
    assert.match(mapping.unmapped[0]!.why, /Whether it comes from the base is not known/);
  });

  test('without an image there are cache facts alone', () => {
    const mapping = mapLayers(parseDockerfile(build.text), recordOf(build), null, build.choice);
    assert.equal(draw(mapping), 'base 0, -, -, -, -, -, -');
    assert.deepEqual(
      mapping.lines.map(({ cache }) => cache),
      ['not-cacheable', 'miss', 'not-cacheable', 'not-cacheable', 'miss', 'not-cacheable'],
    );
    assert.ok(mapping.lines[1]!.durationMs! > 0);
    assert.deepEqual(cacheTotals(mapping), { cacheable: 2, cached: 0 });
  });

  test('where steps and history speak of different lines, the steps are not followed', () => {
    const engine = recordedBuild('buildkit', 'more than nine steps');
    const history = [...engine.history];
    [history[4], history[5]] = [history[5]!, history[4]!];
    const mapping = mapBuild(engine, recordOf(engine), { ...engine, history });
    assert.match(mapping.disagreements.join(), /name different instructions/);
    assert.equal(mapping.lines.filter(({ evidence }) => evidence === 'steps').length, 9);
    for (const { instruction, layers, evidence } of mapping.lines) {
      if (evidence === 'steps') assert.deepEqual(layers, engine.truth[instruction]);
    }
  });

  test('says which stages are not in the image, and which were not built', () => {
    const stages = recordedBuild(
      'buildx',
      'a stage that does not ship, one that is not built, and a shared beginning',
    );
    const { instructions } = parseDockerfile(stages.text);
    const mapping = mapBuild(stages, recordOf(stages));
    const why = (text: string) => mapping.lines[instructions.find((one) => one.text === text)!.index]!.why;
    assert.match(why('RUN echo built > /work/out')!, /does not ship, and the builder kept no layer/);
    assert.match(why('RUN echo docs > /docs')!, /not built/);
    assert.equal(why('RUN echo last > /last'), null);
  });

  test('a step that was given up tells nothing, one that failed tells its error', () => {
    const text = 'FROM a\nRUN x\nRUN y\n';
    const step = (name: string, more: object) => ({ ...newStep(name), startedMs: 1, ...more });
    const record: BuildRecord = {
      ...recordOf(build),
      text,
      outcome: 'failed',
      provenance: null,
      steps: [
        step('[1/3] FROM a', { durationMs: 1 }),
        step('[2/3] RUN x', { error: 'exit code: 3', durationMs: 5 }),
        step('[3/3] RUN y', { error: 'context canceled' }),
      ],
      failure: { message: 'It failed.', line: 2, lastLines: [], hint: '', code: 'build-failed' },
    };
    const { lines } = mapLayers(parseDockerfile(text), record, null, defaultChoice);
    assert.deepEqual(
      lines.map(({ cache, error }) => [cache, error]),
      [
        ['not-cacheable', null],
        ['miss', 'exit code: 3'],
        ['unknown', null],
      ],
    );
  });
});

describe('history without a record', () => {
  const run = (text: string) => `RUN /bin/sh -c ${text} # buildkit`;
  const three = 'FROM a\nRUN one\nLABEL b=c\nRUN two\n';

  test('ties the whole text from the end', () => {
    checkHistory(
      three,
      'buildkit',
      ['ADD base', run('one'), '-LABEL b=c', run('two')],
      'base 1, -, 1 by history, -, 2 by history',
    );
  });

  test('ties what is certain when lines have come and gone since, and says why not the rest', () => {
    const mapping = checkHistory(
      three,
      'buildkit',
      ['ADD base', run('one'), run('between'), '-LABEL b=c', run('two')],
      'base 0, -, 1 by history, -, 3 by history, unmapped 0, unmapped 2',
    );
    assert.match(mapping.unmapped[1]!.why, /does not fit these lines/);
    checkHistory(
      'FROM a\nRUN x\nRUN x\n',
      'buildkit',
      ['ADD base', run('x'), run('other'), run('x'), run('x')],
      'base 3, -, 3 by history, 4 by history',
    );
    checkHistory(
      'FROM a\nRUN x\nRUN y\n',
      'buildkit',
      ['ADD', run('x'), run('x')],
      'base 0, -, -, -, unmapped 0, unmapped 1, unmapped 2',
    );
  });

  test('with the very text that was built, a line between certain ones has the entry between theirs', () => {
    const odd = ['ADD base', run('one'), 'RUN in a way that no version writes # buildkit', run('three')];
    const text = 'FROM a\nRUN one\nRUN two\nRUN three\n';
    checkHistory(text, 'buildkit', odd, 'base 0, -, 1 by history, -, 3 by history, unmapped 0, unmapped 2');
    checkHistory(text, 'buildkit', odd, 'base 1, -, 1 by history, 2 by order, 3 by history', { exact: true });
  });

  test('leaves an image with more or fewer layers than its history tells of', () => {
    const image = imageOf('buildkit', ['ADD base', run('one')]);
    const extra = { ...image.layers[0]!, index: 2 };
    const mapping = mapLayers(
      parseDockerfile('FROM a\nRUN one\n'),
      null,
      { ...image, layers: [...image.layers, extra] },
      defaultChoice,
    );
    assert.equal(draw(mapping), 'base 0, -, -, unmapped 0, unmapped 1, unmapped 2');
    assert.equal(mapping.lines[1]!.why, 'The history tells of 2 layers, the image has 3.');
  });

  test('the classic builder makes a layer only of what changed', () => {
    const mapping = checkHistory(
      'FROM a\nRUN true\nWORKDIR /b\n',
      'classic',
      ['/bin/sh -c #(nop) ADD file:0 in / ', '-/bin/sh -c true', '/bin/sh -c #(nop) WORKDIR /b'],
      'base 1, -, -, 1 by history',
    );
    assert.match(mapping.lines[1]!.why!, /changed no file/);
  });

  test('says when one layer holds the work of many lines', () => {
    const squashed = imageOf('classic', ['/bin/sh -c #(nop) ADD file:0 in / ', '-/bin/sh -c one', 'x']);
    squashed.history[2] = { ...squashed.history[2]!, createdBy: '', comment: 'merge sha256:1 to sha256:2' };
    const mapping = mapLayers(parseDockerfile('FROM a\nRUN one\n'), null, squashed, defaultChoice);
    assert.equal(draw(mapping), 'base 1, -, -, unmapped 1');
    assert.match(mapping.unmapped[0]!.why, /squashed/);
    const merged = checkHistory(
      'FROM a\nCOPY b /b\nRUN one\nCMD ["c"]\n',
      'buildah',
      ['base', '-/bin/sh -c #(nop) COPY file:0 in /b ', '-/bin/sh -c one', '/bin/sh -c #(nop) CMD ["c"]'],
      'base 0, -, -, -, -, unmapped 0, unmapped 1',
    );
    assert.match(merged.unmapped[1]!.why, /one layer holds the work of all lines/);
  });

  test('scratch has nothing below', () => {
    checkHistory(
      'FROM scratch\nCOPY b /b\n',
      'buildkit',
      ['COPY b /b # buildkit'],
      'base 0, -, 0 by history',
    );
    checkHistory(
      'FROM scratch\nCOPY b /b\n',
      'buildkit',
      ['COPY a /a # buildkit', 'COPY b /b # buildkit'],
      'base 0, -, 1 by history, unmapped 0',
    );
  });

  test('takes any texts and histories', () => {
    for (const text of [
      '',
      'FROM',
      'RUN x',
      'FROM a\nFROM b\n',
      'FROM a AS a\nFROM a\nONBUILD RUN x\n',
      'FROM a\nCOPY --from=5 x y\nWORKDIR\nENV\nARG',
    ]) {
      for (const rules of ['buildkit', 'classic', 'buildah'] as const) {
        const image = imageOf(rules, ['', '-', 'RUN', '|', 'COPY']);
        const mapping = mapLayers(parseDockerfile(text), null, image, defaultChoice);
        assert.equal(mapping.lines.length, parseDockerfile(text).instructions.length);
      }
    }
  });
});
