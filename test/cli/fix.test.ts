// `strata fix`: the same text where nothing applies, the fixed one printed or written, and nothing changed beside it.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { cliFolder } from '../support/cliRun';

const at = cliFolder();
after(() => at.remove());

function fix(code: number, ...args: string[]): { stdout: string; stderr: string } {
  const run = at.strata('fix', ...args);
  assert.equal(run.code, code, `${run.stdout}\n${run.stderr}`);
  return run;
}

const mergeable = 'FROM a\nRUN echo one\nRUN echo two\n';

test('a text without fixes is printed byte for byte', () => {
  for (const [name, text] of Object.entries({
    plain: 'FROM a\nRUN one',
    crlf: 'FROM a\r\nRUN one\r\n',
    mark: '\uFEFFFROM a\nCMD b\n\n\n',
    empty: '',
    broken: 'RUN \\',
  })) {
    at.write(`${name}/Dockerfile`, text);
    assert.equal(fix(0, `${name}/Dockerfile`).stdout, text, name);
  }
});

test('fixes are printed, told on standard error, and the file stays', () => {
  at.write('print/Dockerfile', mergeable);
  const { stdout, stderr } = fix(0, 'print/Dockerfile');
  assert.equal(stdout.match(/^RUN/gm)?.length, 1);
  assert.match(stdout, /echo one[\s\S]*echo two/);
  assert.match(stderr, /^print\/Dockerfile:3: .*\[MergeConsecutiveRuns\]$/m);
  assert.equal(readFileSync(path.join(at.folder, 'print/Dockerfile'), 'utf8'), mergeable);
});

test('what was fixed has nothing more to fix', () => {
  at.write('again/Dockerfile', `${mergeable}RUN echo three\nCOPY x /\nRUN four\nRUN five\n`);
  const once = fix(0, 'again/Dockerfile').stdout;
  at.write('again/Dockerfile', once);
  assert.equal(fix(0, 'again/Dockerfile').stdout, once);
});

test('--write keeps line ends, byte order mark and permissions, and prints nothing', () => {
  const file = at.write('write/Dockerfile', `\uFEFF${mergeable.replaceAll('\n', '\r\n')}`);
  chmodSync(file, 0o640);
  const printed = fix(0, 'write/Dockerfile').stdout;
  assert.equal(fix(0, 'write/Dockerfile', '--write').stdout, '');
  const written = readFileSync(file, 'utf8');
  assert.equal(written, printed);
  assert.ok(written.startsWith('\uFEFFFROM a\r\n'));
  assert.doesNotMatch(written, /[^\r]\n/);
  if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o640);
});

test('without a fix --write does not touch the file', () => {
  const file = at.write('still/Dockerfile', 'FROM a\nRUN one\n');
  const before = statSync(file);
  fix(0, 'still/Dockerfile', '--write');
  assert.equal(statSync(file).ino, before.ino);
});

test('fixes that a person should look at come with --review only', () => {
  at.write('review/Dockerfile', 'FROM a\n# strata: ignore=mergeconsecutiveruns\nRUN echo one\n');
  assert.match(fix(0, 'review/Dockerfile').stdout, /ignore=mergeconsecutiveruns/);
  assert.match(fix(0, 'review/Dockerfile', '--review').stdout, /ignore=MergeConsecutiveRuns/);
});

test('--rule picks rules; one that is none is wrong usage that lists them', () => {
  at.write('rule/Dockerfile', mergeable);
  assert.equal(fix(0, 'rule/Dockerfile', '--rule', 'MissingLineContinuation').stdout, mergeable);
  assert.notEqual(fix(0, 'rule/Dockerfile', '--rule', 'MergeConsecutiveRuns').stdout, mergeable);
  assert.match(
    fix(2, 'rule/Dockerfile', '--rule', 'Merge').stderr,
    /no rule 'Merge'; there are .*MergeConsecutiveRuns/,
  );
});

test('a rule that strata.yaml switches off is not fixed', () => {
  at.write('off/Dockerfile', mergeable);
  at.write('off/strata.yaml', 'rules:\n  MergeConsecutiveRuns: off\n');
  assert.equal(fix(0, 'off/Dockerfile').stdout, mergeable);
  at.write('off/strata.yaml', 'rules:\n  MergeConsecutiveRun: off\n');
  assert.match(fix(2, 'off/Dockerfile').stderr, /strata\.yaml:2: 'MergeConsecutiveRun' is no rule/);
});

test('JSON tells what was applied and the whole text', () => {
  at.write('json/Dockerfile', mergeable);
  const told = JSON.parse(fix(0, 'json/Dockerfile', '--format', 'json').stdout) as {
    schema: number;
    changed: boolean;
    applied: { rule: string; line: number }[];
    text: string;
  };
  assert.equal(told.schema, 1);
  assert.equal(told.changed, true);
  assert.deepEqual(
    told.applied.map(({ rule, line }) => [rule, line]),
    [['MergeConsecutiveRuns', 3]],
  );
  assert.equal(told.text, fix(0, 'json/Dockerfile').stdout);
});

test('bytes that are not UTF-8 are printed as they are, and no fix rewrites them', () => {
  const latin = Buffer.concat([
    Buffer.from('FROM a\n# caf'),
    Buffer.from([0xe9]),
    Buffer.from('\nRUN echo one\n'),
  ]);
  at.write('latin/Dockerfile', latin);
  assert.equal(fix(0, 'latin/Dockerfile', '--format', 'json').stderr, '');
  const file = at.write('latin/Two', Buffer.concat([latin, Buffer.from('RUN echo two\n')]));
  const before = readFileSync(file);
  assert.match(fix(3, 'latin/Two', '--write').stderr, /not UTF-8/);
  assert.deepEqual(readFileSync(file), before);
});

test('a link is not replaced by a file', { skip: process.platform === 'win32' }, () => {
  at.write('link/real', mergeable);
  symlinkSync('real', path.join(at.folder, 'link/Dockerfile'));
  assert.match(fix(3, 'link/Dockerfile', '--write').stderr, /is a link/);
  assert.equal(readFileSync(path.join(at.folder, 'link/real'), 'utf8'), mergeable);
});
