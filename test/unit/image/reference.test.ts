import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesImage, parseReference, pathCandidates } from '../../../server/src/image/reference';

test('transports are told from names and paths', () => {
  const cases: [string, string][] = [
    ['docker-archive:app.tar', 'file docker-archive app.tar'],
    ['oci:dir', 'file oci dir'],
    ['oci-archive:a/b.tar:app:1', 'file oci-archive a/b.tar:app:1'],
    ['docker-daemon:app:1', 'engine docker-daemon app:1'],
    ['containers-storage:app', 'engine containers-storage app'],
    ['docker://registry.example/app:1', 'engine docker registry.example/app:1'],
    ['docker:dind', 'bare name'],
    ['app', 'bare name'],
    ['localhost:5000/app:1', 'bare name'],
    ['./app.tar', 'bare path'],
    ['/tmp/x', 'bare path'],
    ['C:\\images\\x', 'bare path'],
    ['app.tar.gz', 'bare path'],
    ['__proto__:x', 'bare name'],
  ];
  for (const [text, expected] of cases) {
    const reference = parseReference(text);
    const shown =
      reference.kind === 'bare'
        ? `bare ${reference.certainlyPath ? 'path' : 'name'}`
        : `${reference.kind} ${reference.transport} ${reference.kind === 'file' ? reference.rest : reference.name}`;
    assert.equal(shown, expected, text);
  }
  for (const text of ['', '  ', 'oci:', 'docker://', 'a\0b']) {
    assert.throws(() => parseReference(text), { name: 'StrataError', code: 'usage' }, JSON.stringify(text));
  }
});

test('a path and a choice can be read in more than one way, the likeliest first', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const shown = (rest: string): string[] =>
    pathCandidates(rest).map(({ path, choice }) => `${path} ${JSON.stringify(choice)}`);
  assert.deepEqual(shown('app.tar'), ['app.tar null']);
  assert.deepEqual(shown('app.tar@1'), ['app.tar@1 null', 'app.tar {"position":1}']);
  assert.deepEqual(shown(`d@${digest}`).slice(0, 2), [`d@${digest} null`, `d {"digest":"${digest}"}`]);
  assert.deepEqual(shown('a.tar:app:1'), [
    'a.tar:app:1 null',
    'a.tar {"name":"app:1"}',
    'a.tar:app {"name":"1"}',
  ]);
  assert.deepEqual(shown('C:\\a.tar:app'), ['C:\\a.tar:app null', 'C:\\a.tar {"name":"app"}']);
});

test('an image answers to its short and its full name', () => {
  assert.ok(namesImage('app', 'app:latest'));
  assert.ok(namesImage('app:1', 'docker.io/library/app:1'));
  assert.ok(namesImage('docker.io/me/app:1', 'me/app:1'));
  assert.ok(namesImage('1', 'app:1'));
  assert.ok(!namesImage('app:1', 'app:2'));
  assert.ok(!namesImage('app', 'app:1'));
});
