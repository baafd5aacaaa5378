// What a hover adds from the layer's files: the largest contents, what is wasted and by which line, and why a RUN
// cannot be merged.
import type { InstructionView } from '../analysis/model';
import type { HoverExtra } from '../describe/hover';
import { lineOfLayer } from '../describe/layerTitle';
import type { BashParser } from '../dockerfile/bash';
import type { LayerTree } from '../layers/tree';
import { explainMerge, isBelowRun } from '../rules/mergeConsecutiveRuns';
import type { DocumentState } from './documents';
import { filteredTree } from './layerTrees';

/** `shell`: the parser if it is loaded; without it the reason is that of the simpler reader. */
export async function hoverExtra(
  document: DocumentState,
  view: InstructionView,
  shell: BashParser | null = null,
): Promise<HoverExtra> {
  const layer = view.layers[0]?.index;
  const { dockerfile } = document.parsed();
  const merge = isBelowRun(dockerfile, view.index) ? explainMerge(dockerfile, view.index, shell) : null;
  const waste = layer === undefined ? [] : wasteOf(document, layer);
  // Awaited last: the document may move on meanwhile, and all of a hover is of one text.
  const tree = layer === undefined ? null : await filteredTree(document.contents, layer, 'upper');
  return {
    largest: tree ? largest(tree) : [],
    waste,
    mergeRefused: merge && !merge.possible ? merge.reason : null,
  };
}

/** Three places that hold most: a directory with one heavy child is named by that child. */
function largest(tree: LayerTree): { path: string; bytes: number }[] {
  const most = 3;
  const deepest = 8;
  let found = tree.children('', { limit: most }).entries;
  for (let depth = 0; depth < deepest; depth++) {
    const opened = found.flatMap((entry) => {
      if (entry.type !== 'directory') return [entry];
      const inside = tree.children(entry.path, { limit: most }).entries;
      return inside.length > 0 && inside[0]!.totalBytes > entry.totalBytes / 2 ? inside : [entry];
    });
    if (opened.length === found.length && opened.every((entry, at) => entry === found[at])) break;
    found = opened.sort((a, b) => b.totalBytes - a.totalBytes).slice(0, most);
  }
  return found
    .filter((entry) => entry.change !== 'removed' && entry.totalBytes > 0)
    .map((entry) => ({ path: entry.path, bytes: entry.totalBytes }));
}

function wasteOf(document: DocumentState, layer: number): HoverExtra['waste'] {
  const analysis = document.analysis();
  return (document.knowledge.image?.waste ?? [])
    .filter((file) => file.writtenBy === layer)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map((file) => ({
      path: file.path,
      bytes: file.bytes,
      line: lineOfLayer(analysis, file.hiddenBy)?.view.line ?? null,
    }));
}
