// `strata analyze` of builds made elsewhere, alone and together, and what `strata history` says without docker.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import type { Analysis } from '../../server/src/analysis/model';
import { cliFolder } from '../support/cliRun';

const at = cliFolder();
after(() => at.remove());
mkdirSync(path.join(at.folder, 'cache'), { recursive: true });
const fixtures = path.join(process.env.STRATA_ROOT ?? process.cwd(), 'test/fixtures');
const write = (name: string, from: string) => at.write(name, readFileSync(path.join(fixtures, from)));
write('Dockerfile', 'imports/Dockerfile');
write('ci.log', 'imports/plain.log');
write('bake.json', 'imports/bake-metadata.json');
write('min.json', 'imports/metadata-min.json');

function analyzed(...args: string[]): Analysis {
  const run = at.strata('analyze', '--format', 'json', ...args);
  assert.equal(run.code, 0, run.stderr);
  return JSON.parse(run.stdout) as Analysis;
}

/** `4 COPY hit`, for lines that can come from the cache. */
function cache(analysis: Analysis): string[] {
  return analysis.stages
    .flatMap(({ instructions }) => instructions)
    .filter((view) => view.cache !== 'not-cacheable')
    .map((view) => `${view.line} ${view.keyword} ${view.cache}`);
}

const hits = ['3 WORKDIR hit', '4 COPY hit', '5 RUN miss', '8 COPY hit', '9 RUN hit'];

describe('a log', () => {
  test('tells cache facts, and that sizes are unknown', () => {
    const analysis = analyzed('--log', 'ci.log');
    assert.deepEqual(cache(analysis), hits);
    assert.equal(analysis.image, null);
    assert.match(analysis.build!.note!, /Imported from ci\.log.*sizes are unknown/);
  });

  test('of another text tells nothing of the lines that differ', () => {
    at.write(
      'edited/Dockerfile',
      readFileSync(path.join(fixtures, 'imports/Dockerfile'), 'utf8').replace('echo one', 'echo 1'),
    );
    const analysis = analyzed('edited/Dockerfile', '--log', 'ci.log');
    assert.deepEqual(cache(analysis).slice(-2), ['8 COPY unknown', '9 RUN unknown']);
    assert.deepEqual(cache(analysis).slice(0, 3), hits.slice(0, 3));
  });

  test('in text, no length of time is made up', () => {
    const run = at.strata('analyze', '--log', 'ci.log');
    assert.match(run.stdout, /^Dockerfile {2}4 of 5 cached · built /);
  });
});

test('metadata of bake: the target is asked for by name', () => {
  const run = at.strata('analyze', '--metadata', 'bake.json');
  assert.equal(run.code, 2);
  assert.match(run.stderr, /several targets: a, b\. Name one with --bake-target/);
  const analysis = analyzed('--metadata', 'bake.json', '--bake-target', 'b', '--platform', 'linux/arm64');
  assert.match(analysis.build!.note!, /this is linux\/arm64/);
});

test('the smallest provenance says what it lacks', () => {
  assert.match(analyzed('--metadata', 'min.json').build!.note!, /BUILDX_METADATA_PROVENANCE=max/);
});

test('--keep keeps it as a record, and nothing is kept without', () => {
  const kept = () => {
    const names = readdirSync(path.join(at.folder, 'cache'), { recursive: true }).map(String);
    return names.filter((name) => /records.*\.json$/.test(name)).length;
  };
  analyzed('--log', 'ci.log');
  const before = kept();
  analyzed('--log', 'ci.log', '--keep');
  assert.equal(kept(), before + 1);
});

describe('wrong usage', () => {
  const cases: [string[], RegExp][] = [
    [['--keep'], /--keep and --bake-target go with/],
    [['--bake-target', 'a'], /--keep and --bake-target go with/],
    [['--log', 'ci.log', '--keep', '--no-store'], /exclude each other/],
  ];
  for (const [args, message] of cases) {
    test(args.join(' '), () => {
      const run = at.strata('analyze', ...args);
      assert.equal(run.code, 2);
      assert.match(run.stderr, message);
    });
  }
});

test('what is not there is told in one message', () => {
  for (const [flag, message] of [
    ['--log', /There is no file/],
    ['--metadata', /There is no file/],
  ] as const) {
    const run = at.strata('analyze', flag, 'absent');
    assert.equal(run.code, 3);
    assert.equal(run.stdout, '');
    assert.match(run.stderr, message);
  }
});
