// What docs/ci.md shows is what there is: its strata.yaml is read without a problem, its commands have those flags, its
// tables name each budget and format.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { budgetRules } from '../../server/src/rules/budgets';
import { cliFolder } from '../support/cliRun';

const root = process.env.STRATA_ROOT ?? process.cwd();
const page = readFileSync(path.join(root, 'docs/ci.md'), 'utf8');
const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
const at = cliFolder();
after(() => at.remove());

test('the strata.yaml of the page is read, and sets every budget', () => {
  at.write('Dockerfile', 'FROM a\n');
  at.write('strata.yaml', blocks[0]!);
  const run = at.strata('check', '--format', 'json');
  assert.equal(run.code, 3, run.stderr);
  const { budgets } = JSON.parse(run.stdout) as { budgets: { budget: string }[] };
  assert.deepEqual(
    budgets.map(({ budget }) => budget),
    Object.keys(budgetRules),
  );
});

test('the pipelines are YAML, and their commands have the flags that they use', () => {
  assert.equal(blocks.length, 3);
  for (const block of blocks) assert.equal(typeof parse(block), 'object');
  at.write('strata.yaml', '');
  const commands = [...page.matchAll(/\bstrata (check|fix)((?: (?:--[a-z-]+|[\w.:/-]+))*)/g)];
  assert.ok(commands.length >= 8);
  for (const [, name, words] of commands) {
    const args = words!.trim().split(' ').filter(Boolean);
    const image = args.indexOf('--image');
    if (image >= 0) args[image + 1] = 'oci:nowhere';
    const { code, stderr } = at.strata(name!, ...args);
    assert.notEqual(code, 2, `${name}${words}: ${stderr}`);
    assert.notEqual(code, 70, `${name}${words}: ${stderr}`);
  }
});

test('each budget and its finding, each format and exit code has its row', () => {
  for (const [budget, rule] of Object.entries(budgetRules)) {
    assert.match(page, new RegExp(`^\\| \`${budget}\` \\|.*\\| \`${rule}\` \\|$`, 'm'));
  }
  for (const format of ['text', 'json', 'sarif', 'github', 'gitlab', 'markdown']) {
    assert.match(page, new RegExp(`^\\| \`${format}\` \\|`, 'm'));
  }
});
