// An image that comes near to the number of layers that engines take. Docker Engine's layer store ends at 125
// (moby, layer/layer_store.go: 127 of the graph drivers, less two for the container's own).
import { findingAt, measuredContext } from './measured';
import type { Rule } from './rule';

const most = 125;
const near = 110;

export const layerLimit: Rule = {
  name: 'LayerLimit',
  severity: 'warning',
  summary: 'The image is near the number of layers that engines take, or beyond it.',
  check(context) {
    const measured = measuredContext(context);
    const layers = measured?.image.layers.length ?? 0;
    if (!measured || layers < near) return [];
    for (let layer = layers - 1; layer >= 0; layer--) {
      const line = measured.lineOf(layer);
      if (!line) continue;
      const message = `the image has ${layers} layers with this one; Docker Engine takes ${most} at most`;
      return [findingAt(layerLimit, line, { message, bytes: null })];
    }
    return [];
  },
};
