// `strata check`: exit codes, budgets against real images, and each format as its readers parse it.
import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { applyEdits } from '../../server/src/dockerfile/edit';
import { cliFolder } from '../support/cliRun';
import { imageFixture, writeImages } from '../support/imageFixture';

const root = process.env.STRATA_ROOT ?? process.cwd();
const at = cliFolder();
after(() => at.remove());

const dockerfile = 'FROM base:1\nRUN one\nENV A=1\nRUN two\n';
const image = ['--image', 'oci:app/layout'];
const buildkit = 'buildkit.dockerfile.v0';

before(async () => {
  at.write('app/Dockerfile', dockerfile);
  const fixture = await imageFixture({
    layers: [{ 'bin/sh': 'sh' }, { one: 'x'.repeat(5000) }, { two: '22', '.wh.one': '' }],
    history: [
      { created_by: 'ADD rootfs.tar / # buildkit', comment: buildkit },
      { created_by: 'RUN /bin/sh -c one # buildkit', comment: buildkit },
      { created_by: 'ENV A=1', comment: buildkit, empty_layer: true },
      { created_by: 'RUN /bin/sh -c two # buildkit', comment: buildkit },
    ],
  });
  for (const [file, data] of await writeImages([fixture], 'oci')) at.write(`app/${file}`, data);
});

function check(code: number, ...args: string[]): { stdout: string; stderr: string } {
  const run = at.strata('check', ...args);
  assert.equal(run.code, code, `${run.stdout}\n${run.stderr}`);
  return run;
}

interface Report {
  passed: boolean;
  failOn: string;
  budgets: { budget: string; limit: number; actual: number | null; state: string; why: string | null }[];
  findings: { rule: string; line: number; bytes: number | null }[];
}

function report(code: number, ...args: string[]): Report {
  const told = JSON.parse(check(code, ...args, '--format', 'json').stdout) as Report;
  // Other rules find what they find; here it is about budgets.
  return { ...told, findings: told.findings.filter(({ rule }) => rule.endsWith('Budget')) };
}

describe('what it exits with', () => {
  test('0 for a text without findings, and without a budget no image is needed', () => {
    at.write('clean/Dockerfile', 'FROM a\nRUN one\n');
    assert.match(check(0, 'clean/Dockerfile').stdout, /^no findings; passed$/m);
  });

  test('a hint never fails; the threshold decides for the rest', () => {
    at.write('hint/Dockerfile', 'FROM a\nRUN one\nRUN two\n');
    assert.match(check(0, 'hint/Dockerfile', '--fail-on', 'info').stdout, /1 hint; passed/);
  });

  test('1 for a text that no build gets past', () => {
    at.write('broken/Dockerfile', 'FROM a\nCOPY one\n');
    assert.match(
      check(1, 'broken/Dockerfile').stdout,
      /^broken\/Dockerfile:2: error: .*\[RefusedByBuilder\]$/m,
    );
  });

  test('3 for a budget when nothing is measured, and the reason', () => {
    const { stdout, stderr } = check(3, 'clean/Dockerfile', '--max-size', '1GB');
    assert.match(stdout, /unchecked: nothing is measured/);
    assert.match(stderr, /the budget 'image' could not be checked: nothing is measured\.\n.*--image/);
  });

  test('3 for an image that cannot be read', () => {
    assert.match(
      check(3, 'clean/Dockerfile', '--image', 'oci:nowhere', '--max-size', '1GB').stderr,
      /nowhere/,
    );
  });

  test('2 for a word that is no size, no level, no format', () => {
    assert.match(check(2, '--max-size', 'large').stderr, /--max-size takes a size such as 200MB/);
    assert.match(check(2, '--max-layers', '2.5').stderr, /--max-layers takes a whole number/);
    assert.match(check(2, '--min-efficiency', '95').stderr, /0\.95 or 95%/);
    assert.match(check(2, '--fail-on', 'hint').stderr, /error, warning, info/);
    assert.match(check(2, '--format', 'junit').stderr, /text, json, sarif, github, gitlab, markdown/);
  });
});

