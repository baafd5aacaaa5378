// The hover on a keyword: identity, sizes, past, future, waste, largest contents. Markdown; names of files are
// escaped, since image content is hostile. Lines about what is not known are left out.
import * as l10n from '@vscode/l10n';
import type { Analysis, InstructionView, LayerView, StageView } from '../analysis/model';
import { sum } from '../primitives/sum';
import { nextSentence } from './next';
import { rangeSentence } from './sizeRange';
import { bytesText, countText, durationText, type LayerSizes, type Style, unshippedText } from './style';
import { translated } from './translate';

export interface HoverExtra {
  /** Largest files and folders of the layer. */
  largest: { path: string; bytes: number }[];
  /** Who hides what this layer wrote, the largest first. */
  waste: { path: string; bytes: number; line: number | null }[];
  /** Why RUN steps here cannot be merged; null when they can or when nothing is to be said. */
  mergeRefused: string | null;
}

export const noExtra: HoverExtra = { largest: [], waste: [], mergeRefused: null };

/** Paragraph lines of the hover, in order. */
export function hoverLines(
  analysis: Analysis,
  stage: StageView,
  view: InstructionView,
  extra: HoverExtra,
  style: Style,
): string[] {
  const lines = [identity(analysis, stage, view, style)];
  const layers = view.layers;
  if (layers.length > 0) lines.push(sizes(layers, style), ...files(layers, style));
  if (view.effect === 'base') lines.push(...baseLines(stage, style));
  const unshipped = view.unshipped
    ? sizes([{ ...view.unshipped, unpackedBytes: null }], style) || unshippedText(view, style)
    : null;
  if (unshipped) lines.push(l10n.t('{0}, in the builder’s cache', unshipped));
  lines.push(...past(view));
  lines.push(...future(view, style));
  if (view.why) lines.push(escapeMarkdown(translated(view.why)));
  for (const waste of extra.waste.slice(0, 3)) {
    lines.push(
      waste.line === null
        ? l10n.t(
            '{0} wasted: {1} is hidden by a later layer',
            bytesText(waste.bytes, style),
            code(waste.path),
          )
        : l10n.t(
            '{0} wasted: {1} is hidden by line {2}',
            bytesText(waste.bytes, style),
            code(waste.path),
            waste.line,
          ),
    );
  }
  if (extra.largest.length > 0) {
    const list = extra.largest.slice(0, 3).map((one) => `${code(one.path)} ${bytesText(one.bytes, style)}`);
    lines.push(l10n.t('Largest: {0}', list.join(' · ')));
  }
  if (extra.mergeRefused)
    lines.push(l10n.t('Not merged with the RUN above: {0}', escapeMarkdown(translated(extra.mergeRefused))));
  if (analysis.build?.note) lines.push(`*${escapeMarkdown(translated(analysis.build.note))}*`);
  return lines;
}

function identity(analysis: Analysis, stage: StageView, view: InstructionView, style: Style): string {
  const parts: string[] = [];
  const layer = view.layers[0];
  if (layer && analysis.image) parts.push(l10n.t('Layer {0} of {1}', layer.index + 1, analysis.image.layers));
  parts.push(`**${view.keyword}**`);
  if (layer && analysis.build) {
    parts.push(
      l10n.t(
        'measured {0} by {1} ({2})',
        timeText(analysis.build.started, style),
        analysis.build.builder,
        evidenceText(view),
      ),
    );
  } else if (layer) parts.push(l10n.t('measured ({0})', evidenceText(view)));
  else if (view.effect === 'layer') parts.push(l10n.t('makes a layer'));
  else if (view.effect === 'metadata') parts.push(l10n.t('no layer: changes the image’s metadata only'));
  if (!stage.reachable) parts.push(l10n.t('not built for this target'));
  else if (!stage.shipped && view.effect !== 'base') parts.push(l10n.t('does not ship'));
  return parts.join(' · ');
}

/** How a layer was tied to the line, in words. */
export function evidenceText(view: Pick<InstructionView, 'evidence'>): string {
  switch (view.evidence) {
    case 'provenance':
      return l10n.t('exact, from provenance');
    case 'steps':
      return l10n.t('from the builder’s steps');
    case 'history':
      return l10n.t('from the image’s history');
    case 'order':
      return l10n.t('from the order of layers');
    case 'none':
      return l10n.t('no evidence');
  }
}

