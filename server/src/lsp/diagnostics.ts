// Findings and the failing line of the last build. Syntax errors that others already report stay theirs:
// Strata lives beside the Docker extensions and adds no second voice.
import * as l10n from '@vscode/l10n';
import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver/node';
import type { FindingView } from '../analysis/model';
import { cacheBreak } from '../describe/next';
import { translated } from '../describe/translate';
import type { Settings } from '../protocol';
import type { DocumentState } from './documents';
import { rangeOf } from './positions';

const severities: Record<FindingView['severity'], DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export function diagnosticsOf(
  document: DocumentState,
  { forecast }: Pick<Settings, 'forecast'>,
): Diagnostic[] {
  const { dockerfile } = document.parsed();
  const found: Diagnostic[] = document.analysis().findings.map((finding) => ({
    range: rangeOf(dockerfile, finding.start, finding.end),
    severity: severities[finding.severity],
    source: 'Strata',
    code: finding.rule,
    message: translated(finding.message),
    ...(finding.related
      ? {
          relatedInformation: finding.related.map(({ start, end, message }) => ({
            location: { uri: document.uri, range: rangeOf(dockerfile, start, end) },
            message: translated(message),
          })),
        }
      : {}),
  }));
  const broken = forecast.cacheBreak ? cacheBreak(document.analysis()) : null;
  const instruction = broken && dockerfile.instructions[broken.view.index];
  if (instruction) {
    found.push({
      range: rangeOf(dockerfile, instruction.start, instruction.keywordEnd),
      severity: DiagnosticSeverity.Hint,
      source: 'Strata',
      code: 'CacheBreak',
      message: l10n.t('the cache breaks here: {0}', translated(broken.because)),
    });
  }
  const failure = document.failure();
  if (failure) {
    found.push({
      range: rangeOf(dockerfile, failure.instruction.start, failure.instruction.end),
      severity: DiagnosticSeverity.Error,
      source: 'Strata',
      code: 'BuildFailed',
      message: [failure.message, ...failure.lastLines.slice(-8)].join('\n'),
    });
  }
  return found;
}
