// Steps are drawn as BuildKit prints them; below each line of the Dockerfile stand the numbers of its steps.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newStep } from '../../../server/src/build/stepName';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { stepsOfLines, tieSteps } from '../../../server/src/mapping/lineSteps';

/** `#= 2` below a line names the places of its steps in the list, from 1; a line without a mark has none. */
function checkSteps(text: string, names: string[], options: { running?: boolean; platform?: string } = {}) {
  const dockerfile = parseDockerfile(text);
  const choice = { ...defaultChoice, platform: options.platform ?? null };
  const steps = names.map((name) => newStep(name));
  const found = tieSteps(dockerfile, steps, 'buildkit', choice, !options.running);
  if (options.running && !options.platform) {
    assert.deepEqual(stepsOfLines(dockerfile, steps, 'buildkit'), found.steps);
  }
  const lines = text.split('\n');
  const told = dockerfile.instructions.map(({ index, text: own }) => {
    const numbers = (found.steps.get(index) ?? []).map((step) => steps.indexOf(step) + 1);
    return `${own}: ${numbers.sort((a, b) => a - b).join()}`;
  });
  const expected = dockerfile.instructions.map(({ text: own, endLine }) => {
    return `${own}: ${/^#= (.*)$/.exec(lines[endLine] ?? '')?.[1] ?? ''}`;
  });
  assert.deepEqual(told, expected, JSON.stringify([...found.stages.values()].map(({ why }) => why)));
}

describe('stepsOfLines', () => {
  test('counts FROM and the lines that make files', () => {
    checkSteps('FROM a\n#= 1\nENV B=1\nRUN x\n#= 2\nLABEL c=d\nCOPY y /\n#= 3\nWORKDIR /z\n#= 4\n', [
      '[1/4] FROM docker.io/library/a@sha256:0',
      '[2/4] RUN x',
      '[3/4] COPY y /',
      '[4/4] WORKDIR /z',
    ]);
  });

  test('WORKDIR / counts in the total and has no step', () => {
    checkSteps('FROM a\n#= 1\nWORKDIR /\nRUN x\n#= 2\n', ['[1/3] FROM a', '[2/3] RUN x']);
    checkSteps('FROM scratch\nWORKDIR /\nCOPY x /\n#= 1\n', ['[1/2] COPY x /']);
  });

  test('lets the steps tell which WORKDIR is on /', () => {
    checkSteps('FROM a\n#= 1\nWORKDIR $TOP\nRUN x\n#= 2\nWORKDIR $DIR\n#= 3\n', [
      '[1/4] FROM a',
      '[2/4] RUN x',
      '[3/4] WORKDIR /dir',
    ]);
    // One of the two has a step, and nothing tells which.
    checkSteps('FROM a\nWORKDIR $TOP\nWORKDIR $DIR\nRUN x\n', [
      '[1/4] FROM a',
      '[2/4] WORKDIR /dir',
      '[3/4] RUN x',
    ]);
  });

  test('knows stages by name, by index, and the only one without', () => {
    const text = 'FROM a AS one\n#= 1\nRUN x\n#= 2\nFROM b\n#= 3\nCOPY --from=one y /\n#= 4\n';
    const names = [
      '[one 1/2] FROM a',
      '[one 2/2] RUN x',
      '[stage-1 1/2] FROM b',
      '[stage-1 2/2] COPY --from=one y /',
    ];
    checkSteps(text, names);
    checkSteps('FROM a AS only\n#= 1\nRUN x\n#= 2\n', ['[1/2] FROM a', '[2/2] RUN x']);
    // `COPY --from=image` makes BuildKit count a second one; that image's own step has no number.
    checkSteps('FROM a\n#= 1\nCOPY --from=b y /\n#= 3\n', [
      '[stage-0 1/2] FROM a',
      'FROM b',
      '[stage-0 2/2] COPY --from=b y /',
    ]);
    checkSteps('FROM a\nRUN x\n#= 2\nCOPY --from=a y /\n#= 3\n', [
      'FROM a',
      '[stage-0 2/3] RUN x',
      '[stage-0 3/3] COPY --from=a y /',
    ]);
  });

  test('a named context has no numbered FROM', () => {
    checkSteps('FROM a\nRUN x\n#= 2\nRUN x\n#= 3\n', [
      '[context a] OCI load from client',
      '[1/3] RUN x',
      '[2/3] RUN x',
    ]);
  });

  test('puts the triggers of a base under its FROM, marked or not', () => {
    checkSteps('FROM a\n#= 1,2,3\nRUN x\n#= 4\n', [
      '[1/5] FROM a',
      '[2/5] ONBUILD RUN t',
      '[3/5] ONBUILD COPY u /',
      '[4/5] RUN x',
    ]);
    // BuildKit 0.8: neither marked nor counted.
    checkSteps('FROM a\n#= 1,2\nRUN x\n#= 3\n', ['[1/2] FROM a', '[2/2] RUN t', '[3/2] RUN x']);
    checkSteps('FROM a\n#= 1,2\nRUN x\n#= 3\nRUN x\n#= 4\n', [
      '[1/3] FROM a',
      '[2/3] RUN x',
      '[3/3] RUN x',
      '[4/3] RUN x',
    ]);
  });

  test('takes both steps of COPY --link', () => {
    checkSteps('FROM a\n#= 1\nCOPY --link x /\n#= 2,3\n', [
      '[1/2] FROM a',
      '[2/2] COPY --link x /',
      '[2/2] LINK COPY --link x /',
    ]);
  });

  test('lets stages that begin alike share the steps that bear the name of one', () => {
    checkSteps(
      'FROM a AS one\n#= 1\nENV A=1\nWORKDIR /w\n#= 2\nRUN x\n#= 3\nFROM a AS two\n#= 1\nWORKDIR /w\n#= 2\nCOPY --from=one y /\n#= 4\n',
      ['[one 1/3] FROM a', '[one 2/3] WORKDIR /w', '[one 3/3] RUN x', '[two 3/3] COPY --from=one y /'],
    );
    // While it builds, a step that is not named yet may still come.
    checkSteps(
      'FROM a AS one\n#= 1\nENV A=1\nWORKDIR /w\n#= 2\nFROM a AS two\n#= 1\nWORKDIR /w\nCOPY --from=one y /\n',
      ['[one 1/2] FROM a', '[one 2/2] WORKDIR /w'],
      { running: true },
    );
  });

  test('ties what has started while it builds', () => {
    checkSteps('FROM a\n#= 1\nRUN x\n#= 2\nRUN x\n', ['[1/3] FROM a', '[2/3] RUN x'], { running: true });
    checkSteps('FROM a\nRUN x\nRUN y\n', ['[internal] load build definition from Dockerfile'], {
      running: true,
    });
  });

  test('reads names with variables, quotes and cuts', () => {
    checkSteps(
      'FROM a\n#= 1\nRUN echo "$A" && \\\n  x\n#= 2\nCOPY "b c" ${D:-/e}/f\n#= 3\nRUN <<EOF\nset -e\nEOF\n#= 4\n',
      ['[1/4] FROM a', '[2/4] RUN echo "1" &&   x', '[3/4] COPY b c /e/f', '[4/4] RUN <<EOF (set -e)'],
    );
    checkSteps('FROM a\n#= 1\nRUN echo a very long line\n#= 2\n', [
      '[1/2] FROM a',
      '[2/2] RUN echo a very...',
    ]);
  });

  test('leaves open what does not fit', () => {
    checkSteps('FROM a\nRUN x\n', ['[1/2] FROM a', '[2/2] RUN other']);
    checkSteps('FROM a\nRUN x\nRUN x\nRUN x\n', ['[2/4] RUN x', '[3/4] RUN x']);
    checkSteps('FROM a AS x\nRUN y\nFROM x AS x\nRUN y\n', [
      '[x 1/2] FROM a',
      '[x 2/2] RUN y',
      '[x 1/1] RUN y',
    ]);
    checkSteps('FROM a\nRUN x\n', ['[1/3] FROM a', '[2/3] RUN x', '[3/3] RUN y']);
  });

  test('takes the steps of one platform', () => {
    checkSteps(
      'FROM a\n#= 1\nRUN x\n#= 3\n',
      ['[linux/amd64 1/2] FROM a', '[linux/arm64 2/2] RUN x', '[linux/amd64 2/2] RUN x'],
      { platform: 'linux/amd64' },
    );
  });
});

