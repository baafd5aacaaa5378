// The layer tree: stages, then lines that make layers, then the files of each layer, the largest first. One level at a
// time, as the editor asks; what a row says is told here, how it looks is the client's business.
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-languageserver/node';
import type { Analysis, InstructionView, LayerView, StageView } from '../analysis/model';
import { hintLabel } from '../describe/hint';
import { escapeMarkdown, hoverLines, noExtra } from '../describe/hover';
import { layerIdentity } from '../describe/layerIdentity';
import { instructionTitle } from '../describe/layerTitle';
import { cachedText, stageSize, stageTitle } from '../describe/lens';
import { bestSize, bytesText, countText } from '../describe/style';
import type { TreeNode, TreeParams, TreeResult, ViewState } from '../protocol';
import { abortOf } from './cancellation';
import type { DocumentState } from './documents';
import { blank, fileNode } from './fileNodes';
import { filteredTree } from './layerTrees';
import type { Session } from './session';
import { inSlices } from './slices';
import { viewState } from './summary';

export async function treeChildren(
  session: Session,
  params: TreeParams,
  token?: CancellationToken,
): Promise<TreeResult> {
  const document = session.documents.get(params.uri);
  if (!document) return { nodes: [], total: 0, state: 'notDockerfile' };
  const state = viewState(session, document);
  const asker = token && abortOf(token).signal;
  const look: Look = { session, document, analysis: document.analysis(), asker };
  if (params.node === null) return page(roots(look, state), params, state);
  const [kind = '', rest = ''] = split(params.node);
  switch (kind) {
    case 'stage':
      return page(linesOf(look, Number(rest)), params, state);
    case 'base':
      return page(baseLayers(look), params, state);
    case 'line':
      return lineChildren(look, Number(rest), params, state);
    case 'unmapped':
      return page(unmappedLayers(look), params, state);
    case 'layer':
      return files(look, Number(rest), '', params, state);
    case 'dir': {
      const [layer = '', path = ''] = split(rest);
      return files(look, Number(layer), path, params, state);
    }
    default:
      return { nodes: [], total: 0, state };
  }
}

interface Look {
  session: Session;
  document: DocumentState;
  analysis: Analysis;
  /** Aborted when the editor does not want the answer any more. */
  asker: AbortSignal | undefined;
}

/** `a:b:c` as `a` and `b:c`: paths may hold colons. */
function split(id: string): [string, string] {
  const at = id.indexOf(':');
  return at < 0 ? [id, ''] : [id.slice(0, at), id.slice(at + 1)];
}

function page(nodes: TreeNode[], { offset, limit }: TreeParams, state: ViewState): TreeResult {
  return { nodes: nodes.slice(offset, offset + limit), total: nodes.length, state };
}

/** The stages that ship first, from the last on; then the others. Nothing before there is something to show. */
function roots(look: Look, state: ViewState): TreeNode[] {
  if (state === 'neverBuilt' || state === 'noLayers' || state === 'untrusted') return [];
  const { stages } = look.analysis;
  const ordered = [
    ...stages.filter((stage) => stage.shipped).reverse(),
    ...stages.filter((stage) => !stage.shipped),
  ];
  const nodes = ordered.map((stage) => stageNode(look, stage));
  if (look.analysis.unmapped.length > 0) nodes.push(unmappedNode(look));
  return nodes;
}

function stageNode({ session, analysis }: Look, stage: StageView): TreeNode {
  const { style } = session;
  const single = analysis.stages.length === 1;
  const isTarget = stage === analysis.stages.findLast((one) => one.shipped);
  const label = stage.name ?? (single ? l10n.t('image') : l10n.t('stage {0}', stage.index));
  const spoken = stage.name === null && single ? label : l10n.t('Stage {0}', stage.name ?? stage.index);
  const parts: string[] = [];
  if (isTarget && analysis.image && analysis.totals.unpackedBytes !== null) {
    parts.push(bytesText(analysis.totals.unpackedBytes, style));
  }
  if (isTarget && analysis.build && analysis.build.cacheableSteps > 0) parts.push(cachedText(analysis.build));
  const own = stage.shipped ? null : stageSize(stage, style);
  if (own !== null) parts.push(own);
  if (!stage.reachable) parts.push(l10n.t('not built'));
  else if (!stage.shipped) parts.push(l10n.t('does not ship'));
  return {
    ...blank,
    id: `stage:${stage.index}`,
    kind: 'stage',
    label,
    description: parts.join(' · '),
    tooltip: escapeMarkdown(stageTitle(stage, single, style)),
    accessibleLabel: [spoken, ...parts].join(', '),
    children: true,
    line: stage.line,
    bytes: isTarget ? analysis.totals.unpackedBytes : null,
  };
}

