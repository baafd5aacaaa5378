// Between which sizes the next layer of a line will be, where only its bounds are known, and why. Always a forecast, and
// it looks like one.
import * as l10n from '@vscode/l10n';
import type { ForecastView } from '../analysis/model';
import { bytesText, type Style } from './style';
import { translated } from './translate';

/** `~3.00 to 8.12 MB`; null where the size is exact or has no bounds. */
export function rangeText({ certainty, least, most }: ForecastView, style: Style): string | null {
  if (certainty === 'exact' || least === null || most === null) return null;
  const [from, to] = [bytesText(least, style), bytesText(most, style)];
  if (from === to) return `~${to}`;
  const [number, unit] = from.split(' ');
  // Of one unit it is said once; nothing is nothing in any.
  const isShort = least === 0 || to.endsWith(` ${unit}`);
  return l10n.t('~{0} to {1}', isShort ? number! : from, to);
}

/** `~3.00 to 8.12 MB: line 4 copies files to the same place, …`. */
export function rangeSentence(forecast: ForecastView, style: Style): string | null {
  const range = rangeText(forecast, style);
  if (range === null || forecast.sizeWhy === null) return range;
  return `${range}: ${translated(forecast.sizeWhy)}`;
}