describe('steps of the classic builder', () => {
  function checkClassic(text: string, steps: string[], result: (number[] | null)[]) {
    const dockerfile = parseDockerfile(text);
    const all = steps.map((line) => {
      const [, number, total, name = line] = /^Step (\d+)\/(\d+) : (.*)$/.exec(line) ?? [];
      const step = { ...newStep(name), onBuild: number === undefined };
      const keyword = number === undefined ? null : name.split(' ')[0]!.toUpperCase();
      return {
        ...step,
        keyword,
        number: number ? Number(number) : null,
        total: total ? Number(total) : null,
      };
    });
    const found = tieSteps(dockerfile, all, 'classic', defaultChoice, true).steps;
    const told = dockerfile.instructions.map(
      ({ index }) => found.get(index)?.map((step) => all.indexOf(step)) ?? null,
    );
    assert.deepEqual(told, result);
  }

  test('count all instructions up to the target', () => {
    const text = 'ARG A\nFROM a AS b\nRUN x\nFROM b\nLABEL c=d\n';
    const steps = [
      'Step 1/5 : ARG A',
      'Step 2/5 : FROM a AS b',
      'Step 3/5 : RUN x',
      'Step 4/5 : FROM b',
      'Step 5/5 : LABEL c=d',
    ];
    checkClassic(text, steps, [[0], [1], [2], [3], [4]]);
    checkClassic(
      text,
      steps.slice(0, 3).map((step) => step.replace('/5', '/3')),
      [[0], [1], [2], null, null],
    );
  });

  test('triggers are under their FROM, labels of the command line under nothing', () => {
    checkClassic(
      'FROM a\nRUN x\n',
      [
        'Step 1/4 : FROM a',
        '# Executing 2 build triggers',
        'Step 2/4 : RUN x',
        'Step 3/4 : LABEL l=1',
        'Step 4/4 : LABEL m=2',
      ],
      [[0, 1], [2]],
    );
  });

  test('of another text tie nothing', () => {
    checkClassic('FROM a\nRUN x\n', ['Step 1/2 : FROM a', 'Step 2/2 : COPY y /'], [null, null]);
    checkClassic('FROM a\nRUN x\n', ['Step 1/1 : FROM a'], [null, null]);
  });
});
