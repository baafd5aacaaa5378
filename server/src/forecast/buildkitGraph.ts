// The steps that BuildKit makes of a Dockerfile, with what each one's cache key is made of (dockerfile2llb/convert.go,
// convert_copy.go, convert_runmount.go; solver/llbsolver/ops: exec.go, file.go, merge.go, CacheMap). Lines without a
// step (LABEL, CMD, EXPOSE and the like) are in no key and not here.
import { stageBases } from '../dockerfile/bases';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { reachableStages } from '../dockerfile/stageGraph';
import type { StepInput, StepOp, StepSource, Vertex } from './cacheGraph';
import { copyPieces } from './copyPieces';
import { type BaseConfig, type GraphFacts, unknownConfig } from './graphFacts';
import { ordered } from './runEnvironment';
import { runPieces } from './runPieces';
import { directoryAt, type LineState, stageStates } from './stageStates';
import { copyInputs, mountInputs } from './stepInputs';
import { told } from './told';
import { workdirs } from './workdir';

/** Vertices after those that they stand on. */
export function buildkitGraph(dockerfile: Dockerfile, choice: BuildChoice, facts: GraphFacts): Vertex[] {
  const reachable = reachableStages(dockerfile, choice);
  const starts = stageStarts(dockerfile, choice, facts);
  const states = stageStates(dockerfile, choice, (stage) => starts[stage]!.config);
  const graph: Vertex[] = [];
  const ends: StepSource[] = [];
  const doubts: (string | null)[] = [];
  for (const stage of dockerfile.stages) {
    const start = starts[stage.index]!;
    let at: StepSource = start.onStage === null ? start.source : ends[start.onStage]!;
    const unknown = start.unknown ?? (start.onStage === null ? null : doubts[start.onStage]!);
    for (const index of reachable.has(stage.index) ? stage.instructions : []) {
      const instruction = dockerfile.instructions[index]!;
      const look: Look = { dockerfile, instruction, choice, facts, ends, state: states[index]! };
      const made = verticesOf(look, at, graph.length);
      for (const vertex of made) graph.push({ ...vertex, unknown: unknown ?? vertex.unknown });
      if (made.length > 0) at = { kind: 'vertex', vertex: graph.length - 1 };
    }
    ends.push(at);
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
export function stageStarts(dockerfile: Dockerfile, choice: BuildChoice, facts: GraphFacts): StageStart[] {
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

interface Look {
  dockerfile: Dockerfile;
  instruction: Instruction;
  choice: BuildChoice;
  facts: GraphFacts;
  /** What each earlier stage ends with. */
  ends: readonly StepSource[];
  /** What the lines above have set. */
  state: LineState;
}

/** None, one, or with `--link` two; `next` is the place of the first in the graph. */
function verticesOf(look: Look, base: StepSource, next: number): Vertex[] {
  const { dockerfile, instruction, choice, facts, ends, state } = look;
  const below: StepInput = { source: base, selector: '', content: 'never' };
  const vertex = (op: StepOp, inputs: StepInput[], unknown: string | null = null): Vertex => ({
    instruction: instruction.index,
    part: 'step',
    op,
    inputs,
    unknown,
  });
  const epoch = ['SOURCE_DATE_EPOCH', told(choice.buildArgs.SOURCE_DATE_EPOCH ?? '')] as const;
  switch (instruction.keyword) {
    case 'RUN': {
      const { pieces, unknown } = runPieces(dockerfile, instruction, state, choice);
      const mounts = mountInputs(dockerfile, instruction, choice, facts, ends);
      return [
        vertex({ kind: 'RUN', pieces, environment: ordered(state.environment) }, [below, ...mounts], unknown),
      ];
    }
    case 'WORKDIR': {
      const workdir = workdirs(dockerfile, choice)[instruction.index];
      if (!workdir || workdir.isRoot === true) return [];
      const directory = directoryAt(workdir.place, state.start);
      if (directory.certain && directory.text === '/') return [];
      const isRoot = directory.certain ? false : workdir.isRoot;
      const pieces = [['directory', directory], ['user', state.user], epoch] as const;
      const unknown = isRoot === null ? 'only the base image tells whether it is the root directory' : null;
      return [vertex({ kind: 'WORKDIR', pieces, environment: null }, [below], unknown)];
    }
    case 'COPY':
    case 'ADD': {
      const { pieces, unknown } = copyPieces(dockerfile, instruction, choice, state.directory, facts.named);
      const op: StepOp = { kind: 'COPY', pieces: [...pieces, epoch], environment: null };
      const sources = copyInputs(dockerfile, instruction, choice, facts, ends).map((input) =>
        // From the very step that it copies onto: one input, whose content is never looked at (file.go, markInvalid).
        isSame(input.source, base) ? { ...input, content: 'never' as const } : input,
      );
      if (!isLinked(instruction)) return [vertex(op, [below, ...sources], unknown)];
      const copy = vertex(
        op,
        [{ source: { kind: 'scratch' }, selector: '', content: 'never' }, ...sources],
        unknown,
      );
      if (base.kind === 'scratch') return [copy];
      const copied: StepInput = { source: { kind: 'vertex', vertex: next }, selector: '', content: 'never' };
      const merge = vertex({ kind: 'MERGE', pieces: [], environment: null }, [below, copied]);
      return [copy, { ...merge, part: 'merge' }];
    }
    default:
      return [];
  }
}

/** `--link` copies onto nothing and merges; with --chmod it is a plain copy (convert_copy.go). */
function isLinked({ flags }: Instruction): boolean {
  const link = flags.findLast(({ name }) => name === 'link');
  const chmod = flags.findLast(({ name }) => name === 'chmod')?.value ?? '';
  return link !== undefined && link.value !== 'false' && chmod === '';
}

function isSame(a: StepSource, b: StepSource): boolean {
  if (a.kind === 'vertex') return b.kind === 'vertex' && a.vertex === b.vertex;
  return (
    a.kind === 'base' &&
    b.kind === 'base' &&
    a.base.reference === b.base.reference &&
    a.base.platform === b.base.platform
  );
}
