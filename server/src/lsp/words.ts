// Sentences that several features of the server share.
import * as l10n from '@vscode/l10n';
import type { Analysis } from '../analysis/model';
import { timeText } from '../describe/hover';
import type { Style } from '../describe/style';
import { translated } from '../describe/translate';
import { StrataError } from '../primitives/errors';

/** `built 12:41 by buildx 0.36.1`; `measured in docker-archive:app.tar`; empty when nothing is known. */
export function evidenceOfBuild(analysis: Analysis, style: Style): string {
  if (analysis.build) {
    return l10n.t('built {0} by {1}', timeText(analysis.build.started, style), analysis.build.builder);
  }
  return analysis.image ? l10n.t('measured in {0}', analysis.image.reference) : '';
}

/** What a command that failed tells: an error of ours in its own words, a bug as one. */
export function failureWords(error: unknown): { message: string; hint: string } {
  if (error instanceof StrataError) {
    return { message: translated(error.message), hint: translated(error.hint) };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { message: l10n.t('Strata failed: {0}', reason), hint: '' };
}

/** Text for a message box: editors make links of `[words](command:…)` there, and names in it are anybody's. */
export function plainMessage(text: string): string {
  return text.replaceAll('](', '] (');
}
