// The stages of a Dockerfile in order, from what each begins with to what it ends with, line by line: the walk that the
// graphs of all builders have in common. Which vertices a line makes is for buildkitGraph.ts and linearGraph.ts.
import { stageBases } from '../dockerfile/bases';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import type { StepSource, Vertex } from './cacheGraph';
import { type BaseConfig, type GraphFacts, unknownConfig } from './graphFacts';
import { type LineState, stageStates } from './stageStates';

/** A line as the walk comes to it. */
export interface GraphLine {
  dockerfile: Dockerfile;
  instruction: Instruction;
  choice: BuildChoice;
  facts: GraphFacts;
  /** What each earlier stage ends with. */
  ends: readonly StepSource[];
  /** What the lines above have set. */
  state: LineState;
  /** What the lines above have made. */
  base: StepSource;
  /** The place of its first vertex in the graph. */
  next: number;
}

/**
 * Vertices after those that they stand on.
 * @param built stages that the builder runs
 * @param verticesOf what a line makes: the lines after it stand on the last one
 */
export function walkStages(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  facts: GraphFacts,
  built: ReadonlySet<number>,
  verticesOf: (line: GraphLine) => readonly Vertex[],
): Vertex[] {
  const starts = stageStarts(dockerfile, choice, facts);
  const states = stageStates(dockerfile, choice, (stage) => starts[stage]!.config);
  const graph: Vertex[] = [];
  const ends: StepSource[] = [];
  const doubts: (string | null)[] = [];
  for (const stage of dockerfile.stages) {
    const start = starts[stage.index]!;
    let base: StepSource = start.onStage === null ? start.source : ends[start.onStage]!;
    const unknown = start.unknown ?? (start.onStage === null ? null : doubts[start.onStage]!);
    for (const index of built.has(stage.index) ? stage.instructions : []) {
      const instruction = dockerfile.instructions[index]!;
      const state = states[index]!;
      const next = graph.length;
      const made = verticesOf({ dockerfile, instruction, choice, facts, ends, state, base, next });
      for (const vertex of made) graph.push({ ...vertex, unknown: unknown ?? vertex.unknown });
      if (made.length > 0) base = { kind: 'vertex', vertex: graph.length - 1 };
    }
    ends.push(base);
    doubts.push(unknown);
  }
  return graph;
}

interface StageStart {
  /** The stage that it stands on; `source` counts when there is none. */
  onStage: number | null;
  source: StepSource;
  config: BaseConfig;
  /** Why nothing can be said of the whole stage. */
  unknown: string | null;
}

/** What each stage begins with, the same for all builders. */
function stageStarts(dockerfile: Dockerfile, choice: BuildChoice, facts: GraphFacts): StageStart[] {
  return stageBases(dockerfile, choice).map((base, index): StageStart => {
    const platform = dockerfile.stages[index]!.platform ?? choice.platform ?? '';
    const triggered = facts.triggered(index) ? 'ONBUILD triggers of the base run first' : null;
    const none = { onStage: null, config: unknownConfig, unknown: triggered };
    switch (base.kind) {
      case 'stage': {
        const below = dockerfile.stages[base.stage]!;
        const fires = below.instructions.some((line) => dockerfile.instructions[line]!.trigger);
        const unknown = fires ? 'ONBUILD triggers of the stage below run first' : null;
        return { ...none, onStage: base.stage, source: { kind: 'scratch' }, unknown };
      }
      case 'image': {
        const { key, config } = facts.baseOf(base.reference, platform);
        return { ...none, source: { kind: 'base', base: key }, config };
      }
      case 'scratch':
        return { ...none, source: { kind: 'scratch' } };
      default: {
        const why = `the base is not known: ${base.why}`;
        return { ...none, source: { kind: 'files', what: 'unknown', why }, unknown: why };
      }
    }
  });
}
