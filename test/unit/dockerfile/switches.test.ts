// When a flag without a text is on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { isOn } from '../../../server/src/dockerfile/switches';

function check(line: string, name: string, expected: boolean, usual?: boolean): void {
  const instruction = parseDockerfile(`FROM scratch\n${line}\n`).instructions[1]!;
  assert.equal(isOn(instruction, name, usual), expected, line);
}

test('a bare flag is on, and false in any case turns it off', () => {
  check('COPY --link a /b', 'link', true);
  check('COPY --link=true a /b', 'link', true);
  check('COPY --link=false a /b', 'link', false);
  check('COPY --link=False a /b', 'link', false);
});

test('a flag that does not stand there is as usual', () => {
  check('COPY a /b', 'link', false);
  check('ADD a /b', 'unpack', true, true);
  check('ADD --unpack=false a /b', 'unpack', false, true);
});
