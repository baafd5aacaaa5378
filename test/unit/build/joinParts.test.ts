// Several sources of one build become one record: who is believed for what, and which cannot be of one build.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importLog } from '../../../server/src/build/importLog';
import { importMetadata } from '../../../server/src/build/importMetadata';
import { type GivenText, joinParts } from '../../../server/src/build/joinParts';
import { readBuildRecord } from '../../../server/src/build/validate';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { readFixture } from '../../support/fixtures';

const text = readFixture('builds/context/Dockerfile');
const given: GivenText = {
  text: `${text}# edited since\n`,
  name: 'Dockerfile',
  choice: null,
  nowMs: Date.UTC(2026, 0, 3),
  hostPlatform: 'linux/amd64',
};

const metadata = (name = 'builds/buildx-metadata.json') =>
  importMetadata(readFixture(name), 'meta.json', { hostPlatform: 'linux/amd64' });
const log = (name: string, dockerfile = text) =>
  importLog(readFixture(name), 'ci.log', {
    dockerfile: parseDockerfile(dockerfile),
    dockerfileName: 'Dockerfile',
    writtenMs: given.nowMs,
  });

test('the provenance has the text, the log has the steps', () => {
  const { record, hasOwnText } = joinParts([log('builds/buildx-rawjson.jsonl'), metadata()], given);
  assert.equal(record.text, text);
  assert.equal(hasOwnText, true);
  assert.ok(record.provenance && record.steps.length > 10);
  assert.equal(record.outcome, 'built');
  assert.match(record.note!, /^Imported from meta\.json and ci\.log\./);
});

test('a record that is written is read again', () => {
  for (const parts of [
    [metadata()],
    [log('builds/buildx-plain.txt')],
    [log('builds/buildx-plain-fail.txt')],
  ]) {
    const { record } = joinParts(parts, given);
    const read = readBuildRecord(JSON.parse(JSON.stringify(record)));
    assert.deepEqual(
      [read?.id, read?.note, read?.steps.length],
      [record.id, record.note, record.steps.length],
    );
  }
});

test('a log alone is of the text that is given', () => {
  const { record, hasOwnText } = joinParts([log('builds/buildx-plain.txt')], given);
  assert.equal(record.text, given.text);
  assert.equal(hasOwnText, false);
});

test('sources of different images are no build', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const other = log('builds/buildx-plain.txt');
  const strange = { ...other, image: { ...other.image, ids: [digest] } };
  assert.throws(() => joinParts([metadata(), strange], given), /not of the same build/);
});

test('a failed build tells its line only where the text is the one that the builder read', () => {
  const failing = readFixture('builds/context/Dockerfile.fail');
  const at = (own: string) =>
    joinParts([log('builds/buildx-plain-fail.txt', own)], { ...given, text: own, name: 'Dockerfile.fail' })
      .record.failure;
  const line = failing.split('\n').findIndex((one) => one.startsWith('RUN echo before')) + 1;
  assert.equal(at(failing)?.line, line);
  assert.equal(at(`# one line more\n${failing}`)?.line, null);
  assert.match(at(failing)!.message, /exit code 3/);
});

test('of several platforms in a log, this machine’s is looked at', () => {
  const bake = importLog(readFixture('imports/bake.log'), 'ci.log', {
    dockerfile: parseDockerfile(readFixture('imports/Dockerfile')),
    dockerfileName: 'Dockerfile',
    bakeTarget: 'b',
    writtenMs: given.nowMs,
  });
  const { record } = joinParts([bake], { ...given, hostPlatform: 'linux/arm64' });
  assert.equal(record.choice.platform, 'linux/arm64');
  assert.match(record.note!, /built for linux\/arm64, linux\/amd64; this is linux\/arm64/);
});
