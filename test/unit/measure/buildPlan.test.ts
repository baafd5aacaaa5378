// The context of a build, as a record keeps it and gives it back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextToRecord, recordedContext } from '../../../server/src/measure/buildPlan';
import { sampleRecord } from '../build/sampleRecord';

const dockerfile = '/w/a/b/c/Dockerfile';

function recorded(context: string | null): string {
  const cache = { noCache: false, extraArguments: [], bases: [], contents: [], context };
  return recordedContext(dockerfile, sampleRecord({ cache }));
}

test('a context comes back from its record', () => {
  for (const context of ['/w/a/b/c', '/w/a/b/c/x', '/w/a/b', '/w', '/w/a/other']) {
    assert.equal(recorded(contextToRecord(dockerfile, context)), context);
  }
  assert.equal(contextToRecord(dockerfile, '/w/a/b/c'), null);
  assert.equal(contextToRecord(dockerfile, 'https://example.org/x.git'), null);
});

test('a record cannot send us through the whole disk', () => {
  for (const way of ['../../../..', '/etc', '../../../../etc', 'x/../../../../..']) {
    assert.equal(recorded(way), '/w/a/b/c', way);
  }
  assert.equal(recordedContext('/Dockerfile', sampleRecord()), '/');
  assert.equal(recordedContext(dockerfile, null), '/w/a/b/c');
});