describe('budgets of an image', () => {
  test('kept ones pass', () => {
    const told = report(0, 'app/Dockerfile', ...image, '--max-size', '5004', '--max-layers', '3');
    assert.equal(told.passed, true);
    assert.deepEqual(told.budgets, [
      { budget: 'image', limit: 5004, actual: 5004, state: 'kept', why: null },
      { budget: 'layers', limit: 3, actual: 3, state: 'kept', why: null },
    ]);
  });

  test('exceeded ones are errors on the lines that spend most', () => {
    const flags = ['--max-size', '5003', '--max-layer', '4kB', '--max-wasted', '1k', '--max-layers', '2'];
    const told = report(
      1,
      'app/Dockerfile',
      ...image,
      ...flags,
      '--max-stage',
      '5 kB',
      '--min-efficiency',
      '5%',
    );
    assert.equal(told.passed, false);
    assert.deepEqual(told.findings.map(({ rule, line, bytes }) => `${line} ${rule} ${bytes}`).sort(), [
      '2 EfficiencyBudget null',
      '2 ImageBudget 1',
      '2 LayerBudget 1000',
      '2 StageBudget 2',
      '2 WasteBudget 4000',
      '4 LayersBudget null',
    ]);
  });

  test('an image of another Dockerfile still has a size; which line spent it is not made up', () => {
    at.write('other/Dockerfile', 'FROM base:1\nRUN something else\n');
    const told = report(1, 'other/Dockerfile', ...image, '--max-size', '1kB', '--max-layer', '1kB');
    assert.deepEqual(
      told.findings.map(({ rule }) => rule),
      ['ImageBudget'],
    );
    assert.equal(told.budgets.find(({ budget }) => budget === 'layer')?.state, 'unchecked');
  });
});

describe('budgets of a recorded build', () => {
  const text = readFileSync(path.join(root, 'examples/layers/Dockerfile'), 'utf8');
  const at2 = () =>
    cpSync(path.join(root, 'examples/layers'), path.join(at.folder, 'recorded'), { recursive: true });

  test('count as long as the text is the one that was built', () => {
    at2();
    const told = report(1, 'recorded/Dockerfile', '--max-size', '1MB');
    assert.deepEqual(
      told.findings.filter(({ rule }) => rule === 'ImageBudget').map(({ line }) => line),
      [11],
    );
  });

  for (const [name, edit] of [
    ['an edited RUN', (text: string) => text.replace('count=300', 'count=3')],
    ['a new RUN at the end', (text: string) => `${text}\nRUN one more\n`],
    ['a RUN taken out', (text: string) => text.replace(/^RUN rm \/srv\/scratch\.bin\n/m, '')],
  ] as const) {
    test(`are of another text after ${name}: neither kept nor exceeded`, () => {
      at2();
      assert.notEqual(edit(text), text);
      at.write('recorded/Dockerfile', edit(text));
      const told = report(3, 'recorded/Dockerfile', '--max-size', '1kB');
      assert.deepEqual(
        told.budgets.map(({ state }) => state),
        ['unchecked'],
      );
      assert.match(told.budgets[0]!.why ?? '', /since the build that was measured/);
    });
  }

  test('still count after an edit that changes no size', () => {
    at2();
    at.write('recorded/Dockerfile', `${text}\nCMD ["true"]\n`);
    assert.equal(report(0, 'recorded/Dockerfile', '--max-size', '1GB').budgets[0]?.state, 'kept');
  });
});

describe('strata.yaml and .dive-ci', () => {
  test('set budgets; a flag wins', () => {
    at.write('app/strata.yaml', 'budgets:\n  image: 1kB\n  layers: 9\n');
    assert.deepEqual(
      report(1, 'app/Dockerfile', ...image).budgets.map(({ budget, limit }) => `${budget} ${limit}`),
      ['image 1000', 'layers 9'],
    );
    report(0, 'app/Dockerfile', ...image, '--max-size', '1MB');
  });

  test('a slip in it is wrong usage with its line, never a lifted limit', () => {
    at.write('app/strata.yaml', 'budgets:\n  imgae: 1kB\n');
    assert.match(check(2, 'app/Dockerfile', ...image).stderr, /app\/strata\.yaml:2: 'imgae' is no budget/);
    at.write('app/strata.yaml', 'budgets:\n');
  });

  test('thresholds of dive are held', () => {
    at.write('app/.dive-ci', 'rules:\n  lowestEfficiency: 0.95\n  highestWastedBytes: 20MB\n  later: 1\n');
    const run = check(1, 'app/Dockerfile', ...image);
    assert.match(run.stdout, /\[EfficiencyBudget\]/);
    assert.match(run.stderr, /\.dive-ci:4: 'later' is no threshold of dive/);
    at.write('app/.dive-ci', 'rules: {}\n');
  });
});

