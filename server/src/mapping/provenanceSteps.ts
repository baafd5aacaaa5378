// Joins the steps of a provenance document with the lines of the Dockerfile by their source ranges, and a chain of lines
// by the inputs of the steps where ranges leave it open. Reads no layers; byProvenance does.
import type { Provenance, ProvenanceStep } from '../build/model';
import type { Dockerfile, Instruction } from '../dockerfile/model';
import type { ChainItem } from './chain';

export interface ProvenanceSteps {
  /** Steps by instruction index, inputs before what takes them; FROM has its own and its triggers'. */
  byLine: ReadonlyMap<number, readonly ProvenanceStep[]>;
  byId: ReadonlyMap<string, ProvenanceStep>;
  /** The step whose result is the image; null when the document does not tell. */
  result: ProvenanceStep | null;
}

/** Ops that each keyword becomes (dockerfile2llb/convert.go): `COPY --link` is a file op and a merge op. */
const opsOf: Readonly<Record<string, readonly ProvenanceStep['op'][]>> = {
  FROM: ['source', 'exec', 'file', 'merge'],
  RUN: ['exec'],
  COPY: ['file', 'merge'],
  ADD: ['file', 'merge'],
  WORKDIR: ['file'],
};

/** Joins all steps; null when the document was made of another text, whose lines would be wrong here. */
export function joinProvenance(dockerfile: Dockerfile, provenance: Provenance): ProvenanceSteps | null {
  if (!isOfText(provenance, dockerfile.text)) return null;
  const { steps } = provenance;
  const byLine = new Map<number, ProvenanceStep[]>();
  const at = instructionByLine(dockerfile);
  for (const step of steps) {
    if (step.lines === null) continue;
    const first = at[step.lines[0]];
    const last = at[step.lines[1]];
    // Two stages that begin alike share a step, whose ranges then cover both: it belongs to the first and to the last
    // of them; what lies between is not known from the range (llb/sourcemap.go, sourceMapCollector.Add).
    for (const instruction of new Set([first, last])) {
      if (!instruction || !opsOf[instruction.keyword]?.includes(step.op)) continue;
      if (first !== last && first?.keyword !== last?.keyword) continue;
      byLine.set(instruction.index, [...(byLine.get(instruction.index) ?? []), step]);
    }
  }
  const byId = new Map(steps.map((step) => [step.id, step]));
  const end = steps.at(-1);
  const result = end?.op === 'none' ? (byId.get(stepId(end.inputs[0] ?? '')) ?? null) : null;
  return { byLine, byId, result };
}

/** One without a text is believed, for the record pairs the two. */
function isOfText(provenance: Provenance, text: string): boolean {
  const plain = (source: string) =>
    source
      .replace(/^\ufeff/, '')
      .replaceAll('\r\n', '\n')
      .trimEnd();
  return provenance.dockerfile === null || plain(provenance.dockerfile) === plain(text);
}

/**
 * The step that leaves each line's result, along a chain of lines that have one, newest last; null where unknown.
 * A line without a step of its own range takes the base of the step after it, if that one is of its kind.
 */
export function stepsAlong(joined: ProvenanceSteps, chain: readonly ChainItem[]): (ProvenanceStep | null)[] {
  const found: (ProvenanceStep | null)[] = chain.map(() => null);
  let base = joined.result;
  for (let at = chain.length - 1; at >= 0; at--) {
    const { line, instruction, isTrigger } = chain[at]!;
    const ops = opsOf[instruction.keyword] ?? [];
    const own = isTrigger ? [] : (joined.byLine.get(line) ?? []);
    const merge = own.filter((step) => step.op === 'merge');
    const results = merge.length > 0 ? merge : own;
    const step = results.length === 1 ? results[0]! : base && ops.includes(base.op) ? base : null;
    found[at] = step;
    base = step ? baseOf(joined, step) : null;
  }
  return found;
}

/**
 * The step on whose result a step builds: the first input of exec, file and merge ops (pb.ExecOp's root mount,
 * pb.FileAction.Input, pb.MergeOp). On an empty base the first input is something else: callers check what comes of it.
 */
export function baseOf({ byId }: ProvenanceSteps, step: ProvenanceStep): ProvenanceStep | null {
  if (step.op === 'source' || step.op === 'none') return null;
  return byId.get(stepId(step.inputs[0] ?? '')) ?? null;
}

/** `step3` of `step3:0`, which names an output of it. */
function stepId(input: string): string {
  return input.replace(/:\d+$/, '');
}

/** By line number, 1-based, the instruction that the line belongs to. */
function instructionByLine({ instructions }: Dockerfile): (Instruction | undefined)[] {
  const at: (Instruction | undefined)[] = [];
  for (const instruction of instructions) {
    for (let line = instruction.line; line <= instruction.endLine; line++) at[line] = instruction;
  }
  return at;
}
