// The steps that BuildKit makes of a Dockerfile, with what each one's cache key is made of (dockerfile2llb/convert.go,
// convert_copy.go, convert_runmount.go; solver/llbsolver/ops: exec.go, file.go, merge.go, CacheMap). Lines without a
// step (LABEL, CMD, EXPOSE and the like) are in no key and not here.
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { reachableStages } from '../dockerfile/stageGraph';
import { isOn } from '../dockerfile/switches';
import type { StepInput, StepOp, StepSource, Vertex } from './cacheGraph';
import { copyPieces } from './copyPieces';
import type { GraphFacts } from './graphFacts';
import { ordered } from './runEnvironment';
import { runPieces } from './runPieces';
import { directoryAt } from './stageStates';
import { type GraphLine, walkStages } from './stageWalk';
import { copyInputs, mountInputs } from './stepInputs';
import { told } from './told';
import { workdirs } from './workdir';

/**
 * Vertices after those that they stand on.
 * @param built stages that are looked at; those that the choice's target needs when not given
 */
export function buildkitGraph(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  facts: GraphFacts,
  built: ReadonlySet<number> = reachableStages(dockerfile, choice),
): Vertex[] {
  return walkStages(dockerfile, choice, facts, built, verticesOf);
}

/** None, one, or with `--link` two. */
function verticesOf(line: GraphLine): Vertex[] {
  const { dockerfile, instruction, choice, facts, state, base, next } = line;
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
      const mounts = mountInputs(line);
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
      const sources = copyInputs(line).map((input) =>
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
function isLinked(instruction: Instruction): boolean {
  const chmod = instruction.flags.findLast(({ name }) => name === 'chmod')?.value ?? '';
  return isOn(instruction, 'link') && chmod === '';
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