function linesOf(look: Look, index: number): TreeNode[] {
  const stage = look.analysis.stages.find((one) => one.index === index);
  if (!stage) return [];
  return stage.instructions
    .filter((view) => view.effect === 'layer' || view.effect === 'base')
    .map((view) => lineNode(look, stage, view));
}

function lineNode(look: Look, stage: StageView, view: InstructionView): TreeNode {
  const { session, document, analysis } = look;
  const { style, settings } = session;
  const title = instructionTitle(view);
  const description =
    hintLabel(
      stage,
      view,
      document.liveLine(view.index),
      { ...settings.hints, beforeBuild: 'sizesOnly' },
      style,
    ) ?? '';
  const isBase = view.effect === 'base';
  const layers = isBase ? (stage.base.layers ?? 0) : view.layers.length;
  const [layer] = !isBase && layers === 1 ? view.layers : [];
  return {
    ...blank,
    id: isBase ? `base:${stage.index}` : `line:${view.index}`,
    kind: isBase ? 'base' : 'line',
    label: title,
    description,
    ...identityOf(layer),
    tooltip: [
      ...hoverLines(analysis, stage, view, noExtra, style),
      ...(layer ? [layerIdentity(layer)] : []),
    ].join('  \n'),
    accessibleLabel: [l10n.t('Line {0}', view.line), title, description].filter(Boolean).join(', '),
    children: layers > 0,
    line: view.line,
    layer: isBase ? null : (view.layers[0]?.index ?? null),
    bytes: bestSize(view.layers)?.bytes ?? null,
  };
}

async function lineChildren(
  look: Look,
  index: number,
  params: TreeParams,
  state: ViewState,
): Promise<TreeResult> {
  const view = look.analysis.stages.flatMap((stage) => stage.instructions).find((one) => one.index === index);
  const layers = view?.layers ?? [];
  if (layers.length === 1) return files(look, layers[0]!.index, '', params, state);
  return page(
    layers.map((layer) => layerNode(look, layer, view!.line)),
    params,
    state,
  );
}

function baseLayers(look: Look): TreeNode[] {
  return look.analysis.baseLayers.map((layer) => layerNode(look, layer, null));
}

function unmappedNode({ session, analysis }: Look): TreeNode {
  const { unmapped } = analysis;
  const label = l10n.t('Layers of no known line');
  return {
    ...blank,
    id: 'unmapped:',
    kind: 'base',
    label,
    description: countText(unmapped.length, 'layer', session.style),
    tooltip: [...new Set(unmapped.map(({ why }) => escapeMarkdown(why)))].join('  \n'),
    accessibleLabel: label,
    children: true,
  };
}

function unmappedLayers(look: Look): TreeNode[] {
  return look.analysis.unmapped.map(({ layer, why }) => ({
    ...layerNode(look, layer, null),
    tooltip: [escapeMarkdown(why), layerIdentity(layer)].join('  \n'),
  }));
}

function layerNode({ session }: Look, layer: LayerView, line: number | null): TreeNode {
  const size = bestSize([layer]);
  const label = l10n.t('Layer {0}', layer.index + 1);
  const description = size ? bytesText(size.bytes, session.style) : '';
  return {
    ...blank,
    id: `layer:${layer.index}`,
    kind: 'layer',
    label,
    description,
    ...identityOf(layer),
    tooltip: layerIdentity(layer),
    accessibleLabel: [label, description].filter(Boolean).join(', '),
    children: true,
    line,
    layer: layer.index,
    bytes: size?.bytes ?? null,
  };
}

function identityOf(layer: LayerView | undefined): Pick<TreeNode, 'diffId' | 'chainId'> {
  return { diffId: layer?.diffId ?? null, chainId: layer?.chainId ?? null };
}

async function files(
  look: Look,
  layer: number,
  path: string,
  params: TreeParams,
  state: ViewState,
): Promise<TreeResult> {
  const { view = 'upper', filter, sort = 'size', offset, limit } = params;
  const { asker } = look;
  const tree = await filteredTree(look.document.contents, layer, view, filter, asker);
  if (!tree) return { nodes: [], total: 0, state: look.document.reading ? 'reading' : state };
  const { entries, total } = await inSlices(tree.childrenInSteps(path, { sort, offset, limit }), asker);
  return { nodes: entries.map((entry) => fileNode(look.session, layer, entry, view)), total, state };
}
