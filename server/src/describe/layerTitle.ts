// Short names of lines and layers for rows and titles: `RUN apt-get install -y git`.
import * as l10n from '@vscode/l10n';
import type { Analysis, InstructionView, StageView } from '../analysis/model';

/** One line, blanks folded, at most `limit` characters. */
export function instructionTitle(view: Pick<InstructionView, 'text'>, limit = 60): string {
  const text = view.text.replace(/\s+/g, ' ').trim();
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

/** The line that a layer belongs to now; null for base layers and unmapped ones. */
export function lineOfLayer(
  analysis: Analysis,
  layer: number,
): { stage: StageView; view: InstructionView; stale: boolean } | null {
  for (const stage of analysis.stages) {
    for (const view of stage.instructions) {
      if (view.layers.some((one) => one.index === layer)) return { stage, view, stale: false };
      if (view.before.some((one) => one.index === layer)) return { stage, view, stale: true };
    }
  }
  return null;
}

export function isBaseLayer(analysis: Analysis, layer: number): boolean {
  return analysis.baseLayers.some((one) => one.index === layer);
}

/** What a layer is called where no line is at hand. */
export function layerTitle(analysis: Analysis, layer: number): string {
  const owner = lineOfLayer(analysis, layer);
  if (owner) return instructionTitle(owner.view);
  return isBaseLayer(analysis, layer)
    ? l10n.t('base layer {0}', layer + 1)
    : l10n.t('layer {0}, of no known line', layer + 1);
}
