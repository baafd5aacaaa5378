// How texts are put into one shell, read without a parser: a remembered command is not used again after it was replaced.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainFacts } from '../../../server/src/dockerfile/shellPlain';
import { planMerge } from '../../../server/src/rules/mergePlan';

function check(expected: string, ...texts: string[]): void {
  const { joint, head, parts } = planMerge(texts.map(plainFacts), false);
  assert.equal(head, '');
  assert.equal(texts.map((text, i) => parts[i]!.open + text + parts[i]!.close).join(` ${joint} `), expected);
}

test('a command that is run again after it may have been replaced is looked up anew', () => {
  check('( pip install -U pip ) && pip install x', 'pip install -U pip', 'pip install x');
  check('( npm i -g npm@10 ) && npm ci', 'npm i -g npm@10', 'npm ci');
  check('( a ) && cp b /usr/local/bin/a && a', 'a', 'cp b /usr/local/bin/a', 'a');
  check('( pip a ) && apt-get install pip && pip x', 'pip a', 'apt-get install pip', 'pip x');
});

test('anything else goes together as it is', () => {
  check(
    'apt-get update && apt-get install -y git && git clone x',
    'apt-get update',
    'apt-get install -y git',
    'git clone x',
  );
  check('pip install -U pip && make', 'pip install -U pip', 'make');
});
