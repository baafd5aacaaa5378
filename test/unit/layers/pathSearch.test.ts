import assert from 'node:assert/strict';
import { test } from 'node:test';
import { searchPaths } from '../../../server/src/layers/pathSearch';
import { atOnce } from '../../../server/src/layers/steps';
import { layerIndexes } from '../../support/layerIndexes';

const layers = [
  { 'etc/passwd': 'a', 'etc/pass.d/x': 'b', 'usr/lib/PASSWORDS': 'c', 'usr/bin/x': 'd' },
  { 'etc/.wh.passwd': '', 'opt/passwd/deep/x': 'e' },
];

async function checkSearch(text: string, expected: string[], limit = 10): Promise<void> {
  assert.deepEqual(atOnce(searchPaths(await layerIndexes(layers), text, limit)), expected, text);
}

test('paths are found by name, the closest first, deleted ones among them', async () => {
  await checkSearch('passwd', ['etc/passwd', 'opt/passwd']);
  await checkSearch('pass', ['etc/pass.d', 'etc/passwd', 'opt/passwd', 'usr/lib/PASSWORDS']);
  await checkSearch('word', ['usr/lib/PASSWORDS']);
  await checkSearch('pass', ['etc/pass.d'], 1);
});

test('a text with slashes is the end of a folder and the beginning of a name', async () => {
  await checkSearch('etc/pass', ['etc/pass.d', 'etc/passwd']);
  await checkSearch('/etc/passwd', ['etc/passwd']);
  await checkSearch('pass.d/', ['etc/pass.d/x']);
  await checkSearch('tc/passwd', []);
});

test('nothing is found of what is not there', async () => {
  await checkSearch('nowhere', []);
  assert.deepEqual(atOnce(searchPaths([], 'x', 5)), []);
});
