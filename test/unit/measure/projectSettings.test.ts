// strata.yaml and .dive-ci: where they are looked for, what their words mean, and what is said of those that mean nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readProjectSettings } from '../../../server/src/measure/projectSettings';
import { type Budgets, noBudgets } from '../../../server/src/rules/budgets';
import { memoryHost } from '../../support/memoryHost';

async function settingsOf(
  files: Record<string, string>,
  dockerfile = '/repo/app/Dockerfile',
  within?: string,
) {
  return readProjectSettings(memoryHost({ files: { '/repo/.git': 'x', ...files } }), dockerfile, within);
}

async function check(yaml: string, budgets: Partial<Budgets>, ...problems: string[]): Promise<void> {
  const settings = await settingsOf({ '/repo/strata.yaml': yaml });
  assert.deepEqual(settings.budgets, { ...noBudgets, ...budgets });
  assert.deepEqual(
    settings.problems.map(({ line, message }) => `${line}: ${message}`),
    problems,
  );
}

test('budgets are sizes, counts and shares', async () => {
  await check(
    `# what we allow
budgets:
  image: 400MB
  stage: 1.5 GiB
  layer: 150000000
  wasted: 20 MB
  layers: 30
  efficiency: 0.95
  wastedShare: 10%
`,
    {
      image: 400_000_000,
      stage: 1_610_612_736,
      layer: 150_000_000,
      wasted: 20_000_000,
      layers: 30,
      efficiency: 0.95,
      wastedShare: 0.1,
    },
  );
});

test('a budget without a value, and a file without any, limit nothing', async () => {
  await check('budgets:\n  image:\n  layer: ~\n', {});
  await check('budgets:\n', {});
  await check('', {});
  await check('# nothing yet\n', {});
});

test('an anchor stands for its value', async () => {
  await check('budgets:\n  image: &size 5MB\n  layer: *size\n', { image: 5_000_000, layer: 5_000_000 });
});

test('an unknown name is told with its line, and the others count', async () => {
  const names = 'image, stage, layer, wasted, layers, efficiency, wastedShare';
  await check(
    'budgets:\n  imgae: 1MB\n  layer: 2MB\n',
    { layer: 2_000_000 },
    `2: 'imgae' is no budget; there are ${names}`,
  );
  await check('budget:\n  image: 1MB\n', {}, "1: 'budget' is no setting; there are budgets, rules, failOn");
});

test('a value that is none is told with its line', async () => {
  await check(
    'budgets:\n  image: large\n  layers: 1.5\n  efficiency: 95\n  wasted: [1]\n  layer: true\n',
    {},
    "2: image takes a size such as 200MB or 1.5 GiB, not 'large'",
    "3: layers takes a whole number, not '1.5'",
    "4: efficiency takes a share such as 0.95 or 95%, not '95'",
    "5: wasted takes a size such as 200MB or 1.5 GiB, not 'a group'",
    "6: layer takes a size such as 200MB or 1.5 GiB, not 'true'",
  );
  await check('budgets: 5\n', {}, '1: budgets takes names and limits below it');
  await check('- budgets\n', {}, '1: it is no mapping of names to values');
});

test('what is no YAML is told with its line', async () => {
  const { problems } = await settingsOf({ '/repo/strata.yaml': 'budgets:\n  image: "1MB\n' });
  assert.equal(problems.length, 1);
  assert.match(problems[0]!.message, /^it is no YAML: /);
  assert.ok(problems[0]!.fatal);
});

test('rules are switched off by name, and the threshold can be set', async () => {
  const settings = await settingsOf({
    '/repo/strata.yaml': `failOn: warning
rules:
  MergeConsecutiveRuns: off
  MissingLineContinuation: on
`,
  });
  assert.deepEqual([...settings.rulesOff], ['MergeConsecutiveRuns']);
  assert.equal(settings.failOn, 'warning');
  assert.deepEqual(settings.problems, []);
});

