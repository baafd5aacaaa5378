// The words above a stage: what it is, what it weighs, whether it ships, and how its last build went.
import * as l10n from '@vscode/l10n';
import type { Analysis, InstructionView, StageView } from '../analysis/model';
import { bytesText, countText, durationText, leftText, type Style, sizeText } from './style';

/** `build · 7 layers · 310 MB · does not ship`. */
export function stageTitle(stage: StageView, single: boolean, style: Style): string {
  const parts: string[] = [];
  if (!single || stage.name) parts.push(stage.name ?? l10n.t('stage {0}', stage.index));
  parts.push(countText(makersOf(stage).length, 'layer', style));
  const size = stageSize(stage, style);
  if (size !== null) parts.push(size);
  if (!stage.reachable) parts.push(l10n.t('not built'));
  else if (!stage.shipped) parts.push(l10n.t('does not ship'));
  return parts.join(' · ');
}

/** What the stage's own lines left, in the image or in the builder's cache; null when a part is not known. */
export function stageSize(stage: StageView, style: Style): string | null {
  const makers = makersOf(stage);
  if (makers.length === 0) return null;
  if (makers.every((view) => view.layers.length > 0)) {
    return sizeText(
      makers.flatMap((view) => view.layers),
      style,
    );
  }
  const left = makers.flatMap(({ unshipped }) => unshipped ?? []);
  if (left.length < makers.length) return null;
  return leftText(left, style);
}

/** Lines that make a layer, without those that are known to have made none: the classic builder makes none where nothing changed. */
function makersOf({ instructions }: StageView): InstructionView[] {
  const madeNone = ({ standing, evidence, layers, unshipped }: InstructionView) =>
    standing === 'measured' && evidence !== 'none' && layers.length === 0 && !unshipped;
  return instructions.filter((view) => view.effect === 'layer' && !madeNone(view));
}

/** `182 MB, 12.4 MB less than the build before · 5 of 8 cached · 48 s`; null without a build. */
export function buildTitle(analysis: Analysis, changeBytes: number | null, style: Style): string | null {
  const { build, totals } = analysis;
  if (!build) return null;
  const parts: string[] = [];
  if (build.outcome === 'failed') parts.push(l10n.t('build failed'));
  if (totals.unpackedBytes !== null && analysis.image) {
    const size = l10n.t('image {0}', bytesText(totals.unpackedBytes, style));
    parts.push(
      changeBytes === null || changeBytes === 0
        ? size
        : l10n.t('{0}, {1}', size, changeText(changeBytes, style)),
    );
  }
  if (build.cacheableSteps > 0) parts.push(cachedText(build));
  // Unknown for a build that was imported from a log without times.
  if (build.durationMs > 0) parts.push(durationText(build.durationMs));
  return parts.join(' · ');
}

export function changeText(changeBytes: number, style: Style): string {
  const size = bytesText(Math.abs(changeBytes), style);
  return changeBytes < 0
    ? l10n.t('{0} less than the build before', size)
    : l10n.t('{0} more than the build before', size);
}

/** `5 of 8 cached`: of the steps that can be cached. */
export function cachedText(build: { cachedSteps: number; cacheableSteps: number }): string {
  return l10n.t('{0} of {1} cached', build.cachedSteps, build.cacheableSteps);
}
