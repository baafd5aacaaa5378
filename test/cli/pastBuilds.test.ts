// What `strata check` and `strata fix` make of several recorded builds of a Dockerfile.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createRecordStore } from '../../server/src/build/records';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { sha256 } from '../../server/src/primitives/digest';
import { cliFolder } from '../support/cliRun';
import { type PastLiteral, recordsOf } from '../support/recordedBuilds';

const at = cliFolder();
after(() => at.remove());

const text = 'FROM base:1\nWORKDIR /app\nCOPY . src\nRUN make\n';
const builds = Array.from({ length: 7 }, (_, n): PastLiteral => {
  const ran: Record<number, number> = { 3: 10, 4: 6_000 };
  const moves = n < 6 ? 'first' : 'second';
  return {
    ...{ text, files: { 3: String(Math.min(n, 5)) }, bases: { 'base:1': moves } },
    ran: n === 0 || n === 6 ? { ...ran, 2: 5 } : ran,
  };
});

before(async () => {
  const file = at.write('app/Dockerfile', text);
  const store = createRecordStore(createNodeHost(), path.join(at.folder, 'cache'));
  for (const record of recordsOf(builds)) await store.add(file, record);
});

test('check tells what they have in common', () => {
  const { code, stdout, stderr } = at.strata('check', 'app/Dockerfile');
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    stdout.split('\n').filter((line) => line.startsWith('app/')),
    [
      'app/Dockerfile:1: info: base:1 moved once in the last 6 builds; steps of 6.0 s ran again then [MutableBaseTag]',
      'app/Dockerfile:3: hint: missed the cache in 5 of the last 6 builds, as its files changed; what ran again below it took 6.0 s on average [OftenMisses]',
    ],
  );
});

test('fix pins the base only when it is asked for what is to be looked at', () => {
  assert.equal(at.strata('fix', 'app/Dockerfile').stdout, text);
  const { stdout, stderr } = at.strata('fix', 'app/Dockerfile', '--review', '--rule', 'MutableBaseTag');
  assert.equal(stdout, text.replace('base:1', `base:1@${sha256('base:1 second')}`));
  assert.match(
    stderr,
    /Pin base:1 to the image of the last build \[MutableBaseTag\]\n {2}look at: The base then/,
  );
});
