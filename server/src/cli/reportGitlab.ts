// Findings as GitLab's code quality report: shown in merge requests, on the lines of the change.
// docs.gitlab.com/ci/testing/code_quality: description, check_name, fingerprint, severity, location.path, lines.begin.
import type { Severity } from '../rules/rule';
import { type CheckReport, uncheckedOf } from './checkReport';
import { fingerprints } from './fingerprint';

const severities: Record<Severity, string> = {
  error: 'major',
  warning: 'minor',
  info: 'info',
  hint: 'info',
};

interface Issue {
  description: string;
  check_name: string;
  fingerprint: string;
  severity: string;
  location: { path: string; lines: { begin: number; end: number } };
}

export function gitlabReport(report: CheckReport): Issue[] {
  const { analysis, path } = report;
  const fingerprintOf = fingerprints(report);
  const issue = (
    name: string,
    severity: string,
    description: string,
    line: number,
    endLine: number,
  ): Issue => {
    const fingerprint = fingerprintOf(name, line);
    const location = { path, lines: { begin: line, end: endLine } };
    return { description, check_name: name, fingerprint, severity, location };
  };
  const found = analysis.findings.map(({ rule, severity, message, line, endLine }) =>
    issue(rule, severities[severity], message, line, endLine),
  );
  const unchecked = uncheckedOf(report).map(({ budget, why }) =>
    issue('UncheckedBudget', 'major', `The budget '${budget}' could not be checked: ${why}`, 1, 1),
  );
  return [...found, ...unchecked];
}
