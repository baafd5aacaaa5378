// What is taken out of a builder's words before anyone keeps them. On a real build: test/live/secrets.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLogTail } from '../../../server/src/build/logTail';
import { keptRecord, recordedArguments } from '../../../server/src/build/recordedArguments';
import { redact } from '../../../server/src/build/redact';
import { keepWords } from '../../../server/src/build/words';
import { sampleRecord } from './sampleRecord';

/** `SECRET` stands for what must go; without it the text must stay as it is. */
function check(text: string, expected = text): void {
  assert.equal(redact(text), expected);
  if (expected === text) assert.ok(!text.includes('SECRET'));
}

describe('gone is', () => {
  test('a password in an address, whatever the scheme and the signs in it', () => {
    check('get https://me:SECRET@host/x now', 'get https://***@host/x now');
    check('ssh://git:SECRET@host', 'ssh://***@host');
    check('https://me:SEC@RET@host/a@b', 'https://***@host/a@b');
    check('http://:SECRET@host', 'http://***@host');
    check('a http://u:SECRET@h b http://u:SECRET@h', 'a http://***@h b http://***@h');
    check('"https://u:SECRET@h"', '"https://***@h"');
  });

  test('a token alone in an address of the web', () => {
    check('https://SECRET@host/x.git', 'https://***@host/x.git');
  });

  test('the value of a header', () => {
    check('> Authorization: Bearer SECRET', '> Authorization: Bearer ***');
    check('authorization: SECRET', 'authorization: ***');
    check('Proxy-Authorization:Basic SECRET', 'Proxy-Authorization:Basic ***');
    check('{"Authorization": "token SECRET", "a": 1}', '{"Authorization": "token ***", "a": 1}');
    check("-H 'AUTHORIZATION: Bearer SECRET' -v", "-H 'AUTHORIZATION: Bearer ***' -v");
  });
});

test('what only looks alike stays', () => {
  for (const text of [
    'ssh://git@host/x',
    'docker-image://alpine:3@sha256:00',
    'docker-image://host:5000/a:3@sha256:00',
    'oci-layout://base@sha256:00',
    'https://host/a:b@c',
    'mail me@host.example: or a@b',
    'authorization failed',
    'http://host:80/',
    '',
  ])
    check(text);
});

test('long lines of one kind cost no more than their length', () => {
  for (const piece of ['a', '://', 'a://', 'http://', 'authorization:', 'http://a:', '@'])
    assert.equal(typeof redact(piece.repeat(200_000 / piece.length)), 'string');
});

test('what steps and builders print is kept without', () => {
  const tail = createLogTail();
  tail.take('get https://me:SEC');
  tail.take('RET@host/\nAuthorization: Bearer SECRET');
  assert.deepEqual(tail.lines(), ['get https://***@host/', 'Authorization: Bearer ***']);
  const words = keepWords();
  words.take('ERROR: http://u:SECRET@h');
  assert.deepEqual(words.lines(), ['ERROR: http://***@h']);
});

test('a record keeps the words for a builder without what opens doors', () => {
  const kept = recordedArguments([
    ...['--build-arg', 'HTTPS_PROXY=http://u:SECRET@h', '--build-arg=http_proxy=http://u:SECRET@h'],
    ...['--build-arg', 'A=http://u:kept@h', '--creds', 'u:SECRET', '--decryption-key=k:SECRET'],
    ...['--build-context', 'a=https://u:SECRET@h', '--build-context', 'b=docker-image://a:1@sha256:00'],
  ]);
  assert.deepEqual(kept, [
    ...['--build-arg', 'HTTPS_PROXY=http://***@h', '--build-arg=http_proxy=http://***@h'],
    ...['--build-arg', 'A=http://u:kept@h', '--creds', '…', '--decryption-key=…'],
    ...['--build-context', 'a=https://…@h', '--build-context', 'b=docker-image://a:1@sha256:00'],
  ]);
});

test('and proxies without their passwords', () => {
  const choice = {
    ...sampleRecord().choice,
    buildArgs: { HTTP_PROXY: 'http://u:SECRET@h:1', no_proxy: 'a,b', VERSION: '1', all_proxy: 'h:1' },
  };
  assert.deepEqual(keptRecord(sampleRecord({ choice })).choice.buildArgs, {
    ...{ HTTP_PROXY: 'http://***@h:1', no_proxy: 'a,b', VERSION: '1', all_proxy: 'h:1' },
  });
});
