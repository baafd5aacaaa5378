// The text of a line's inlay hint: how big, from the cache or not, at most 40 characters. The table of states is
// the design's; what is not known is left out.
import * as l10n from '@vscode/l10n';
import type { InstructionView, StageView } from '../analysis/model';
import type { LineState } from '../build/model';
import { nextLabel, nextWord } from './next';
import { rangeText } from './sizeRange';
import { bytesText, countText, durationText, type Style, sizeText, unshippedText } from './style';

export interface HintSettings {
  beforeBuild: 'layers' | 'sizesOnly';
  metadataLines: boolean;
}

/** What a running build says of a line. */
export interface LiveLine {
  state: LineState;
  elapsedMs: number;
}

/** Null: no hint. */
export function hintLabel(
  stage: StageView,
  view: InstructionView,
  live: LiveLine | null,
  settings: HintSettings,
  style: Style,
): string | null {
  if (live) return liveLabel(live);
  if (view.effect === 'base') return baseLabel(stage, view, style);
  if (view.effect !== 'layer') {
    if (view.error !== null) return l10n.t('failed');
    return view.effect === 'metadata' && settings.metadataLines ? l10n.t('no layer') : null;
  }
  if (view.error !== null) return l10n.t('failed');
  if (view.standing === 'measured') {
    const label = nextLabel(view, style) ?? measuredLabel(view, style);
    if (label) return label;
  }
  if (view.standing === 'stale') return staleLabel(view, style);
  if (view.forecast.certainty === 'exact' && view.forecast.bytes !== null && view.keyword !== 'WORKDIR') {
    const size = `~${bytesText(view.forecast.bytes, style)}`;
    return view.forecast.cache === 'cached' ? `${size} · ${l10n.t('cached')}` : size;
  }
  const range = view.standing === 'measured' ? null : rangeText(view.forecast, style);
  if (range !== null) return range;
  return settings.beforeBuild === 'layers' && view.standing !== 'measured' ? l10n.t('layer') : null;
}

function liveLabel(live: LiveLine): string {
  switch (live.state) {
    case 'waiting':
      return l10n.t('waiting');
    case 'building':
      return l10n.t('building {0}', durationText(live.elapsedMs));
    case 'cached':
      return l10n.t('cached');
    case 'failed':
      return l10n.t('failed');
    case 'done':
      return l10n.t('ran {0}', durationText(live.elapsedMs));
  }
}

function baseLabel(stage: StageView, view: InstructionView, style: Style): string | null {
  if (view.standing !== 'measured' || stage.base.kind !== 'image' || stage.base.layers === null) return null;
  const parts = [countText(stage.base.layers, 'layer', style)];
  if (stage.base.unpackedBytes !== null) parts.unshift(bytesText(stage.base.unpackedBytes, style));
  return l10n.t('base {0}', parts.join(' · '));
}

/** `41.2 MB · cached · 9.8 MB wasted`; null when the build says nothing of this line. */
function measuredLabel(view: InstructionView, style: Style): string | null {
  const parts: string[] = [];
  const size = sizeText(view.layers, style) ?? unshippedText(view, style);
  if (size) parts.push(size);
  const cache = cacheLabel(view);
  if (cache) parts.push(cache);
  const wasted = view.layers.reduce((total, layer) => total + (layer.wastedBytes ?? 0), 0);
  if (wasted > 0) parts.push(l10n.t('{0} wasted', bytesText(wasted, style)));
  return parts.length > 0 ? parts.join(' · ') : null;
}

function cacheLabel(view: InstructionView): string | null {
  if (view.cache === 'hit') return l10n.t('cached');
  if (view.cache === 'miss')
    return view.durationMs === null ? l10n.t('ran') : l10n.t('ran {0}', durationText(view.durationMs));
  return null;
}

/** Edited since: the last measure as an estimate, and what it depends on. */
function staleLabel(view: InstructionView, style: Style): string {
  const { forecast } = view;
  const exact = forecast.certainty === 'exact' && forecast.bytes !== null ? forecast.bytes : null;
  const before = exact === null ? sizeText(view.before, style) : bytesText(exact, style);
  // What the context allows now counts before what was measured of the line as it was.
  const size = rangeText(forecast, style) ?? (before === null ? null : `~${before}`);
  const reason = nextWord(forecast) ?? unforeseen(view);
  return size ? `${size} · ${reason}` : reason;
}

function unforeseen(view: InstructionView): string {
  return view.dependsOn === null
    ? l10n.t('edited since the build')
    : l10n.t('depends on line {0}', view.dependsOn);
}
