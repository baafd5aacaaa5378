// What each line weighs, as far as it is measured: for the bars beside the lines and the picture of the image.
import type { LayerView } from '../analysis/model';
import { instructionTitle } from '../describe/layerTitle';
import type { LineWeight } from '../protocol';
import type { Session } from './session';

export function lineWeights(session: Session, uri: string): LineWeight[] {
  const analysis = session.documents.get(uri)?.analysis();
  if (!analysis) return [];
  return analysis.stages.flatMap((stage) =>
    stage.instructions.flatMap((view): LineWeight[] => {
      const isBase = view.effect === 'base';
      const layers =
        isBase && stage.shipped ? analysis.baseLayers : view.layers.length > 0 ? view.layers : view.before;
      const bytes = isBase ? stage.base.unpackedBytes : total(layers, 'unpackedBytes');
      if (bytes === null || layers.length === 0) return [];
      return [
        {
          line: view.line,
          endLine: view.endLine,
          kind: isBase ? 'base' : 'own',
          bytes,
          wastedBytes: total(layers, 'wastedBytes') ?? 0,
          title: instructionTitle(view),
          measured: isBase || view.layers.length > 0,
          shipped: stage.shipped,
        },
      ];
    }),
  );
}

function total(layers: readonly LayerView[], key: 'unpackedBytes' | 'wastedBytes'): number | null {
  let sum = 0;
  for (const layer of layers) {
    const bytes = layer[key];
    if (bytes === null) return null;
    sum += bytes;
  }
  return sum;
}
