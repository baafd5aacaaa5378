import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fuzzOne } from '../../support/fuzz';

const seeds = JSON.parse(
  readFileSync(path.join(process.env.STRATA_ROOT ?? '', 'test/fixtures/fuzz/seeds.json'), 'utf8'),
) as { found: number[]; kept: number[] };

for (const seed of [...seeds.found, ...seeds.kept]) {
  test(`the changes of seed ${seed} are refused or measured, and leave nothing behind`, async () => {
    assert.equal(await fuzzOne(seed), null);
  });
}

test('so are those of a thousand seeds in a row', async () => {
  for (let seed = 100_000; seed < 101_000; seed++) assert.equal(await fuzzOne(seed), null, `seed ${seed}`);
});
