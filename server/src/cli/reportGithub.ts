// Findings as GitHub's workflow commands: annotations on the lines of a pull request. Decides how text is escaped, as
// actions/toolkit does (packages/core/src/command.ts); a message with a line break must not become a command of its own.
import type { Severity } from '../rules/rule';
import { type CheckReport, countsText, uncheckedOf } from './checkReport';
import { outcomeText } from './reportCheck';
import { clean } from './reportText';

const levels: Record<Severity, string> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
  hint: 'notice',
};

export function githubCommands(report: CheckReport): string {
  const { analysis, path } = report;
  const rows = analysis.findings.map(({ line, endLine, severity, rule, message }) => {
    const at = { file: path, line: String(line), endLine: String(endLine), title: `Strata: ${rule}` };
    return command(levels[severity], at, message);
  });
  for (const { budget, why } of uncheckedOf(report)) {
    const message = `The budget '${budget}' could not be checked: ${why}.`;
    rows.push(command('error', { file: path, title: 'Strata' }, message));
  }
  rows.push(clean(`${countsText(report)}; ${outcomeText(report)}`));
  return `${rows.join('\n')}\n`;
}

function command(name: string, properties: Record<string, string>, message: string): string {
  const given = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(value)}`);
  return `::${name} ${given.join(',')}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
