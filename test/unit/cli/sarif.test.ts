// SARIF 2.1.0 of `strata check`, held against what the standard's schema asks: names and kinds of properties, what is
// required, values that must differ. And what it says must be true: its fixes, applied by its regions, are Strata's own.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyzeParsed } from '../../../server/src/analysis/analyze';
import type { FindingView } from '../../../server/src/analysis/model';
import { checkReport } from '../../../server/src/cli/checkReport';
import { sarifLog } from '../../../server/src/cli/reportSarif';
import { applyEdits } from '../../../server/src/dockerfile/edit';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { noBudgets } from '../../../server/src/rules/budgets';
import { loadedBash } from '../../support/bashParser';
import { checkShape } from '../../support/sarifShape';

interface Region {
  startLine: number;
  startColumn: number;
  endLine: number;
  endColumn: number;
}

/** Offset of a place, as a reader of SARIF finds it: lines end in `\n`, columns count UTF-16 code units. */
function offsetIn(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  assert.ok(line <= lines.length, `there is no line ${line}`);
  assert.ok(column <= lines[line - 1]!.length + 1, `line ${line} has no column ${column}`);
  return lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
}

function spanIn(text: string, { startLine, startColumn, endLine, endColumn }: Region) {
  const start = offsetIn(text, startLine, startColumn);
  const end = offsetIn(text, endLine, endColumn);
  assert.ok(start <= end);
  return { start, end };
}

interface Log {
  runs: {
    tool: { driver: { rules: { id: string }[] } };
    results: {
      ruleId: string;
      ruleIndex?: number;
      message: { text: string };
      locations: { physicalLocation: { artifactLocation: { uri: string }; region: Region } }[];
      fixes?: {
        artifactChanges: { replacements: { deletedRegion: Region; insertedContent: { text: string } }[] }[];
      }[];
      partialFingerprints: Record<string, string>;
    }[];
  }[];
}

/** Checks the log of a text and gives it, as who reads it has it. */
async function checkSarif(text: string, path = 'Dockerfile', more: FindingView[] = []): Promise<Log> {
  const dockerfile = parseDockerfile(text);
  const found = analyzeParsed(dockerfile, undefined, { shell: await loadedBash() });
  const analysis = { ...found, findings: [...found.findings, ...more] };
  const report = checkReport(path, dockerfile, analysis, { ...noBudgets, image: 1 }, 'error');
  const log = JSON.parse(JSON.stringify(sarifLog(report, '1.2.3'))) as Log;
  checkShape(log, 'log', 'log');
  const [{ tool, results }] = log.runs as [Log['runs'][0]];
  // A byte order mark is no part of the text.
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const bare = text.slice(mark.length);
  const { findings } = report.analysis;
  assert.equal(results.length, findings.length);
  for (const [at, { ruleId, ruleIndex, locations, fixes = [] }] of results.entries()) {
    const finding = findings[at]!;
    if (ruleIndex !== undefined) assert.equal(tool.driver.rules[ruleIndex]!.id, ruleId);
    const { start, end } = spanIn(bare, locations[0]!.physicalLocation.region);
    assert.equal(bare.slice(start, end), text.slice(finding.start, finding.end).replace('\uFEFF', ''));
    for (const [nth, { artifactChanges }] of fixes.entries()) {
      const edits = artifactChanges[0]!.replacements.map(({ deletedRegion, insertedContent }) => ({
        ...spanIn(bare, deletedRegion),
        text: insertedContent.text,
      }));
      assert.equal(mark + applyEdits(bare, edits), applyEdits(text, finding.fixes[nth]!.edits));
    }
  }
  const prints = results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
  assert.equal(new Set(prints).size, prints.length, 'each has a fingerprint of its own');
  return log;
}

describe('a log keeps to the standard, and its fixes are the same by its regions', () => {
  const texts: Record<string, string> = {
    'of nothing': '',
    'of what no builder takes': 'FRM a\nRUN\n',
    'of several findings with fixes': 'FROM a\nRUN one\nRUN two\nRUN three\nCOPY . .\nRUN npm ci\n',
    'of an unknown ignore word': '# strata: ignore=layerlimit\nFROM a\n',
    'with a byte order mark at a finding': '\uFEFFRUN a\n',
    'with a byte order mark': '\uFEFFFROM a\r\nRUN one\r\nRUN two\r\n',
    'with characters of two units': 'FROM a\nRUN echo 😀 && one # 😀\nRUN echo 😀\nRUN two "😀" && three\n',
    'without a line end': 'FROM a\nRUN one\nRUN two',
    'with line ends of old': 'FROM a\rRUN one\nRUN two\u2028three\nRUN four',
    'with a missing continuation': 'FROM a\nRUN one &&\n  two\n',
    'with heredocs': 'FROM a\nRUN <<A\none\nA\nRUN <<B\ntwo\nB\n',
  };
  for (const [name, text] of Object.entries(texts)) {
    test(name, async () => {
      const [{ results }] = (await checkSarif(text)).runs as [Log['runs'][0]];
      assert.ok(text === '' || results.length > 0 || name === 'with line ends of old', 'something is found');
    });
  }
});

describe('the name of the file is a URI', () => {
  const names: Record<string, string> = {
    'app/Dockerfile': 'app/Dockerfile',
    'a b/100%/#1?.Dockerfile': 'a%20b/100%25/%231%3F.Dockerfile',
    'c:d/Dockerfile': 'c%3Ad/Dockerfile',
    'ü/Dockerfile': '%C3%BC/Dockerfile',
    'half\ud800/Dockerfile': 'half%EF%BF%BD/Dockerfile',
    '/srv/a b/Dockerfile': 'file:///srv/a%20b/Dockerfile',
    'C:/a b/Dockerfile': 'file:///C:/a%20b/Dockerfile',
  };
  for (const [path, uri] of Object.entries(names)) {
    test(JSON.stringify(path), async () => {
      const { results } = (await checkSarif('FRM a\n', path)).runs[0]!;
      assert.equal(results[0]!.locations[0]!.physicalLocation.artifactLocation.uri, uri);
    });
  }
});

test('names in a message are neither links nor placeholders', async () => {
  const message = '/srv/[here](https://example.com/) and /{0} and [1] are the same';
  const finding = { rule: 'DuplicateContent', severity: 'info' as const, bytes: 1, fixes: [], message };
  const more = [{ ...finding, line: 1, endLine: 1, start: 0, end: 4 }];
  const { results } = (await checkSarif('FROM a\n', 'Dockerfile', more)).runs[0]!;
  assert.equal(
    results[0]!.message.text,
    '/srv/\\[here](https://example.com/) and /{{0}} and [1] are the same',
  );
});

test('a finding keeps its fingerprint while lines above it come and go, and in another order', async () => {
  const prints = async (text: string) =>
    new Map(
      (await checkSarif(text)).runs[0]!.results.map(({ ruleId, partialFingerprints }) => [
        ruleId,
        partialFingerprints['strataLine/v1'],
      ]),
    );
  const text = 'FROM a\nCOPY . .\nRUN npm ci\n';
  const was = await prints(text);
  assert.deepEqual(await prints(`# note\n\n${text}`), was);
  assert.deepEqual((await prints(text.replace('npm ci', 'npm  ci'))).size, was.size);
  assert.notDeepEqual(await prints(text.replace('ci', 'ci --silent')), was);
});
