// The cause of each miss, told before the build and confirmed by it: one edit after a build, the forecast of a line word
// for word, and what a real BuildKit then does with it.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pastBuilds } from '../../server/src/analysis/pastBuilds';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { daemonsMissing, skipReason } from '../support/daemons';
import { type ForecastBench, forecastSetups, startForecastBench } from './forecast/bench';
import type { Project } from './forecast/edits';

const skip = skipReason(daemonsMissing());

const text = `FROM base
ARG VERSION=1
ENV MODE=a
WORKDIR /work
COPY src /src
RUN echo $VERSION > /v
COPY --from=base /etc/passwd /p
RUN true
`;

interface Check {
  name: string;
  edit(project: Project): void;
  /** The line asked about, its forecast, and what the build does with it. */
  line: number;
  forecast: string;
  /** `unknown`: it tells nothing of the line, for it needs none of it. */
  build: 'ran' | 'hit' | 'unknown';
  /** Nothing of the first build was recorded. */
  isUnrecorded?: boolean;
}

const inContext = (name: string) => (project: Project) => path.join(project.folder, name);
const main = inContext('src/main.txt');
const folder = inContext('src');
const replace = (from: string, to: string) => (project: Project) => {
  project.text = project.text.replace(from, to);
};

/** Another stage, and the build is for one of the two. */
const withTarget = (target: string) => (project: Project) => {
  project.text = `${project.text.replace('FROM base', 'FROM base AS first')}FROM base AS last\nRUN echo last > /last\n`;
  project.choice = { ...project.choice, target };
};

const checks: Check[] = [
  { name: 'nothing', edit: () => {}, line: 5, forecast: 'cached', build: 'hit' },
  {
    name: 'content',
    edit: (project) => fs.writeFileSync(main(project), 'another'),
    line: 5,
    forecast: 'reruns: src/main.txt changed (content)',
    build: 'ran',
  },
  {
    name: 'mode',
    edit: (project) => fs.chmodSync(main(project), 0o664),
    line: 5,
    forecast: 'reruns: src/main.txt has mode 0664, was 0644',
    build: 'ran',
  },
  {
    name: 'a new file',
    edit: (project) => fs.writeFileSync(path.join(folder(project), 'new.txt'), ''),
    line: 5,
    forecast: 'reruns: src/new.txt is new',
    build: 'ran',
  },
  {
    name: 'a file that is gone',
    edit: (project) => fs.rmSync(path.join(folder(project), 'other.txt')),
    line: 5,
    forecast: 'reruns: src/other.txt is gone',
    build: 'ran',
  },
  {
    name: 'the target of a link',
    edit(project) {
      fs.rmSync(path.join(folder(project), 'link'));
      fs.symlinkSync('other.txt', path.join(folder(project), 'link'));
    },
    line: 5,
    forecast: 'reruns: src/link links to other.txt, did to main.txt',
    build: 'ran',
  },
  {
    name: 'a file in place of a link',
    edit(project) {
      fs.rmSync(path.join(folder(project), 'link'));
      fs.writeFileSync(path.join(folder(project), 'link'), 'main');
    },
    line: 5,
    forecast: 'reruns: src/link is a file, was a symlink',
    build: 'ran',
  },
  {
    name: 'times alone',
    edit: (project) => fs.utimesSync(main(project), 1_000, 1_000),
    line: 5,
    forecast: 'cached',
    build: 'hit',
  },
  {
    name: 'an edit that keeps size and time',
    edit(project) {
      const { atime, mtime } = fs.statSync(main(project));
      fs.writeFileSync(main(project), 'MAIN');
      fs.utimesSync(main(project), atime, mtime);
    },
    line: 5,
    forecast:
      'cached: although src/main.txt was edited: BuildKit does not see it, since a file kept its size and time, or a folder its name',
    build: 'hit',
  },
  {
    name: 'the mode of a folder that the builder has already',
    edit: (project) => fs.chmodSync(folder(project), 0o700),
    line: 5,
    forecast:
      'cached: although src was edited: BuildKit does not see it, since a file kept its size and time, or a folder its name',
    build: 'hit',
  },
  {
    name: 'an argument',
    edit: replace('VERSION=1', 'VERSION=2'),
    line: 6,
    forecast: 'reruns: ARG VERSION changed in line 2',
    build: 'ran',
  },
  {
    name: 'an argument of the build',
    edit(project) {
      project.choice = { ...project.choice, buildArgs: { VERSION: '3' } };
    },
    line: 6,
    forecast: 'reruns: ARG VERSION changed in line 2',
    build: 'ran',
  },
  {
    name: 'a variable',
    edit: replace('MODE=a', 'MODE=b'),
    line: 6,
    forecast: 'reruns: ENV MODE changed in line 3',
    build: 'ran',
  },
  {
    name: 'a variable, for the COPY above',
    edit: replace('MODE=a', 'MODE=b'),
    line: 5,
    forecast: 'cached',
    build: 'hit',
  },
  {
    name: 'the directory',
    edit: replace('/work', '/other'),
    line: 4,
    forecast: 'reruns: the directory is /other, was /work',
    build: 'ran',
  },
  {
    name: 'the line above',
    edit: replace('/work', '/other'),
    line: 5,
    forecast: 'reruns: line 4 reruns',
    build: 'ran',
  },
  {
    name: 'the line itself',
    edit: replace('RUN true', 'RUN true true'),
    line: 8,
    forecast: 'reruns: the line changed',
    build: 'ran',
  },
  {
    name: 'the destination',
    edit: replace('/src\n', '/dst\n'),
    line: 5,
    forecast: 'reruns: its destination is /dst, was /src',
    build: 'ran',
  },
  {
    name: 'the owner',
    edit: replace('COPY src', 'COPY --chown=1:1 src'),
    line: 5,
    forecast: 'reruns: --chown changed',
    build: 'ran',
  },
  {
    name: 'another base',
    edit: replace('FROM base', 'FROM other'),
    line: 4,
    forecast: 'depends: no recorded build stood on other; the same layers would hit',
    build: 'ran',
  },
  {
    name: 'an ignore file that takes a file out',
    edit: (project) => fs.writeFileSync(path.join(project.folder, '.dockerignore'), 'src/other.txt\n'),
    line: 5,
    forecast: 'reruns: src/other.txt is gone',
    build: 'ran',
  },
  {
    name: 'an ignore file that takes nothing out',
    edit: (project) => fs.writeFileSync(path.join(project.folder, '.dockerignore'), '*.log\n'),
    line: 5,
    forecast: 'cached',
    build: 'hit',
  },
  {
    name: 'a target that stands on the same lines',
    edit: withTarget('first'),
    line: 8,
    forecast: 'cached',
    build: 'hit',
  },
  {
    name: 'a target that does not need the stage',
    edit: withTarget('first'),
    line: 10,
    forecast: 'unknown: the target does not need this stage: it is not built',
    build: 'unknown',
  },
  {
    name: 'a target that needs it',
    edit: withTarget('last'),
    line: 10,
    forecast: 'reruns: no recorded build had it here',
    build: 'ran',
  },
  {
    name: 'the link of a COPY',
    edit: replace('COPY src', 'COPY --link src'),
    line: 5,
    forecast: 'reruns: no recorded build had it here',
    build: 'ran',
  },
  {
    name: 'a line that moved up',
    edit: replace(
      'RUN echo $VERSION > /v\nCOPY --from=base /etc/passwd /p\n',
      'COPY --from=base /etc/passwd /p\nRUN echo $VERSION > /v\n',
    ),
    line: 6,
    forecast: 'reruns: no recorded build had it here',
    build: 'ran',
  },
  {
    name: 'without a record',
    edit: () => {},
    isUnrecorded: true,
    line: 5,
    forecast: 'unknown: no build of it is recorded',
    build: 'hit',
  },
  {
    name: '--no-cache',
    edit(project) {
      project.noCache = true;
    },
    line: 6,
    forecast: 'reruns: the build uses no cache',
    build: 'ran',
  },
];