/** `41.2 MB unpacked · 14.0 MB compressed`. */
export function sizes(layers: readonly LayerSizes[], style: Style): string {
  const parts: string[] = [];
  const total = (key: keyof LayerSizes) => sum(layers.map((layer) => layer[key]));
  const unpacked = total('unpackedBytes');
  const engine = total('engineBytes');
  const compressed = total('compressedBytes');
  if (unpacked !== null) parts.push(l10n.t('{0} unpacked', bytesText(unpacked, style)));
  else if (engine !== null) parts.push(l10n.t('{0} as the engine counts', bytesText(engine, style)));
  if (compressed !== null) parts.push(l10n.t('{0} compressed', bytesText(compressed, style)));
  return parts.join(' · ');
}

function files(layers: readonly LayerView[], style: Style): string[] {
  if (layers.some((layer) => layer.added === null)) return [];
  const total = (key: 'added' | 'modified' | 'removed') =>
    layers.reduce((sum, layer) => sum + (layer[key] ?? 0), 0).toLocaleString(style.locale);
  return [
    l10n.t('{0} added, {1} modified, {2} removed', total('added'), total('modified'), total('removed')),
  ];
}

function baseLines(stage: StageView, style: Style): string[] {
  if (stage.base.kind !== 'image' || stage.base.layers === null) return [];
  const text = countText(stage.base.layers, 'layer', style);
  return [
    stage.base.unpackedBytes === null
      ? l10n.t('Base: {0}', text)
      : l10n.t('Base: {0}, {1} unpacked', text, bytesText(stage.base.unpackedBytes, style)),
  ];
}

function past(view: InstructionView): string[] {
  if (view.error !== null) return [l10n.t('Failed in the last build: {0}', code(view.error))];
  if (view.cache === 'hit') return [l10n.t('Taken from the cache')];
  if (view.cache === 'miss') {
    return [view.durationMs === null ? l10n.t('Ran') : l10n.t('Ran {0}', durationText(view.durationMs))];
  }
  return [];
}

function future(view: InstructionView, style: Style): string[] {
  const next = nextSentence(view, style);
  const range = view.effect === 'layer' ? rangeSentence(view.forecast, style) : null;
  if (next !== null) return [escapeMarkdown(next), ...(range === null ? [] : [escapeMarkdown(range)])];
  if (view.layers.length > 0 || view.effect !== 'layer') return [];
  if (range !== null) return [escapeMarkdown(l10n.t('Next build: {0}', range))];
  if (view.forecast.bytes === null) return [];
  const size = `~${bytesText(view.forecast.bytes, style)}`;
  return [
    view.forecast.certainty === 'exact'
      ? l10n.t('Next build: {0} (from the text)', size)
      : l10n.t('Next build: {0} (as measured before the edit)', size),
  ];
}

/** `12:41`, with the date when it was not today. */
export function timeText(iso: string, style: Style, now = new Date()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const { clock, day } = formatsOf(style.locale);
  const time = clock.format(date);
  return date.toDateString() === now.toDateString() ? time : `${day.format(date)} ${time}`;
}

interface TimeFormats {
  clock: Intl.DateTimeFormat;
  day: Intl.DateTimeFormat;
}

/** Making them costs more than the rest of a summary, which is told at each keystroke. */
const timeFormats = new Map<string, TimeFormats>();

function formatsOf(locale: string): TimeFormats {
  const found = timeFormats.get(locale) ?? {
    clock: new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hour12: false }),
    day: new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'short', day: 'numeric' }),
  };
  timeFormats.set(locale, found);
  return found;
}

/** Text as Markdown shows it unchanged: nothing in it can be a link, an image or HTML. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~&]/g, '\\$&').replace(/\s+/g, ' ');
}

/** Inline code that its content cannot leave; control characters and line ends become visible marks. */
export function code(text: string): string {
  const safe = text.replace(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
  const longest = Math.max(0, ...[...safe.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = safe.startsWith('`') || safe.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${safe}${pad}${fence}`;
}
