// The formats of `strata check` on findings of every kind: levels, related lines, what a fix asks to be looked at, limits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from '../../../server/src/analysis/analyze';
import type { FindingView } from '../../../server/src/analysis/model';
import { type CheckReport, checkCodes, checkReport } from '../../../server/src/cli/checkReport';
import { checkText } from '../../../server/src/cli/reportCheck';
import { githubCommands } from '../../../server/src/cli/reportGithub';
import { gitlabReport } from '../../../server/src/cli/reportGitlab';
import { checkMarkdown } from '../../../server/src/cli/reportMarkdown';
import { sarifLog } from '../../../server/src/cli/reportSarif';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { noBudgets } from '../../../server/src/rules/budgets';

const text = 'FROM a\nRUN one\nRUN two\n';

function finding(severity: FindingView['severity'], message: string): FindingView {
  return {
    rule: 'DeletedInLaterLayer',
    severity,
    line: 2,
    endLine: 2,
    start: 7,
    end: 10,
    message,
    bytes: 5_000_000,
    related: [{ line: 3, start: 15, end: 18, message: 'deletes what is written here' }],
    fixes: [
      {
        title: 'Delete in this RUN',
        effect: 'review',
        edits: [{ start: 14, end: 14, text: ' && rm x' }],
        isPreferred: false,
        note: 'No line between may need it.',
        saves: 5_000_000,
      },
    ],
  };
}

function report(findings: FindingView[], failOn: 'error' | 'warning' | 'info' = 'error'): CheckReport {
  const analysis = { ...analyze('FROM a\n'), findings };
  return checkReport('app/Dockerfile', parseDockerfile(text), analysis, noBudgets, failOn);
}

const each = report([
  finding('error', 'one'),
  finding('warning', 'two'),
  finding('info', 'three'),
  finding('hint', 'four'),
]);

test('the threshold counts what is at or over it; a hint never', () => {
  const counts = (['error', 'warning', 'info'] as const).map(
    (level) => report(each.analysis.findings, level).failing,
  );
  assert.deepEqual(counts, [1, 2, 3]);
});

test('text shows the other lines and the fixes below a finding', () => {
  assert.equal(
    checkText(report([finding('warning', '5.00 MB are \u001b[31mdeleted')])),
    `Dockerfile:2: warning: 5.00 MB are \ufffd[31mdeleted [DeletedInLaterLayer]
  line 3: deletes what is written here
  fix: Delete in this RUN

Nothing was measured: findings are of the text alone.
1 warning; passed
`,
  );
});

test('github knows error, warning and notice', () => {
  assert.deepEqual(
    [...githubCommands(each).matchAll(/^::(\w+) /gm)].map((match) => match[1]),
    ['error', 'warning', 'notice', 'notice'],
  );
});

test('a message of many lines stays one command', () => {
  const commands = githubCommands(report([finding('error', 'a\r\n::error::b%')]));
  assert.match(commands, /::a%0D%0A::error::b%25\n/);
  assert.equal(commands.match(/^::/gm)?.length, 1);
});

test('the name of a file can break no annotation', () => {
  const named = { ...report([finding('error', 'a')]), path: 'a,line=9::b%\n/Dockerfile' };
  assert.match(
    githubCommands(named),
    /^::error file=a%2Cline=9%3A%3Ab%25%0A\/Dockerfile,line=2,endLine=2,title=Strata%3A DeletedInLaterLayer::a\n/,
  );
  assert.equal(gitlabReport(named)[0]!.location.path, named.path);
});

test('gitlab tells equal findings of equal lines apart, and keeps a finding when lines above it come and go', () => {
  const twice = gitlabReport(report([finding('error', 'a'), finding('error', 'b')]));
  assert.notEqual(twice[0]!.fingerprint, twice[1]!.fingerprint);
  const shifted: CheckReport = {
    ...report([{ ...finding('error', 'a'), line: 3, endLine: 3, start: 10, end: 13 }]),
    dockerfile: parseDockerfile(`# a\n${text}`),
  };
  assert.equal(gitlabReport(shifted)[0]!.fingerprint, twice[0]!.fingerprint);
});

test('SARIF has the other lines, and what a fix saves and asks', () => {
  const log = sarifLog(each, '1.2.3') as {
    runs: {
      results: {
        level: string;
        ruleIndex?: number;
        relatedLocations: { physicalLocation: { region: object }; message: { text: string } }[];
        fixes: { properties: object; artifactChanges: { replacements: { deletedRegion: object }[] }[] }[];
      }[];
    }[];
  };
  const results = log.runs[0]!.results;
  assert.deepEqual(
    results.map(({ level }) => level),
    ['error', 'warning', 'note', 'note'],
  );
  const [first] = results;
  assert.deepEqual(
    first!.relatedLocations.map(({ physicalLocation, message }) => [physicalLocation.region, message.text]),
    [[{ startLine: 3, startColumn: 1, endLine: 3, endColumn: 4 }, 'deletes what is written here']],
  );
  assert.deepEqual(first!.fixes[0]!.properties, {
    effect: 'review',
    note: 'No line between may need it.',
    saves: 5_000_000,
  });
  assert.deepEqual(first!.fixes[0]!.artifactChanges[0]!.replacements[0]!.deletedRegion, {
    startLine: 2,
    startColumn: 8,
    endLine: 2,
    endColumn: 8,
  });
});

test('markdown ends a table that nobody would read to its end', () => {
  const many = checkMarkdown(report(Array.from({ length: 300 }, (_, i) => finding('hint', `finding ${i}`))));
  assert.match(many, /finding 199/);
  assert.doesNotMatch(many, /finding 200/);
  assert.match(many, /^100 more are not shown\.$/m);
});

test('each code has a sentence of its own, once', () => {
  const codes = checkCodes();
  assert.equal(new Set(codes.map(({ name }) => name)).size, codes.length);
  for (const { name, summary } of codes) {
    assert.ok(summary.endsWith('.'), name);
    assert.notEqual(summary, name);
  }
});
