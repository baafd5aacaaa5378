// The instructions that made the shipped image, oldest first: the root stage's, then those of each stage built on it,
// with the ONBUILD triggers that the Dockerfile itself declares. Triggers of the root's base image are not in the text.
import type { BuildRules } from '../build/model';
import { stageBases } from '../dockerfile/bases';
import type { BuildChoice, Dockerfile, Instruction, Stage, StageBase } from '../dockerfile/model';
import { shippedChain } from '../dockerfile/stageGraph';
import { type Emission, emissionOf } from './emits';
import { firingAt, type Workdir, workdirsOf } from './workdirs';

export interface ChainItem {
  /** Index of the instruction that a person sees: itself, or the FROM at which a trigger fires. */
  line: number;
  /** What is carried out: itself, or what the ONBUILD declares. */
  instruction: Instruction;
  stage: number;
  isTrigger: boolean;
  emission: Emission;
  /** WORKDIR only. */
  workdir: Workdir | null;
}

export interface Chain {
  /** The stage whose base is no stage, with that base as the build's arguments make it; null when there is no stage. */
  root: { stage: Stage; base: StageBase } | null;
  /** Its stages, the root first. */
  stages: number[];
  /** FROMs of all its stages left out. */
  items: ChainItem[];
}

/** The chain of the target that `choice` names. */
export function chainOf(dockerfile: Dockerfile, choice: BuildChoice, rules: BuildRules): Chain {
  const stages = shippedChain(dockerfile, choice).flatMap((index) => dockerfile.stages[index] ?? []);
  const workdirs = workdirsOf(dockerfile, choice);
  const items = stages.flatMap(({ index: stage, from, instructions }) => {
    const itemOf = (instruction: Instruction, line: number): ChainItem => {
      const workdir = workdirs[stage]?.get(instruction) ?? null;
      const emission = emissionOf(instruction.keyword, rules, workdir?.isRoot ?? null);
      return { line, instruction, stage, isTrigger: line === from, emission, workdir };
    };
    return [
      ...firingAt(dockerfile, choice, stage).map((trigger) => itemOf(trigger, from)),
      ...instructions.map((index) => itemOf(dockerfile.instructions[index]!, index)),
    ];
  });
  const [stage] = stages;
  const base = stage && stageBases(dockerfile, choice)[stage.index];
  return { root: stage && base ? { stage, base } : null, stages: stages.map(({ index }) => index), items };
}
