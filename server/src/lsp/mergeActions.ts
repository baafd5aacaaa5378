// Quick fixes that merge RUN steps: with the one above, all of a chain, those of a selection. Asked for here rather than
// taken from the findings: they are offered where no finding is, too, as in a stage that does not ship.
import type { BashParser } from '../dockerfile/bash';
import { mergeConsecutiveRuns, mergeFixes, mergeSelection } from '../rules/mergeConsecutiveRuns';
import type { Measured } from '../rules/mergeCost';
import type { Fix } from '../rules/rule';
import type { DocumentState } from './documents';

export interface MergeAction {
  fix: Fix;
  /** 1-based line of the RUN whose finding it mends; null for a selection. */
  line: number | null;
}

/** The merges at a range of 1-based lines. */
export function mergeActions(
  document: DocumentState,
  startLine: number,
  endLine: number,
  shell: BashParser | null,
): MergeAction[] {
  if (document.rulesOff.has(mergeConsecutiveRuns.name)) return [];
  const { dockerfile } = document.parsed();
  const measured = measuredOf(document);
  const selected = mergeSelection(dockerfile, startLine, endLine, shell, measured);
  if (typeof selected !== 'string') return [{ fix: selected, line: null }];
  const instruction = document.instructionAt(startLine);
  if (!instruction) return [];
  const fixes = mergeFixes(dockerfile, instruction.index, shell, measured);
  return fixes.map((fix) => ({ fix, line: instruction.line }));
}

function measuredOf(document: DocumentState): Measured {
  const layers = new Map<number, number[]>();
  for (const { instructions } of document.analysis().stages) {
    for (const view of instructions) {
      layers.set(
        view.index,
        view.layers.map(({ index }) => index),
      );
    }
  }
  return { image: document.knowledge.image, layersOf: (index) => layers.get(index) ?? [] };
}
