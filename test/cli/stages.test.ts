// `strata stages`: what the stages of a folder's Dockerfiles share, in text and as JSON.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { cliFolder } from '../support/cliRun';

const at = cliFolder();
after(() => at.remove());

interface Line {
  dockerfile: string;
  line: number;
}

interface Group {
  base: { reference: string | null; bytes: number | null; measuredBy: unknown };
  stages: { dockerfile: string; index: number; name: string | null }[];
  steps: { keyword: string; text: string; lines: Line[]; bytes: number | null }[];
  ends: unknown[];
  groups: Group[];
  apart: (Line & { why: string })[];
}

interface Report {
  schema: number;
  dockerfiles: { path: string; stages: number }[];
  groups: Group[];
  single: { dockerfile: string }[];
  hints: { kind: string }[];
  complete: boolean;
}

const tools = 'RUN apk add --no-cache git\n';
at.write('api/Dockerfile', `FROM node:20 AS build\n${tools}COPY package.json .\nRUN npm ci\n`);
at.write('api/package.json', '{}');
at.write('web/dev.Dockerfile', `FROM node:20\n${tools}COPY package.json .\nRUN npm run dev\n`);
at.write('web/package.json', '{}');
at.write('web/Dockerfile.dockerignore', 'x');
at.write('jobs/Containerfile', 'FROM node:20.1\nRUN jobs\n');
for (const folder of ['node_modules/a', 'vendor/b', '.git/c']) {
  at.write(`${folder}/Dockerfile`, `FROM node:20\n${tools}`);
}

test('JSON names the groups, their lines, where they part and what could be shared', () => {
  const run = at.strata('stages', '--format', 'json');
  assert.equal(run.code, 0, run.stderr);
  const report = JSON.parse(run.stdout) as Report;
  assert.deepEqual(
    report.dockerfiles.map(({ path }) => path),
    ['api/Dockerfile', 'jobs/Containerfile', 'web/dev.Dockerfile'],
  );
  assert.equal(report.groups.length, 1);
  const [group] = report.groups as [Group];
  assert.deepEqual([group.base.reference, group.base.bytes, group.base.measuredBy], ['node:20', null, null]);
  assert.deepEqual(
    group.steps.map(({ text, lines, bytes }) => [
      text,
      bytes,
      ...lines.map((one) => `${one.dockerfile}:${one.line}`),
    ]),
    [['RUN apk add --no-cache git', null, 'api/Dockerfile:2', 'web/dev.Dockerfile:2']],
  );
  // The same file, but of two folders.
  assert.deepEqual(
    group.apart.map(({ dockerfile, line, why }) => `${dockerfile}:${line} ${why}`),
    ['api/Dockerfile:3 files', 'web/dev.Dockerfile:3 files'],
  );
  assert.deepEqual(
    report.single.map(({ dockerfile }) => dockerfile),
    ['jobs/Containerfile'],
  );
  assert.deepEqual(
    report.hints.map(({ kind }) => kind),
    ['tags'],
  );
  assert.equal(report.complete, true);
});

test('the text says the same, and that sizes were not measured by saying none', () => {
  const { code, stdout } = at.strata('stages');
  assert.equal(code, 0);
  assert.match(stdout, /^3 Dockerfiles, 3 stages\n/);
  assert.match(stdout, /node:20: 2 stages share the base and 1 step\n/);
  assert.match(stdout, /goes on alone: api\/Dockerfile:3 {2}COPY package\.json \. {2}depends on the files/);
  assert.doesNotMatch(stdout, /\b0 B\b/);
});

test('a folder without Dockerfiles is told, one that is not there refused', () => {
  at.write('empty/file', '');
  assert.equal(at.strata('stages', 'empty').stdout, 'There are no Dockerfiles in this folder.\n');
  const refused = at.strata('stages', 'nowhere');
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /There is no folder .*nowhere\./);
});
