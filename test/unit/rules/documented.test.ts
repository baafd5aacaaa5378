// Each rule has a section in docs/rules.md, with its name as the anchor and its severity, and a setting.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { allRules } from '../../../server/src/rules/all';

const root = process.env.STRATA_ROOT ?? process.cwd();
const sections = readFileSync(path.join(root, 'docs/rules.md'), 'utf8').split(/^## /m).slice(1);

test('docs/rules.md has a section for each rule, and for nothing else', () => {
  assert.deepEqual(
    sections.map((section) => section.split('\n')[0]!).sort(),
    allRules.map(({ name }) => name).sort(),
  );
});

test('each section tells the severity', () => {
  for (const { name, severity } of allRules) {
    const section = sections.find((one) => one.startsWith(`${name}\n`))!;
    assert.match(section, new RegExp(`^Severity: ${severity}\\b`, 'm'), name);
  }
});

test('the setting strata.rules offers each rule by name', () => {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    contributes: { configuration: { properties: Record<string, { propertyNames?: { enum: string[] } }> }[] };
  };
  const setting = manifest.contributes.configuration.flatMap(
    ({ properties }) => properties['strata.rules'] ?? [],
  );
  assert.deepEqual(setting[0]?.propertyNames?.enum.sort(), allRules.map(({ name }) => name).sort());
});
