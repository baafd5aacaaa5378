// Sentences that several features of the server share.
import * as l10n from '@vscode/l10n';
import type { Analysis } from '../analysis/model';
import { timeText } from '../describe/hover';
import type { Style } from '../describe/style';

/** `built 12:41 by buildx 0.36.1`; `measured in docker-archive:app.tar`; empty when nothing is known. */
export function evidenceOfBuild(analysis: Analysis, style: Style): string {
  if (analysis.build) {
    return l10n.t('built {0} by {1}', timeText(analysis.build.started, style), analysis.build.builder);
  }
  return analysis.image ? l10n.t('measured in {0}', analysis.image.reference) : '';
}

/** Text for a message box: editors make links of `[words](command:…)` there, and names in it are anybody's. */
export function plainMessage(text: string): string {
  return text.replaceAll('](', '] (');
}
