// The diff panel's data: which layers can be shown, the head of a layer's diff, and its rows a page at a time.
import * as l10n from '@vscode/l10n';
import { instructionTitle, isBaseLayer, layerTitle, lineOfLayer } from '../describe/layerTitle';
import { sizeText } from '../describe/style';
import type { Change } from '../layers/model';
import { StrataError } from '../primitives/errors';
import type {
  DiffHead,
  DiffPage,
  DiffPageParams,
  DiffParams,
  DiffRow,
  LayerAtParams,
  LayerAtResult,
  LayerChoice,
} from '../protocol';
import type { DocumentState } from './documents';
import { layerDiff, type ShownDiff } from './layerTrees';
import type { Session } from './session';
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

export async function diffHead(session: Session, { uri, layer }: DiffParams): Promise<DiffHead> {
  const document = documentOf(session, uri);
  const { diff, notCompared } = await diffOf(session, document, layer);
  const analysis = document.analysis();
  const owner = lineOfLayer(analysis, layer);
  return {
    layer,
    line: owner?.view.line ?? null,
    title: owner ? instructionTitle(owner.view, 120) : layerTitle(analysis, layer),
    against: againstText(document, layer),
    added: diff.added,
    modified: diff.modified,
    removed: diff.removed,
    bytesAdded: diff.bytesAdded,
    bytesModified: diff.bytesModified,
    bytesRemoved: diff.bytesRemoved,
    wastedBytes: document.knowledge.image?.layers[layer]?.wastedBytes ?? null,
    basis: [
      evidenceOfBuild(analysis, session.style),
      owner?.stale ? l10n.t('the line was edited since') : '',
      notCompared > 0 ? l10n.t('contents of equal size not compared') : '',
    ]
      .filter(Boolean)
      .join(' · '),
    reference: analysis.image?.reference ?? '',
  };
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

export async function diffPage(session: Session, params: DiffPageParams): Promise<DiffPage> {
  const { diff } = await diffOf(session, documentOf(session, params.uri), params.layer);
  const filter = params.filter.trim().toLowerCase();
  const kinds = new Set(params.kinds);
  const found = diff.changes.filter(
    (change) =>
      (kinds.size === 0 || kinds.has(change.change)) &&
      (filter === '' || change.path.toLowerCase().includes(filter)),
  );
  // Changes come in path order, and sorting is stable.
  if (params.sort === 'size') found.sort((a, b) => weight(b) - weight(a));
  return {
    rows: found.slice(params.offset, params.offset + params.limit).map(row),
    total: found.length,
  };
}

/** Bytes that a change is about: what it stores, or what it hides. */
function weight({ before, after }: Change): number {
  return after?.bytes ?? before?.bytes ?? 0;
}

function row({ path, change, before, after, what }: Change): DiffRow {
  const shown = after ?? before;
  return {
    path,
    type: shown?.type ?? 'file',
    change,
    before: before?.bytes ?? null,
    after: after?.bytes ?? null,
    what,
    link: shown?.link ?? null,
  };
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
  return { layer: null, why: view.why ?? l10n.t('No layer of the last build is known to be of this line.') };
}

function documentOf(session: Session, uri: string): DocumentState {
  const document = session.documents.get(uri);
  if (!document)
    throw new StrataError('not-found', l10n.t('This Dockerfile is not open.'), l10n.t('Open it again.'));
  return document;
}

async function diffOf(session: Session, document: DocumentState, layer: number): Promise<ShownDiff> {
  const diff = layerDiff(session.host, document.contents, layer, session.trusted);
  if (diff) return diff;
  throw document.reading
    ? new StrataError(
        'not-found',
        l10n.t('The files of this image are still being read.'),
        l10n.t('Try again in a moment.'),
      )
    : new StrataError(
        'not-found',
        l10n.t('The files of layer {0} are not known.', layer + 1),
        l10n.t('Build the image again.'),
      );
}
