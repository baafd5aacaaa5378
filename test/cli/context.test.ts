// `strata context`: what a build sees of its folder, what one line takes, and what could be left out.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { cliFolder } from '../support/cliRun';

const at = cliFolder();
after(() => at.remove());

interface Report {
  schema: number;
  files: number;
  bytes: number | null;
  why: string | null;
  entries: { path: string; type: string; bytes: number }[];
  ignored: { files: number; bytes: number; folders: string[] };
  bloat: { path: string; bytes: number; files: number }[];
  complete: boolean;
  problems: string[];
}

function told(...args: string[]): Report {
  const run = at.strata('context', ...args, '--format', 'json');
  assert.equal(run.code, 0, run.stderr);
  return JSON.parse(run.stdout) as Report;
}

at.write('app/Dockerfile', 'FROM scratch\nCOPY src /src\nADD https://example.com/x /x\nCOPY . /\n');
at.write('app/src/small', 'x');
at.write('app/src/large', 'x'.repeat(5000));
at.write('app/node_modules/a', 'xx');
at.write('app/dist/b', 'x');
at.write('app/a.log', 'xxx');
at.write('app/.dockerignore', 'dist\n*.log\n');

test('lists what the build sees, largest first, and what is taken out', () => {
  const report = told('app/Dockerfile');
  assert.deepEqual(
    report.entries.map(({ path, bytes }) => [path, bytes]),
    [
      ['src/large', 5000],
      ['Dockerfile', 65],
      ['.dockerignore', 11],
      ['node_modules/a', 2],
      ['src/small', 1],
    ],
  );
  assert.deepEqual([report.schema, report.files, report.bytes, report.complete], [1, 5, 5079, true]);
  assert.deepEqual(report.ignored, { files: 1, bytes: 3, folders: ['dist'] });
  assert.deepEqual(report.bloat, [{ path: 'node_modules', bytes: 2, files: 1 }]);
  const { stdout } = at.strata('context', 'app/Dockerfile', '--top', '1');
  assert.match(
    stdout,
    /^app {2}5\.08 kB · 5 files that the build can see\n\n +5\.00 kB {2}src\/large\n +79 B {2}in 4 more files\n/,
  );
  assert.match(stdout, /^app\/\.dockerignore takes out 1 file \(3 B\) and all of dist\/$/m);
  assert.match(stdout, /seldom needed in an image:\n +2 B {2}node_modules\/ {2}1 file\n/);
});

test('lists what one line takes, and says what it cannot know', () => {
  const copy = told('app/Dockerfile', '--line', '2');
  assert.deepEqual(
    [copy.bytes, copy.why, copy.entries.map(({ path }) => path)],
    [5001, null, ['src/large', 'src/small']],
  );
  const remote = told('app/Dockerfile', '--line', '3');
  assert.equal(remote.bytes, null);
  assert.match(remote.why ?? '', /fetched/);
  assert.equal(at.strata('context', 'app/Dockerfile', '--line', '1').code, 2);
});

test('goes by the rules of the builder that is named', () => {
  at.write('other/Dockerfile', 'FROM scratch\nCOPY . /\n');
  at.write('other/a', '');
  at.write('other/.containerignore', 'a\n');
  assert.equal(told('other/Dockerfile').files, 3);
  assert.equal(told('other/Dockerfile', '--builder', 'podman').files, 2);
  assert.equal(at.strata('context', 'other/Dockerfile', '--builder', 'kaniko').code, 2);
});

test('tells an ignore file that the builder refuses, and a folder that is none', () => {
  at.write('bad/Dockerfile', 'FROM scratch\n');
  at.write('bad/.dockerignore', 'a[\n');
  const report = told('bad/Dockerfile');
  assert.equal(report.complete, false);
  assert.match(report.problems[0]!, /refuses .*\.dockerignore: the pattern a\[ has a syntax error\.$/);
  assert.equal(at.strata('context', 'bad/Dockerfile', '--context', 'absent').code, 3);
});