describe('formats', () => {
  const exceeded = ['app/Dockerfile', ...image, '--max-layer', '4kB'];

  test('text makes links of lines, and a table of budgets', () => {
    const { stdout } = check(1, ...exceeded);
    assert.match(
      stdout,
      /^app\/Dockerfile:2: error: The layer of this line has 5\.00 kB unpacked, .*\[LayerBudget\]$/m,
    );
    assert.match(stdout, /^layer +4\.00 kB +5\.00 kB {2}exceeded$/m);
    assert.match(stdout, /^1 error\b.*; failed$/m);
  });

  test('github annotates lines, and nothing in a text can make a command of its own', () => {
    assert.match(
      check(1, ...exceeded, '--format', 'github').stdout,
      /^::error file=app\/Dockerfile,line=2,endLine=2,title=Strata%3A LayerBudget::The layer of this line/m,
    );
    at.write('a,b:c%/Dockerfile', 'FROM a\nHELLO ::error::%0A you\n');
    const { stdout } = check(1, 'a,b:c%/Dockerfile', '--format', 'github');
    assert.match(stdout, /^::error file=a%2Cb%3Ac%25\/Dockerfile,line=2/);
    assert.equal(stdout.match(/^::/gm)?.length, 1);
  });

  test('an unchecked budget is told in each format', () => {
    for (const format of ['text', 'json', 'sarif', 'github', 'gitlab', 'markdown']) {
      const { stdout } = check(3, 'clean/Dockerfile', '--max-size', '1GB', '--format', format);
      assert.match(stdout, /nothing is measured/, format);
    }
  });

  test('gitlab is a code quality report with fingerprints of their own', () => {
    const issues = JSON.parse(check(1, ...exceeded, '--max-layers', '1', '--format', 'gitlab').stdout) as {
      description: string;
      check_name: string;
      fingerprint: string;
      severity: string;
      location: { path: string; lines: { begin: number } };
    }[];
    assert.deepEqual(
      issues
        .filter(({ check_name }) => check_name.endsWith('Budget'))
        .map((one) => [one.check_name, one.severity, one.location.path, one.location.lines.begin]),
      [
        ['LayerBudget', 'major', 'app/Dockerfile', 2],
        ['LayersBudget', 'major', 'app/Dockerfile', 4],
      ],
    );
    assert.equal(new Set(issues.map(({ fingerprint }) => fingerprint)).size, issues.length);
  });

  test('markdown shows a table, and text of the file stays text', () => {
    const { stdout } = check(1, ...exceeded, '--format', 'markdown');
    assert.match(stdout, /^\| layer \| 4\.00 kB \| 5\.00 kB \| exceeded \|$/m);
    assert.match(stdout, /^\| 2 \| error \| The layer of this line .* \| LayerBudget \| 1\.00 kB \|$/m);
    at.write('md/Dockerfile', 'FROM a\n<IMG>|[x](http://y)`@z ok\n');
    const hostile = check(1, 'md/Dockerfile', '--format', 'markdown').stdout;
    assert.doesNotMatch(hostile, /<IMG|[^\\]\[x|[^\\]`|@z|http:/i);
  });
});

interface Region {
  startLine: number;
  startColumn: number;
  endLine: number;
  endColumn: number;
}
interface Sarif {
  $schema: string;
  version: string;
  runs: {
    tool: {
      driver: {
        name: string;
        rules: { id: string; shortDescription: { text: string }; defaultConfiguration: { level: string } }[];
      };
    };
    columnKind: string;
    invocations: { executionSuccessful: boolean }[];
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      message: { text: string };
      locations: {
        physicalLocation: { artifactLocation: { uri: string; uriBaseId?: string }; region: Region };
      }[];
      fixes?: {
        description: { text: string };
        artifactChanges: {
          artifactLocation: { uri: string };
          replacements: { deletedRegion: Region; insertedContent: { text: string } }[];
        }[];
      }[];
      properties: { bytes: number | null };
      partialFingerprints: Record<string, string>;
    }[];
  }[];
}

describe('SARIF', () => {
  /** What SARIF 2.1.0 requires of what we write; sections 3.13 to 3.58. */
  function sarif(code: number, ...args: string[]): Sarif['runs'][0] {
    const log = JSON.parse(check(code, ...args, '--format', 'sarif').stdout) as Sarif;
    assert.equal(log.version, '2.1.0');
    assert.equal(log.runs.length, 1);
    const run = log.runs[0]!;
    assert.equal(run.tool.driver.name, 'Strata');
    assert.equal(run.columnKind, 'utf16CodeUnits');
    const ids = run.tool.driver.rules.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const rule of run.tool.driver.rules) {
      assert.ok(rule.shortDescription.text.endsWith('.'), rule.id);
      assert.ok(['error', 'warning', 'note'].includes(rule.defaultConfiguration.level));
    }
    const prints = run.results.map(({ partialFingerprints }) => partialFingerprints['strataLine/v1']);
    assert.equal(new Set(prints).size, run.results.length);
    const regions: Region[] = [];
    for (const result of run.results) {
      assert.equal(ids[result.ruleIndex], result.ruleId);
      assert.ok(['error', 'warning', 'note'].includes(result.level));
      assert.notEqual(result.message.text, '');
      assert.equal(result.locations.length, 1);
      regions.push(result.locations[0]!.physicalLocation.region);
      for (const fix of result.fixes ?? []) {
        assert.notEqual(fix.description.text, '');
        for (const change of fix.artifactChanges) {
          assert.ok(change.replacements.length > 0);
          regions.push(...change.replacements.map(({ deletedRegion }) => deletedRegion));
        }
      }
    }
    for (const { startLine, startColumn, endLine, endColumn } of regions) {
      assert.ok(startLine >= 1 && startColumn >= 1 && endColumn >= 1);
      assert.ok(endLine > startLine || (endLine === startLine && endColumn >= startColumn));
    }
    return run;
  }

  test('a budget is a result on its line, with its bytes', () => {
    const run = sarif(1, 'app/Dockerfile', ...image, '--max-layer', '4kB');
    const result = run.results.find(({ ruleId }) => ruleId === 'LayerBudget');
    assert.equal(result!.level, 'error');
    assert.equal(result!.properties.bytes, 1000);
    assert.deepEqual(result!.locations[0]!.physicalLocation, {
      artifactLocation: { uri: 'app/Dockerfile', uriBaseId: '%SRCROOT%' },
      region: { startLine: 2, startColumn: 1, endLine: 2, endColumn: 4 },
    });
    assert.equal(run.invocations[0]!.executionSuccessful, true);
  });

  for (const [name, text] of [
    ['line feeds', 'FROM a\nRUN one\nRUN two\n'],
    ['CRLF, a byte order mark and wide characters', '\uFEFFFROM a\r\nRUN echo 😀ü\r\nRUN two\r\n'],
  ] as const) {
    test(`the replacements of a fix are those that strata fix applies: ${name}`, () => {
      at.write('sarif/Dockerfile', text);
      const fix = sarif(0, 'sarif/Dockerfile').results.find((one) => one.fixes)?.fixes?.[0];
      assert.ok(fix);
      const bare = text.replace('\uFEFF', '');
      const starts = [0, ...[...bare.matchAll(/\n/g)].map(({ index }) => index + 1)];
      const offset = (line: number, column: number) => starts[line - 1]! + column - 1;
      const edits = fix.artifactChanges[0]!.replacements.map(
        ({ deletedRegion: region, insertedContent }) => ({
          start: offset(region.startLine, region.startColumn),
          end: offset(region.endLine, region.endColumn),
          text: insertedContent.text,
        }),
      );
      const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
      assert.equal(mark + applyEdits(bare, edits), at.strata('fix', 'sarif/Dockerfile').stdout);
    });
  }

  test('a name that is no plain word is escaped in the URI', () => {
    at.write('a b#ü:/Dockerfile', 'FROM a\nCOPY one\n');
    const { uri } = sarif(1, 'a b#ü:/Dockerfile').results[0]!.locations[0]!.physicalLocation.artifactLocation;
    assert.equal(uri, 'a%20b%23%C3%BC%3A/Dockerfile');
  });

  test('an empty file has a region too, and an unchecked budget is no success', () => {
    at.write('empty/Dockerfile', '');
    assert.equal(sarif(1, 'empty/Dockerfile').results.length, 1);
    const run = sarif(3, 'clean/Dockerfile', '--max-size', '1GB');
    assert.equal(run.invocations[0]!.executionSuccessful, false);
  });
});
