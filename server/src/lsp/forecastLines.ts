// The forecast of the next build as a list: one line for each step that can come from the cache.
import * as l10n from '@vscode/l10n';
import { instructionTitle } from '../describe/layerTitle';
import { nextTotals } from '../describe/next';
import { translated } from '../describe/translate';
import type { ForecastResult } from '../protocol';
import { documentOf } from './diffs';
import type { Session } from './session';

export function forecastOf(session: Session, uri: string): ForecastResult {
  const document = documentOf(session, uri);
  const analysis = document.analysis();
  const totals = nextTotals(analysis, session.style);
  // Asked for by a person: what the editor does not watch may have changed.
  document.forecaster?.refresh();
  return {
    lines: analysis.stages.flatMap(({ instructions }) =>
      instructions.flatMap((view) =>
        view.forecast.cache === 'unknown' && view.forecast.because === ''
          ? []
          : {
              line: view.line,
              title: instructionTitle(view),
              cache: view.forecast.cache,
              because: translated(view.forecast.because),
              bytes: view.forecast.bytes,
            },
      ),
    ),
    totals,
    note:
      totals === null
        ? document.knowledge.record
          ? l10n.t(
              'The recorded build keeps nothing for the forecast: build once, and the next build can be foreseen.',
            )
          : l10n.t(
              'No build of this Dockerfile is recorded yet: build it once, and the next build can be foreseen.',
            )
        : l10n.t('What the builder has pruned since, and what was built without Strata, are not known here.'),
  };
}
