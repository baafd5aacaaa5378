// What docker buildx history answers, and what is made of its refusals. Real builds: test/live/imports.test.ts.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { dockerfileOfBuild, hasNoHistory, listBuilds, splitRef } from '../../../server/src/build/history';
import { StrataError } from '../../../server/src/primitives/errors';
import { readFixture } from '../../support/fixtures';
import { type Asked, stubHost, type Told } from './stubHost';

test('past builds, newest first, with what a list shows', async () => {
  const host = stubHost(() => ({
    stdout: `${readFixture('imports/history-ls.jsonl')}not json\n{"ref":"../x"}\n`,
  }));
  const builds = await listBuilds(host);
  assert.equal(builds.length, 4);
  assert.deepEqual(
    builds.map(({ startedMs }) => startedMs),
    builds.map(({ startedMs }) => startedMs).sort((a, b) => b - a),
  );
  const { name, status, steps, cachedSteps, durationMs, ref } = builds.at(-1)!;
  assert.deepEqual([name, status, steps, cachedSteps, durationMs], ['ctx', 'completed', 11, 0, 506]);
  assert.match(ref, /^[\w-]+\/[\w-]+\/\w{25}$/);
});

describe('refusals', () => {
  const cases: [string, Told | null, StrataError['code'], RegExp][] = [
    [
      'a buildx without history',
      { code: 1, stderr: 'unknown command: docker buildx history\n' },
      'unsupported',
      /buildx 0\.21/,
    ],
    [
      'no buildx',
      { code: 1, stderr: "docker: 'buildx' is not a docker command.\n" },
      'unsupported',
      /does not tell past/,
    ],
    [
      'a builder that is not there',
      { code: 1, stderr: 'ERROR: no builder "x" found\n' },
      'no-builder',
      /no builder "x" found/,
    ],
    [
      'a builder without history',
      { code: 1, stderr: 'ERROR: rpc error: code = Unimplemented desc = unknown method\n' },
      'unsupported',
      /keeps no history/,
    ],
    [
      'a build that is not there',
      { code: 1, stderr: 'ERROR: no record found for ref "x"\n' },
      'not-found',
      /remembers no such build/,
    ],
    ['an answer that never comes', { code: null }, 'no-builder', /within 20 s/],
    ['no docker', null, 'not-found', /Could not start/],
  ];
  for (const [name, told, code, message] of cases) {
    test(name, async () => {
      await assert.rejects(listBuilds(stubHost(() => told)), (error) => {
        assert.ok(error instanceof StrataError);
        assert.equal(error.code, code);
        assert.match(`${error.message} ${error.hint}`, message);
        return hasNoHistory(error);
      });
    });
  }
});

test('a ref is split into builder and id, and can be no flag', () => {
  assert.deepEqual(splitRef('b/b0/abc', {}), { id: 'abc', builder: 'b' });
  assert.deepEqual(splitRef('abc', {}), { id: 'abc', builder: undefined });
  for (const ref of ['', '--help x', 'a b', 'a/b/c/d', '$(x)', '\n'])
    assert.throws(() => splitRef(ref, {}), /no reference/);
});

test('the Dockerfile of a build is told relative to where buildx runs: from the root', async () => {
  const asked: Asked[] = [];
  const told = (context: string, dockerfile: string) =>
    stubHost(() => ({ stdout: JSON.stringify({ Context: context, Dockerfile: dockerfile }) }), { asked });
  assert.equal(
    await dockerfileOfBuild(told('/srv/web', 'Dockerfile'), {}, 'abc'),
    path.resolve('/srv/web/Dockerfile'),
  );
  assert.equal(
    await dockerfileOfBuild(told('srv/web', 'api.Dockerfile'), {}, 'abc'),
    path.resolve('/srv/web/api.Dockerfile'),
  );
  assert.equal(await dockerfileOfBuild(told('/srv/web', '-'), {}, 'abc'), null);
  assert.equal(await dockerfileOfBuild(told('https://example.org/x.git', 'Dockerfile'), {}, 'abc'), null);
  assert.deepEqual(asked[0]!.args, ['buildx', 'history', 'inspect', '--format', 'json', 'abc']);
});
