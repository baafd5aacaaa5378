// docs/builders.md holds the table that the code holds. STRATA_UPDATE=1 writes it anew.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { capabilities, capabilityTable } from '../../../server/src/build/capabilities';

const file = path.join(process.env.STRATA_ROOT ?? process.cwd(), 'docs', 'builders.md');
const table = /(<!-- capabilities -->\n)[\s\S]*?(<!-- end -->)/;

test('docs/builders.md has the table of build/capabilities.ts', () => {
  const text = fs.readFileSync(file, 'utf8');
  assert.match(text, table);
  const expected = text.replace(table, (_, before, after) => `${before}${capabilityTable()}\n${after}`);
  if (process.env.STRATA_UPDATE === '1') fs.writeFileSync(file, expected);
  else assert.equal(text, expected, 'write it anew with STRATA_UPDATE=1');
});

test('each kind of builder and each set of rules has a row, and no cell is empty', () => {
  assert.deepEqual([...new Set(capabilities.map(({ kind }) => kind))].sort(), [
    'buildah',
    'buildx',
    'docker',
    'podman',
  ]);
  assert.deepEqual([...new Set(capabilities.map(({ rules }) => rules))].sort(), [
    'buildah',
    'buildkit',
    'classic',
  ]);
  for (const row of capabilities)
    assert.ok(
      Object.values(row).every((cell) => cell !== ''),
      row.name,
    );
});
