// The diff panel's head: which layers can be shown, what is compared with what, and the totals. Rows are diffRows.ts.
import * as l10n from '@vscode/l10n';
import { instructionTitle, isBaseLayer, layerTitle, lineOfLayer } from '../describe/layerTitle';
import { sizeText } from '../describe/style';
import { translated } from '../describe/translate';
import { StrataError } from '../primitives/errors';
import type { DiffHead, DiffParams, LayerAtParams, LayerAtResult, LayerChoice, StateRef } from '../protocol';
import { comparison, type ShownDiff } from './comparisons';
import type { DocumentState } from './documents';
import type { Session } from './session';
import { openState } from './states';
import { evidenceOfBuild } from './words';

/** Newest first: a person looks for what they wrote last. */
export function layerChoices(session: Session, uri: string): LayerChoice[] {
  const document = session.documents.get(uri);
  const image = document?.analysis().image;
  if (!document || !image) return [];
  const analysis = document.analysis();
  return Array.from({ length: image.layers }, (_, at) => image.layers - 1 - at).map((layer) => {
    const owner = lineOfLayer(analysis, layer);
    const measured = document.knowledge.image?.layers[layer];
    const size = measured ? sizeText([measured], session.style) : null;
    const parts = [size, owner?.stale ? l10n.t('edited since the build') : null];
    return {
      layer,
      line: owner?.view.line ?? null,
      label: layerTitle(analysis, layer),
      description: parts.filter(Boolean).join(' · '),
    };
  });
}

export async function diffHead(session: Session, params: DiffParams): Promise<DiffHead> {
  const document = documentOf(session, params.uri);
  const { diff, notCompared } = await diffOf(session, document, params);
  const analysis = document.analysis();
  const layer = layerOf(params);
  const owner = layer === null ? null : lineOfLayer(analysis, layer);
  const { added, modified, removed, bytesAdded, bytesModified, bytesRemoved } = diff;
  return {
    layer,
    line: owner?.view.line ?? null,
    ...(layer === null ? await stateTitles(session, document, params) : layerTitles(document, layer)),
    ...{ added, modified, removed, bytesAdded, bytesModified, bytesRemoved },
    wastedBytes: layer === null ? null : (document.knowledge.image?.layers[layer]?.wastedBytes ?? null),
    basis: [
      layer === null ? '' : evidenceOfBuild(analysis, session.style),
      owner?.stale ? l10n.t('the line was edited since') : '',
      notCompared > 0 ? l10n.t('contents of equal size not compared') : '',
    ]
      .filter(Boolean)
      .join(' · '),
    reference: layer === null ? '' : (analysis.image?.reference ?? ''),
  };
}

/** The layer whose own changes are meant; null for states that are further apart, or of other images. */
function layerOf({ from, to }: DiffParams): number | null {
  return from.of === 'image' && to.of === 'image' && from.upTo + 1 === to.upTo ? to.upTo : null;
}

function layerTitles(document: DocumentState, layer: number): Pick<DiffHead, 'title' | 'against'> {
  const analysis = document.analysis();
  const owner = lineOfLayer(analysis, layer);
  return {
    title: owner ? instructionTitle(owner.view, 120) : layerTitle(analysis, layer),
    against: againstText(document, layer),
  };
}

async function stateTitles(
  session: Session,
  document: DocumentState,
  { from, to }: DiffParams,
): Promise<Pick<DiffHead, 'title' | 'against'>> {
  const title = async (ref: StateRef): Promise<string> => {
    const { name, upTo, contents } = await openState(session, document, ref);
    const whole = upTo === contents.indexes.length - 1;
    if (name !== null) return whole ? name : l10n.t('{0} up to layer {1}', name, upTo + 1);
    if (upTo < 0) return l10n.t('an empty image');
    return whole
      ? l10n.t('the last build')
      : l10n.t('the image after {0}', layerTitle(document.analysis(), upTo));
  };
  return { title: await title(to), against: await title(from) };
}

/** `the base image`, `lines 3 to 9 and the base`: what lies below the layer. */
function againstText(document: DocumentState, layer: number): string {
  if (layer === 0) return l10n.t('nothing: it is the lowest layer');
  const analysis = document.analysis();
  if (isBaseLayer(analysis, layer)) return l10n.t('the base layers below it');
  const lines: number[] = [];
  for (let below = 0; below < layer; below++) {
    const line = lineOfLayer(analysis, below)?.view.line;
    if (line !== undefined) lines.push(line);
  }
  const owned = layer - analysis.baseLayers.length;
  if (lines.length === 0) return owned > 0 ? l10n.t('the layers below it') : l10n.t('the base image');
  const first = Math.min(...lines);
  const last = Math.max(...lines);
  return first === last
    ? l10n.t('line {0} and all below', first)
    : l10n.t('lines {0} to {1} and all below', first, last);
}

/** Which layer a line made; why there is none otherwise. */
export function layerAt(session: Session, { uri, line }: LayerAtParams): LayerAtResult {
  const document = session.documents.get(uri);
  const instruction = document?.instructionAt(line);
  if (!document || !instruction) return { layer: null, why: l10n.t('There is no instruction on this line.') };
  const analysis = document.analysis();
  const views = analysis.stages.flatMap((stage) => stage.instructions.map((view) => ({ stage, view })));
  const found = views.find(({ view }) => view.index === instruction.index);
  if (!found) return { layer: null, why: l10n.t('This line makes no layer.') };
  const { stage, view } = found;
  const layer = view.layers[0] ?? view.before[0];
  if (layer) return { layer: layer.index, why: '' };
  if (view.effect === 'base') {
    const top = analysis.baseLayers.at(-1);
    if (top && stage.shipped) return { layer: top.index, why: '' };
  }
  if (view.effect !== 'layer') {
    return {
      layer: null,
      why: l10n.t('{0} makes no layer: it changes the image’s metadata only.', view.keyword),
    };
  }
  if (!analysis.image)
    return { layer: null, why: l10n.t('Build first: no build of this Dockerfile is known.') };
  if (!stage.shipped)
    return { layer: null, why: l10n.t('This stage does not ship, so the image has no layer of it.') };
  return {
    layer: null,
    why:
      view.why !== null
        ? translated(view.why)
        : l10n.t('No layer of the last build is known to be of this line.'),
  };
}

export function documentOf(session: Session, uri: string): DocumentState {
  const document = session.documents.get(uri);
  if (!document)
    throw new StrataError('not-found', l10n.t('This Dockerfile is not open.'), l10n.t('Open it again.'));
  return document;
}

/** Throws StrataError as `openState`. */
export async function diffOf(
  session: Session,
  document: DocumentState,
  { from, to }: DiffParams,
): Promise<ShownDiff> {
  const [before, after] = await Promise.all([
    openState(session, document, from),
    openState(session, document, to),
  ]);
  return comparison(session.host, before, after, session.trusted);
}
