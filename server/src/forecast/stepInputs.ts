// What the steps of a COPY, an ADD or a RUN with bind mounts take files from, and with what content, as cache keys see it:
// all that one instruction takes from one tree is one input (solver/llbsolver/ops/file.go, addSelector; exec.go).
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import type { StepInput, StepSource } from './cacheGraph';
import { mountSourcesOf, type SourceTree, sourcesOf } from './copySources';
import type { GraphFacts } from './graphFacts';

/** Of COPY and ADD; documents are part of the text and none here. `ends`: what each earlier stage ends with. */
export function copyInputs(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  facts: GraphFacts,
  ends: readonly StepSource[],
): StepInput[] {
  const remote: StepInput[] = [];
  const trees: (SourceTree & { path: string })[] = [];
  for (const source of sourcesOf(dockerfile, instruction, choice, facts.named)) {
    if (source.kind === 'url' || source.kind === 'git') {
      const why =
        source.kind === 'url'
          ? `the server of ${source.url} is asked each time`
          : `${source.url} may have moved`;
      remote.push({ source: { kind: 'files', what: 'remote', why }, selector: source.url, content: null });
    } else if (source.kind !== 'heredoc') trees.push(source);
  }
  return [...remote, ...inputsOf(instruction, trees, facts, ends)];
}

/** Of the bind mounts of a RUN. */
export function mountInputs(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  facts: GraphFacts,
  ends: readonly StepSource[],
): StepInput[] {
  const trees = mountSourcesOf(dockerfile, instruction, choice, facts.named).map(({ source }) => source);
  return inputsOf(instruction, trees, facts, ends);
}

function inputsOf(
  { index }: Instruction,
  trees: readonly (SourceTree & { path: string })[],
  facts: GraphFacts,
  ends: readonly StepSource[],
): StepInput[] {
  const grouped = new Map<string, { tree: SourceTree; paths: string[] }>();
  for (const { path, ...tree } of trees) {
    const key = JSON.stringify(tree);
    const group = grouped.get(key) ?? { tree, paths: [] };
    group.paths.push(path);
    grouped.set(key, group);
  }
  return [...grouped.values()].map(({ tree, paths }): StepInput => {
    const selector = paths.sort().join('\0');
    const content = tree.kind === 'context' ? facts.contentOf(index) : null;
    return { source: sourceOf(tree, facts, ends), selector, content };
  });
}

function sourceOf(tree: SourceTree, facts: GraphFacts, ends: readonly StepSource[]): StepSource {
  switch (tree.kind) {
    case 'context':
      return { kind: 'files', what: 'context', why: 'the files that it takes have not been read' };
    case 'stage':
      return ends[tree.stage] ?? { kind: 'files', what: 'unknown', why: 'that stage is not built' };
    case 'image':
      return { kind: 'base', base: facts.baseOf(tree.reference, '').key };
    case 'context-named':
      return { kind: 'files', what: 'unknown', why: `the context ${tree.name} has not been read` };
    case 'unknown':
      return { kind: 'files', what: 'unknown', why: tree.why };
  }
}
