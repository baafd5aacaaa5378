// Budgets held against measured layers: what counts, where it is shown, and what is never taken for kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from '../../../server/src/analysis/analyze';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import type { BudgetLayer, BudgetSubject } from '../../../server/src/rules/budgetSpenders';
import { type Budgets, checkBudgets, noBudgets } from '../../../server/src/rules/budgets';
import { joinBudgets } from '../../../server/src/rules/readBudgets';

const MB = 1_000_000;

interface Measured {
  /** Layers in order: which line wrote it (0 the base, null none), MB unpacked, MB wasted. */
  layers: [line: number | null, unpacked: number | null, wasted?: number][];
  edited?: number[];
  efficiency?: number;
  image?: null;
}

function subjectOf(text: string, { layers, edited = [], efficiency = 1, image }: Measured): BudgetSubject {
  const dockerfile = parseDockerfile(text);
  const made = layers.map(([line, unpacked, wasted = 0], index) => ({
    line,
    layer: { index, unpackedBytes: unpacked === null ? null : unpacked * MB, wastedBytes: wasted * MB },
  }));
  const of = (line: number | null): BudgetLayer[] =>
    made.filter((one) => one.line === line).map((one) => one.layer);
  const sum = (key: 'unpackedBytes' | 'wastedBytes') =>
    made.some(({ layer }) => layer[key] === null)
      ? null
      : made.reduce((bytes, { layer }) => bytes + (layer[key] ?? 0), 0);
  return {
    image: image === null ? null : {},
    stages: dockerfile.stages.map((stage) => ({
      index: stage.index,
      name: stage.name,
      shipped: stage.index === dockerfile.stages.length - 1,
      base: stage.base,
      instructions: [stage.from, ...stage.instructions].map((index) => {
        const { line } = dockerfile.instructions[index]!;
        const stale = edited.includes(line);
        const own = of(line);
        const standing = stale ? ('stale' as const) : ('measured' as const);
        return { index, line, standing, layers: stale ? [] : own, before: stale ? own : [] };
      }),
    })),
    baseLayers: of(0),
    unmapped: of(null).map((layer) => ({ layer })),
    totals: {
      layers: made.length,
      unpackedBytes: sum('unpackedBytes'),
      wastedBytes: sum('wastedBytes'),
      efficiency,
    },
  };
}

const three = 'FROM debian:12\nRUN one\nCOPY two /\nCMD ["sh"]\n';

function check(text: string, measured: Measured, budgets: Partial<Budgets>, expected: string[]): void {
  const report = checkBudgets(parseDockerfile(text), subjectOf(text, measured), { ...noBudgets, ...budgets });
  const lines = report.findings.map((one) => `${one.line} ${one.rule}: ${one.message}`);
  const states = report.checks
    .filter(({ state }) => state !== 'exceeded')
    .map(({ budget, state, why }) => `${budget} ${state}${why ? `: ${why}` : ''}`);
  assert.deepEqual([...lines, ...states], expected);
  for (const finding of report.findings) {
    assert.equal(finding.severity, 'error');
    assert.match(text.slice(finding.start, finding.end), /^[A-Z]+$/);
  }
}

const sized: Measured = {
  layers: [
    [0, 100],
    [2, 300, 40],
    [3, 12, 2],
  ],
};

test('an image over its budget is shown on the line that adds most', () => {
  check(three, sized, { image: 400 * MB }, [
    '2 ImageBudget: The image has 412 MB unpacked, 12.0 MB over the budget of 400 MB; most: line 2 300 MB, the base image 100 MB, line 3 12.0 MB',
  ]);
});

test('where the base image is most of it, FROM shows it', () => {
  check(
    three,
    {
      layers: [
        [0, 400],
        [2, 3],
      ],
    },
    { image: 1 },
    [
      '1 ImageBudget: The image has 403 MB unpacked, 403 MB over the budget of 1 B; most: the base image 400 MB, line 2 3.00 MB',
    ],
  );
});

test('equal to the limit is kept', () => {
  check(three, sized, { image: 412 * MB, layer: 300 * MB, wasted: 42 * MB, layers: 3, efficiency: 1 }, [
    'image kept',
    'layer kept',
    'wasted kept',
    'layers kept',
    'efficiency kept',
  ]);
});

test('each layer over the budget is shown on its line; the base image is never held against it', () => {
  check(
    three,
    sized,
    { layer: 10 * MB },
    [
      '2 LayerBudget: The layer of this line has 300 MB unpacked, 290 MB over the budget of 10.0 MB; ',
      '3 LayerBudget: The layer of this line has 12.0 MB unpacked, 2.00 MB over the budget of 10.0 MB; ',
    ].map((text) => text.replace(/; $/, '')),
  );
});

test('a comment above a line lifts the budget of its layer, and of nothing else', () => {
  const text = 'FROM debian:12\n# strata: ignore=LayerBudget,ImageBudget\nRUN one\nCOPY two /\n';
  const measured: Measured = {
    layers: [
      [3, 300],
      [4, 12],
    ],
  };
  check(text, measured, { layer: 10 * MB, image: 1 * MB }, [
    '3 ImageBudget: The image has 312 MB unpacked, 311 MB over the budget of 1.00 MB; most: line 3 300 MB, line 4 12.0 MB',
    '4 LayerBudget: The layer of this line has 12.0 MB unpacked, 2.00 MB over the budget of 10.0 MB',
  ]);
  const { findings } = analyze(text);
  assert.deepEqual(
    findings.map(({ message }) => message),
    ['ImageBudget is no rule of Strata'],
  );
});

