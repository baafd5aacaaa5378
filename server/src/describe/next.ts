// What the next build will do, in words: for a line, and for all of them. Always a forecast, and it looks like one.
import * as l10n from '@vscode/l10n';
import type { Analysis, ForecastView, InstructionView } from '../analysis/model';
import { rangeText } from './sizeRange';
import { bytesText, durationText, type Style } from './style';
import { translated } from './translate';

/** The word of a hint: `reruns`, `depends on line 5`; null where nothing is forecast. */
export function nextWord({ cache, cause }: ForecastView): string | null {
  switch (cache) {
    case 'cached':
      return l10n.t('cached');
    case 'reruns':
      return l10n.t('reruns');
    case 'depends':
      return cause?.line == null ? l10n.t('depends') : l10n.t('depends on line {0}', cause.line);
    case 'unknown':
      return null;
  }
}

/** `~41.2 MB · reruns`, for a line whose measure the next build will not simply keep; null where it will. */
export function nextLabel({ forecast, layers }: InstructionView, style: Style): string | null {
  if (forecast.cache !== 'reruns' && forecast.cache !== 'depends') return null;
  const word = nextWord(forecast);
  const known = layers.reduce((sum, layer) => sum + (layer.unpackedBytes ?? 0), 0);
  const bytes = forecast.certainty === 'exact' ? forecast.bytes : layers.length > 0 ? known : null;
  const size = rangeText(forecast, style) ?? (bytes === null ? null : `~${bytesText(bytes, style)}`);
  return [size, word].filter(Boolean).join(' · ');
}

/** `Next build: reruns, because src/app.ts changed (content) · ~41.2 MB`; null where nothing is forecast. */
export function nextSentence({ forecast }: InstructionView, style: Style): string | null {
  const word = nextWord(forecast);
  const size =
    forecast.certainty === 'exact' && forecast.bytes !== null ? `~${bytesText(forecast.bytes, style)}` : '';
  if (word === null) return null;
  return [l10n.t('Next build: {0}', whyText(word, forecast.because)), size].filter(Boolean).join(' · ');
}

function whyText(word: string, because: string): string {
  if (because === '') return word;
  const reason = translated(because);
  return because.startsWith('although ')
    ? l10n.t('{0}, {1}', word, reason)
    : l10n.t('{0}, because {1}', word, reason);
}

/** `next build: 5 cached, 2 rerun (~12 s)`; null without a forecast. */
export function nextTotals({ next }: Pick<Analysis, 'next'>, style: Style): string | null {
  if (!next) return null;
  const cost = [
    next.durationMs ? `~${durationText(next.durationMs)}` : '',
    next.bytes ? `~${bytesText(next.bytes, style)}` : '',
  ]
    .filter(Boolean)
    .join(l10n.t(', '));
  const least = next.isPartial && cost !== '' ? l10n.t('{0} at least', cost) : cost;
  const parts = [
    next.cached > 0 ? l10n.t('{0} cached', next.cached) : '',
    next.reruns > 0 ? `${l10n.t('{0} rerun', next.reruns)}${least === '' ? '' : ` (${least})`}` : '',
    next.depends > 0 ? l10n.t('{0} depend on others', next.depends) : '',
    next.unknown > 0 ? l10n.t('{0} unknown', next.unknown) : '',
  ].filter(Boolean);
  const isForeseen = next.cached + next.reruns + next.depends > 0;
  return isForeseen ? l10n.t('next build: {0}', parts.join(l10n.t(', '))) : null;
}

/**
 * The first line of what ships that the next build will run again though nobody edited it: where the cache breaks. Null
 * where it does not, or where the edit that breaks it is the line itself, which its author knows.
 */
export function cacheBreak(analysis: Analysis): { view: InstructionView; because: string } | null {
  for (const stage of analysis.stages) {
    if (!stage.reachable) continue;
    for (const view of stage.instructions) {
      const { cache, cause, because } = view.forecast;
      if (cache !== 'reruns') continue;
      if (cause === null || cause.kind === 'upstream' || cause.kind === 'no-record') continue;
      if (cause.kind === 'instruction' && (cause.line === null || cause.line === view.line)) continue;
      return { view, because };
    }
  }
  return null;
}
