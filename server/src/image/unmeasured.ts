// A layer and an image before anything of them has been read but names and digests: what is unknown is null.
import type { Image, Layer, MeasuredImage, MeasuredLayer } from './model';

export type KnownLayer = Pick<Layer, 'index' | 'diffId' | 'chainId'> &
  Partial<Pick<Layer, 'blobDigest' | 'compressedBytes'>>;

export function unmeasuredLayer(layer: KnownLayer): MeasuredLayer {
  return {
    index: layer.index,
    diffId: layer.diffId,
    chainId: layer.chainId,
    blobDigest: layer.blobDigest ?? null,
    compressedBytes: layer.compressedBytes ?? null,
    unpackedBytes: null,
    engineBytes: null,
    added: null,
    modified: null,
    removed: null,
    wastedBytes: null,
  };
}

/** An image of which nothing has been read but its manifest and config. */
export function unmeasured(image: Image): MeasuredImage {
  return {
    reference: image.reference,
    id: image.id,
    platform: image.platform,
    history: image.config.history,
    layers: image.layers.map(unmeasuredLayer),
    visibleBytes: null,
    waste: [],
    problems: [...image.problems],
  };
}