test('a stage is what its own lines add; one that does not ship is not measured', () => {
  check(
    'FROM debian AS build\nRUN make\nFROM debian AS app\nCOPY --from=build /x /\nRUN two\n',
    {
      layers: [
        [0, 100],
        [4, 30],
        [5, 50],
      ],
    },
    { stage: 60 * MB },
    [
      '5 StageBudget: Stage app adds 80.0 MB unpacked, 20.0 MB over the budget of 60.0 MB; most: line 5 50.0 MB, line 4 30.0 MB',
    ],
  );
});

test('waste is shown on the line whose bytes were wasted', () => {
  check(three, sized, { wasted: 20 * MB }, [
    '2 WasteBudget: The image wastes 42.0 MB, 22.0 MB over the budget of 20.0 MB; most: line 2 40.0 MB, line 3 2.00 MB',
  ]);
});

test('efficiency under the budget is told with enough digits', () => {
  check(three, { ...sized, efficiency: 0.9496 }, { efficiency: 0.95 }, [
    '2 EfficiencyBudget: The image is 94.96% efficient, under the budget of 95%; most: line 2 40.0 MB, line 3 2.00 MB',
  ]);
});

test('too many layers are shown on the line of the newest', () => {
  check(three, sized, { layers: 2 }, ['3 LayersBudget: The image has 3 layers, over the budget of 2']);
});

test('the share of waste leaves the base image out of what it is a share of', () => {
  check(three, sized, { wastedShare: 0.1 }, [
    '2 WasteBudget: The image wastes 13.46% of what lies above its base, over the budget of 10%; most: line 2 40.0 MB, line 3 2.00 MB',
  ]);
});

test('with a base that is not known, the first layer is the base, as dive has it; scratch has none', () => {
  const layers: Measured['layers'] = [
    [2, 50, 10],
    [3, 50],
  ];
  check(three, { layers }, { wastedShare: 0.1 }, [
    '2 WasteBudget: The image wastes 20% of what lies above its base, over the budget of 10%; most: line 2 10.0 MB',
  ]);
  check('FROM scratch\nCOPY a /\nCOPY b /\n', { layers }, { wastedShare: 0.1 }, ['wastedShare kept']);
});

test('an image that is its base alone wastes nothing of its own', () => {
  check('FROM debian\nCMD ["sh"]\n', { layers: [[0, 50, 5]] }, { wastedShare: 0 }, ['wastedShare kept']);
});

test('without a measure nothing is kept', () => {
  check(three, { layers: [], image: null }, { image: 1, layers: 9 }, [
    'image unchecked: nothing is measured',
    'layers unchecked: nothing is measured',
  ]);
});

test('a layer that could not be read keeps no budget of bytes', () => {
  check(
    three,
    {
      layers: [
        [0, 1],
        [2, null],
      ],
    },
    { image: 9 * MB, stage: 9 * MB, layer: 9 * MB },
    [
      'image unchecked: a layer could not be measured',
      'stage unchecked: a layer could not be measured',
      'layer unchecked: a layer could not be measured',
    ],
  );
});

test('a layer of no known line may be the base image’s: it is neither blamed nor taken for kept', () => {
  const why = 'a layer is tied to no line, and may be the base image’s';
  check(
    three,
    {
      layers: [
        [null, 500],
        [3, 2],
      ],
    },
    { layer: 5 * MB, stage: 5 * MB },
    [`stage unchecked: ${why}`, `layer unchecked: ${why}`],
  );
  check(
    three,
    {
      layers: [
        [null, 500],
        [3, 2],
      ],
    },
    { layer: 1 * MB },
    ['3 LayerBudget: The layer of this line has 2.00 MB unpacked, 1.00 MB over the budget of 1.00 MB'],
  );
});

test('a line edited since the build is not blamed for its old layer; the image is told as last built', () => {
  check(three, { ...sized, edited: [2] }, { layer: 10 * MB, image: 400 * MB }, [
    '2 ImageBudget: The image as last built has 412 MB unpacked, 12.0 MB over the budget of 400 MB; most: line 2 300 MB, the base image 100 MB, line 3 12.0 MB',
    '3 LayerBudget: The layer of this line has 12.0 MB unpacked, 2.00 MB over the budget of 10.0 MB',
  ]);
});

test('any text is held against budgets without an error', () => {
  for (const text of ['', '\n', 'RUN', 'FROM', '# c']) {
    const budgets = { ...noBudgets, image: 0, stage: 0, layer: 0, wasted: 0, layers: 0, efficiency: 1 };
    checkBudgets(parseDockerfile(text), subjectOf(text, { layers: [[null, 5, 5]] }), budgets);
  }
});

test('of two limits of one thing the first counts', () => {
  const joined = joinBudgets({ ...noBudgets, image: 1 }, { ...noBudgets, image: 2, layer: 3 });
  assert.deepEqual(joined, { ...noBudgets, image: 1, layer: 3 });
});
