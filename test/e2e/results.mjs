// What came of the runs: counts, the failures in full, and the last line that scripts/test.mjs reads.
import { existsSync, readFileSync } from 'node:fs';

const ci = process.env.CI === 'true';
const total = { passed: 0, failed: 0, skipped: 0 };

/** Something could not run at all. In CI everything must be there. */
export function skip(what, why) {
  console.log(`SKIPPED  e2e: ${what}: ${why}`);
  if (ci) total.failed++;
  else total.skipped++;
}

export function fail(what, why) {
  total.failed++;
  console.log(`FAILED  e2e ${what}: ${why}`);
}

/** Counts the file that the suite wrote; `ended` is how its VS Code ended. */
export function addResults(what, file, ended) {
  if (!existsSync(file)) return fail(what, `ended with ${ended} before there was a result`);
  const { vscode, node, results } = JSON.parse(readFileSync(file, 'utf8'));
  const count = (outcome) => results.filter((result) => result.outcome === outcome).length;
  for (const { title, outcome, error } of results) {
    if (outcome === 'failed') console.log(`FAILED  e2e ${what}: ${title}\n${error}\n`);
    if (outcome === 'skipped') console.log(`SKIPPED  e2e ${what}: ${title}`);
  }
  total.passed += count('passed');
  total.failed += count('failed');
  total.skipped += count('skipped');
  const seconds = results.reduce((sum, result) => sum + result.ms, 0) / 1000;
  console.log(
    `e2e ${what}: VS Code ${vscode}, Node ${node}, ${count('passed')} passed in ${seconds.toFixed(1)} s`,
  );
}

/** Prints the last line; the exit code. */
export function finish() {
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 ? 1 : 0;
}
