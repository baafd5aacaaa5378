// What each line weighs, as far as it is measured: for the bars beside the lines and the picture of the image.

import { instructionTitle } from '../describe/layerTitle';
import { sum } from '../primitives/sum';
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
      const bytes = isBase ? stage.base.unpackedBytes : sum(layers.map(({ unpackedBytes }) => unpackedBytes));
      if (bytes === null || layers.length === 0) return [];
      return [
        {
          line: view.line,
          endLine: view.endLine,
          kind: isBase ? 'base' : 'own',
          bytes,
          wastedBytes: sum(layers.map(({ wastedBytes }) => wastedBytes)) ?? 0,
          title: instructionTitle(view),
          measured: isBase || view.layers.length > 0,
          shipped: stage.shipped,
        },
      ];
    }),
  );
}
