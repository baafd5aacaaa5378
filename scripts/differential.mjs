// All cases of the differential tests, in which real builders confirm or refute what Strata says: hours, where CI runs a
// sample of minutes. Their figures go into docs/forecast.md and docs/rules.md by hand.
//   npm run test:differential [-- --files PATTERN]
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const files = 'contextIgnore|copySizes|contentKeys|cacheForecast|mergeRuns';
const given = process.argv.slice(2);
const args = [
  '--only',
  'live',
  '--times',
  ...(given.includes('--files') ? [] : ['--files', files]),
  ...given,
];
const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'test.mjs');
const { status } = spawnSync(process.execPath, [script, ...args], {
  stdio: 'inherit',
  env: { ...process.env, STRATA_DIFFERENTIAL: 'all' },
});
process.exit(status ?? 1);
