// Layers of a measured image as the Analysis shows them, one by one and summed up. Unknown stays unknown in each sum.
import type { MeasuredImage, MeasuredLayer } from '../image/model';
import { sum } from '../primitives/sum';
import type { Analysis, LayerView } from './model';

export function viewTotals(image: MeasuredImage | null): Analysis['totals'] {
  if (!image) {
    return { layers: 0, unpackedBytes: null, compressedBytes: null, wastedBytes: null, efficiency: null };
  }
  const unpacked = sum(image.layers.map((layer) => layer.unpackedBytes));
  const { visibleBytes } = image;
  return {
    layers: image.layers.length,
    unpackedBytes: unpacked,
    compressedBytes: sum(image.layers.map((layer) => layer.compressedBytes)),
    wastedBytes: sum(image.layers.map((layer) => layer.wastedBytes)),
    efficiency:
      unpacked === null || visibleBytes === null ? null : unpacked === 0 ? 1 : visibleBytes / unpacked,
  };
}

/** The view of a layer by its index; empty where there is none. */
export function viewLayer(image: MeasuredImage | null, index: number): LayerView[] {
  const layer = image?.layers[index];
  return image && layer ? [layerView(layer, image.layers)] : [];
}

/**
 * A layer as the JSON shows it.
 * @param layers of its image, oldest first
 */
export function layerView(layer: MeasuredLayer, layers: readonly MeasuredLayer[]): LayerView {
  return {
    index: layer.index,
    diffId: layer.diffId,
    chainId: layer.chainId,
    parent: layers[layer.index - 1]?.chainId ?? null,
    unpackedBytes: layer.unpackedBytes,
    compressedBytes: layer.compressedBytes,
    engineBytes: layer.engineBytes,
    added: layer.added,
    modified: layer.modified,
    removed: layer.removed,
    wastedBytes: layer.wastedBytes,
  };
}
