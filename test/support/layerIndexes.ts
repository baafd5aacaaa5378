// Layers from literals to indexes, and states, trees and diffs drawn as text.
import { LayerIndexBuilder } from '../../server/src/layers/indexLayer';
import type { Change, Entry, LayerDiff, LayerIndex } from '../../server/src/layers/model';
import { openTree, type TreeSort } from '../../server/src/layers/tree';
import type { TreeView } from '../../server/src/layers/treeState';
import { sha256 } from '../../server/src/primitives/digest';
import { type SyncReader, scanSync } from '../../server/src/primitives/tarDrivers';
import { TarScanner } from '../../server/src/primitives/tarScanner';
import { type LayerLiteral, layerTar } from './imageFixture';

export async function layerIndexes(layers: LayerLiteral[]): Promise<LayerIndex[]> {
  return Promise.all(layers.map(async (layer) => indexOfTar(await layerTar(layer))));
}

export function indexOfTar(tar: Uint8Array): LayerIndex {
  const builder = new LayerIndexBuilder();
  const scanner = new TarScanner((entry) => builder.add(entry));
  scanSync(readerOf(tar), scanner);
  return builder.finish(sha256(tar), scanner.problems);
}

export function readerOf(bytes: Uint8Array): SyncReader {
  return {
    size: bytes.length,
    read(position, into, length) {
      const part = bytes.subarray(position, position + length);
      into.set(part);
      return part.length;
    },
  };
}

/** The view after the last layer, one path a line: `etc/passwd  12  @0`, with what changed against the layer below. */
export function drawTree(indexes: LayerIndex[], view: TreeView = 'merged', sort: TreeSort = 'name'): string {
  const marks = { added: '+', modified: '~', removed: '-', unchanged: '.' };
  return [...openTree(indexes, indexes.length - 1, view).walk('', sort)]
    .map(
      (entry) =>
        `${marks[entry.change]} ${drawEntry(entry)}${entry.children > 0 ? ` = ${entry.totalBytes}` : ''}`,
    )
    .join('\n');
}

export function drawEntry(entry: Entry): string {
  const name = entry.type === 'directory' ? `${entry.path}/` : entry.path;
  const link =
    entry.link === null ? '' : entry.type === 'symlink' ? ` -> ${entry.link}` : ` == ${entry.link}`;
  const bytes = entry.type === 'file' ? ` ${entry.bytes}` : '';
  return `${name}${link}${bytes} @${entry.fromLayer}`;
}

/** `+ a 3`, `- b 2`, `~ c 1>2 (content, mtime)`. */
export function drawDiff({ changes }: LayerDiff): string {
  return changes.map(drawChange).join('\n');
}

function drawChange({ path, change, before, after, what }: Change): string {
  const slash = (after ?? before)?.type === 'directory' ? '/' : '';
  if (change === 'added') return `+ ${path}${slash} ${after!.bytes}`;
  if (change === 'removed') return `- ${path}${slash} ${before!.bytes}`;
  return `~ ${path}${slash} ${before!.bytes}>${after!.bytes} (${what.join(', ')})`;
}

/** Lines of a template literal without their common indent and outer blank lines. */
export function lines(text: string): string {
  const all = text
    .replace(/^\n/, '')
    .replace(/\n\s*$/, '')
    .split('\n');
  const indent = Math.min(...all.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return all.map((line) => line.slice(indent)).join('\n');
}
