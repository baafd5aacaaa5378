// What was chosen to build is kept per Dockerfile, the newest 200.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BuildChoices, buildParams, nothingChosen } from '../../../client/src/buildChoices';

/** A Memento of VS Code: JSON in, JSON out. */
function memory(kept: Record<string, unknown> = {}) {
  return {
    keys: () => Object.keys(kept),
    get: <T>(key: string, absent?: T) =>
      (kept[key] === undefined ? absent : JSON.parse(JSON.stringify(kept[key]))) as T,
    update: async (key: string, value: unknown) => {
      kept[key] = value;
    },
  };
}

const web = { source: 'compose', file: '/w/compose.yaml', name: 'web' } as const;

test('a choice comes back for its own Dockerfile', async () => {
  const choices = new BuildChoices(memory());
  assert.equal(choices.of('file:///w/Dockerfile'), null);
  await choices.remember('file:///w/Dockerfile', { ...nothingChosen, declared: web, buildArgs: { A: '1' } });
  await choices.remember('file:///w/other', nothingChosen);
  const settings = choices.of('file:///w/Dockerfile')!;
  assert.deepEqual(buildParams('file:///w/Dockerfile', settings), {
    ...{ uri: 'file:///w/Dockerfile', declared: web, target: null, platform: null, buildArgs: { A: '1' } },
    ...{ context: null, noCache: false },
  });
});

test('the oldest goes, and what was spoilt is nothing', async () => {
  const choices = new BuildChoices(memory());
  for (let i = 0; i <= 200; i++) await choices.remember(`file:///${i}`, nothingChosen);
  assert.deepEqual([choices.of('file:///0'), choices.of('file:///1')], [null, nothingChosen]);
  assert.equal(new BuildChoices(memory({ 'strata.buildSettings': 'x' })).of('file:///0'), null);
});