describe('the cause of a miss', { skip }, () => {
  let bench: ForecastBench;
  before(async () => {
    bench = await startForecastBench(forecastSetups.find(({ rules }) => rules === 'buildkit')!);
  });
  after(() => bench?.stop());
  for (const check of checks) test(check.name, () => checkCause(bench, check));
});

async function checkCause(bench: ForecastBench, check: Check): Promise<void> {
  const { edit, line, forecast, build, isUnrecorded = false } = check;
  await bench.forget();
  const project: Project = {
    folder: fs.mkdtempSync(path.join(bench.folder, 'context-')),
    text,
    choice: { target: null, platform: null, buildArgs: {} },
    noCache: false,
    texts: [],
    contents: new Map(),
  };
  fs.mkdirSync(folder(project), { mode: 0o755 });
  for (const name of ['main', 'other']) {
    const file = path.join(folder(project), `${name}.txt`);
    fs.writeFileSync(file, name);
    fs.chmodSync(file, 0o644);
    // Whole seconds, which can be set again to the very same time.
    fs.utimesSync(file, 1_000_000, 1_000_000);
  }
  fs.symlinkSync('main.txt', path.join(folder(project), 'link'));
  const first = await bench.build(project, []);
  assert.equal(first.outcome, 'built', JSON.stringify(first.failure));
  edit(project);
  const dockerfile = parseDockerfile(project.text);
  const told = (await bench.forecast(project, isUnrecorded ? [] : [first])).find(
    (one) => one && dockerfile.instructions[one.instruction]!.line === line,
  );
  assert.equal([told?.cache, told?.because].filter(Boolean).join(': '), forecast);
  const [built] = pastBuilds([await bench.build(project, [first])]);
  assert.equal(built!.outcome(told!.instruction, 'step'), build);
}