test('a rule that is none, and a word that is neither on nor off, are told with their lines', async () => {
  await check(
    'rules:\n  MergeRuns: off\n  MergeConsecutiveRuns: maybe\nfailOn: hint\n',
    {},
    "2: 'MergeRuns' is no rule of Strata",
    '3: MergeConsecutiveRuns is on or off',
    '4: failOn is one of error, warning, info',
  );
});

test('the nearest folder counts alone, and none above the repository', async () => {
  const near = await settingsOf({
    '/repo/app/strata.yaml': 'budgets: { image: 1MB }',
    '/repo/strata.yaml': 'budgets: { layer: 2MB }',
  });
  assert.deepEqual(near.budgets, { ...noBudgets, image: 1_000_000 });
  assert.deepEqual((await settingsOf({ '/strata.yaml': 'budgets: { image: 1MB }' })).files, []);
});

test('outside of a repository only the Dockerfile’s folder counts, or those up to the working directory', async () => {
  const files = { '/w/strata.yaml': 'budgets: { image: 1MB }', '/strata.yaml': 'budgets: { image: 9MB }' };
  const read = async (within?: string) => (await settingsOf(files, '/w/docker/Dockerfile', within)).files;
  assert.deepEqual(await read(), []);
  assert.deepEqual(await read('/w'), ['/w/strata.yaml']);
  assert.deepEqual(await read('/elsewhere'), []);
});

test('the thresholds of dive are read, and strata.yaml wins where both limit the same', async () => {
  const dive = `rules:
  # a ratio between 0-1
  lowestEfficiency: 0.95
  highestWastedBytes: 20MB
  highestUserWastedPercent: "0.20"
`;
  const alone = await settingsOf({ '/repo/.dive-ci': dive });
  assert.deepEqual(alone.budgets, {
    ...noBudgets,
    efficiency: 0.95,
    wasted: 20_000_000,
    wastedShare: 0.2,
  });
  const both = await settingsOf({ '/repo/.dive-ci': dive, '/repo/strata.yaml': 'budgets: { wasted: 1MB }' });
  assert.equal(both.budgets.wasted, 1_000_000);
  assert.equal(both.budgets.efficiency, 0.95);
});

test('a threshold that dive has disabled is none; one that cannot be read is told', async () => {
  const { budgets, problems } = await settingsOf({
    '/repo/.dive-ci': 'rules:\n  highestWastedBytes: disabled\n  lowestEfficiency: high\n  another: 1\n',
  });
  assert.deepEqual(budgets, noBudgets);
  assert.deepEqual(
    problems.map(({ line, fatal }) => [line, fatal]),
    [
      [3, true],
      [4, false],
    ],
  );
});

test('a hostile file ends in a message: too large, too deep, aliases by the thousand', async () => {
  const first = async (text: string) =>
    (await settingsOf({ '/repo/strata.yaml': text })).problems[0]?.message;
  assert.match((await first(`#${'x'.repeat(70_000)}`)) ?? '', /more than 16384 bytes/);
  for (const deep of ['[', '{', '? ', '- ', '{a: [']) {
    assert.ok(await first(deep.repeat(16_000 / deep.length)), deep);
  }
  const bomb = 'a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nbudgets: *b\n';
  assert.match((await first(bomb)) ?? '', /no setting/);
  const keys = Array.from({ length: 1000 }, (_, i) => `k${i}: *a`).join(', ');
  assert.match((await first(`budgets: &a { ${keys} }`)) ?? '', /'k0' is no budget/);
});

test('a file that is refused is told, not taken for absent', async () => {
  const { StrataError } = await import('../../../server/src/primitives/errors');
  const host = memoryHost({
    files: { '/repo/.git': 'x', '/repo/strata.yaml': 'budgets: {}' },
    refuse: (operation) => (operation === 'open' ? new StrataError('unreadable', 'No.') : null),
  });
  const { problems } = await readProjectSettings(host, '/repo/Dockerfile');
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['it cannot be read'],
  );
});
