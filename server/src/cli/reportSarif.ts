// Findings as SARIF 2.1.0 (OASIS): results with regions and fixes, for code scanning and for editors. Columns are of
// UTF-16 code units, 1-based; a byte order mark is no part of the text.
import type { FindingView } from '../analysis/model';
import { lineAt } from '../dockerfile/lineAt';
import type { Dockerfile, TextEdit } from '../dockerfile/model';
import type { Severity } from '../rules/rule';
import { type CheckReport, checkCodes, uncheckedOf } from './checkReport';
import { fingerprints } from './fingerprint';

const levels: Record<Severity, 'error' | 'warning' | 'note'> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
  hint: 'note',
};

interface Region {
  startLine: number;
  startColumn: number;
  endLine: number;
  endColumn: number;
}

/** A log with one run. */
export function sarifLog(report: CheckReport, version: string): object {
  const codes = checkCodes();
  const indexes = new Map(codes.map(({ name }, index) => [name, index]));
  const unchecked = uncheckedOf(report);
  const fingerprintOf = fingerprints(report);
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Strata',
            semanticVersion: version,
            rules: codes.map(({ name, severity, summary }) => ({
              id: name,
              name,
              shortDescription: { text: summary },
              help: { text: summary },
              defaultConfiguration: { level: levels[severity] },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: unchecked.length === 0,
            toolExecutionNotifications: unchecked.map(({ budget, why }) => ({
              level: 'error',
              message: { text: `The budget '${budget}' could not be checked: ${why}.` },
            })),
          },
        ],
        results: report.analysis.findings.map((finding) => ({
          ...result(report, finding, indexes),
          partialFingerprints: { 'strataLine/v1': fingerprintOf(finding.rule, finding.line) },
        })),
      },
    ],
  };
}

function result(report: CheckReport, finding: FindingView, indexes: ReadonlyMap<string, number>): object {
  const { rule, severity, message, bytes, fixes, related = [] } = finding;
  const index = indexes.get(rule);
  const location = artifact(report);
  const region = regionOf(report, finding.start, Math.max(finding.start, finding.end));
  return {
    ruleId: rule,
    ...(index === undefined ? {} : { ruleIndex: index }),
    level: levels[severity],
    message: { text: literal(message) },
    locations: [{ physicalLocation: { artifactLocation: location, region } }],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((one) => ({
            physicalLocation: {
              artifactLocation: location,
              region: regionOf(report, one.start, Math.max(one.start, one.end)),
            },
            message: { text: literal(one.message) },
          })),
        }),
    ...(fixes.length === 0
      ? {}
      : {
          fixes: fixes.map(({ title, effect, edits, note, saves }) => ({
            description: { text: literal(title) },
            artifactChanges: [
              { artifactLocation: location, replacements: edits.map((edit) => replacement(report, edit)) },
            ],
            properties: { effect, note, saves },
          })),
        }),
    properties: { bytes, severity },
  };
}

function replacement(report: CheckReport, { start, end, text }: TextEdit): object {
  return { deletedRegion: regionOf(report, start, end), insertedContent: { text } };
}

function regionOf({ dockerfile }: CheckReport, start: number, end: number): Region {
  const from = position(dockerfile, start);
  const to = position(dockerfile, end);
  return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
}

function position(dockerfile: Dockerfile, offset: number) {
  const at = lineAt(dockerfile, offset);
  const mark = at === 0 && dockerfile.text.startsWith('\uFEFF') ? 1 : 0;
  return { line: at + 1, column: Math.max(1, offset - dockerfile.lineStarts[at]! + 1 - mark) };
}

/**
 * `[a](b)` would be a link and `{0}` a placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6). Names of files and images are anyone's:
 * they are to be read, not followed.
 */
function literal(text: string): string {
  return text.replace(/\[(?=[^\]]*\]\()/g, '\\[').replace(/\{(\d+)\}/g, '{{$1}}');
}

/** A relative URI has no scheme: a colon in the first segment would make it one, so it is escaped too. */
function artifact({ path }: CheckReport): object {
  const [first = '', ...others] = path.split('/');
  const rest = others.map(escaped);
  if (first === '' || /^[A-Za-z]:$/.test(first)) {
    return { uri: `file:///${[first, ...rest].filter(Boolean).join('/')}` };
  }
  return { uri: [escaped(first), ...rest].join('/'), uriBaseId: '%SRCROOT%' };
}

/** A name on Windows can hold half a character, of which there is no UTF-8. */
function escaped(segment: string): string {
  return encodeURIComponent(segment.replace(/\p{Cs}/gu, '\ufffd'));
}
