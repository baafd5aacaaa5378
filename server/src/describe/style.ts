// How numbers are written for one person: their units and locale. Words come from the translation bundle.
import * as l10n from '@vscode/l10n';
import type { InstructionView, LayerView } from '../analysis/model';
import { formatBytes, formatDuration, type Units } from '../primitives/bytes';
import { sum } from '../primitives/sum';

export interface Style {
  units: Units;
  locale: string;
}

export const plainStyle: Style = { units: 'decimal', locale: 'en' };

export function bytesText(bytes: number, style: Style): string {
  return formatBytes(bytes, style.units);
}

export function durationText(ms: number): string {
  return formatDuration(ms);
}

/** Making one costs half a millisecond, and numbers are written at each keystroke. */
const numberFormats = new Map<string, Intl.NumberFormat>();

/** `1,204`. */
export function numberText(count: number, { locale }: Style): string {
  const format = numberFormats.get(locale) ?? new Intl.NumberFormat(locale);
  numberFormats.set(locale, format);
  return format.format(count);
}

/** `1,204 files`; English plural forms, one form in languages without them. */
export function countText(count: number, noun: 'file' | 'layer' | 'line' | 'change', style: Style): string {
  const number = numberText(count, style);
  switch (noun) {
    case 'file':
      return count === 1 ? l10n.t('{0} file', number) : l10n.t('{0} files', number);
    case 'layer':
      return count === 1 ? l10n.t('{0} layer', number) : l10n.t('{0} layers', number);
    case 'line':
      return count === 1 ? l10n.t('{0} line', number) : l10n.t('{0} lines', number);
    case 'change':
      return count === 1 ? l10n.t('{0} change', number) : l10n.t('{0} changes', number);
  }
}

export type LayerSizes = Pick<LayerView, 'unpackedBytes' | 'compressedBytes' | 'engineBytes'>;

/**
 * The best size known of measured layers and what it counts: unpacked, else as the engine counts, else compressed.
 * Null when a part is known in none of them; parts of different measure are never added.
 */
export function bestSize(
  layers: readonly LayerSizes[],
): { bytes: number; basis: 'unpacked' | 'engine' | 'compressed' } | null {
  if (layers.length === 0) return null;
  for (const [basis, key] of [
    ['unpacked', 'unpackedBytes'],
    ['engine', 'engineBytes'],
    ['compressed', 'compressedBytes'],
  ] as const) {
    const bytes = sum(layers.map((layer) => layer[key]));
    if (bytes !== null) return { bytes, basis };
  }
  return null;
}

type Unshipped = NonNullable<InstructionView['unshipped']>;

/** `12.3 MB compressed`, `53 kB as a tar`, of what lines left with the builder and in no image; null where it is not known. */
export function leftText(left: readonly Unshipped[], style: Style): string | null {
  const text = sizeText(
    left.map((one) => ({ ...one, unpackedBytes: null })),
    style,
  );
  const tar = text === null && left.length > 0 ? sum(left.map(({ tarBytes }) => tarBytes)) : null;
  return tar === null ? text : l10n.t('{0} as a tar', bytesText(tar, style));
}

/** The same of one line. */
export function unshippedText(
  { unshipped }: Pick<InstructionView, 'unshipped'>,
  style: Style,
): string | null {
  return unshipped ? leftText([unshipped], style) : null;
}

/** The size with its basis named where it is not the unpacked one. */
export function sizeText(layers: readonly LayerSizes[], style: Style): string | null {
  const size = bestSize(layers);
  if (!size) return null;
  const text = bytesText(size.bytes, style);
  return size.basis === 'compressed' ? l10n.t('{0} compressed', text) : text;
}
