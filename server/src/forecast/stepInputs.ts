// What the steps of a COPY, an ADD or a RUN with bind mounts take files from, and with what content, as cache keys see it:
// all that one instruction takes from one tree is one input (solver/llbsolver/ops/file.go, addSelector; exec.go).
import type { StepInput, StepSource } from './cacheGraph';
import { mountSourcesOf, type SourceTree, sourcesOf } from './copySources';
import type { GraphLine } from './stageWalk';

/** Of COPY and ADD; documents are part of the text and none here. */
export function copyInputs(line: GraphLine): StepInput[] {
  const { dockerfile, instruction, choice, facts } = line;
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
  return [...remote, ...inputsOf(line, trees)];
}

/** Of the bind mounts of a RUN. */
export function mountInputs(line: GraphLine): StepInput[] {
  const { dockerfile, instruction, choice, facts } = line;
  const trees = mountSourcesOf(dockerfile, instruction, choice, facts.named);
  return inputsOf(line, trees);
}

function inputsOf(line: GraphLine, trees: readonly (SourceTree & { path: string })[]): StepInput[] {
  const grouped = new Map<string, { tree: SourceTree; paths: string[] }>();
  for (const { path, ...tree } of trees) {
    const key = JSON.stringify(tree);
    const group = grouped.get(key) ?? { tree, paths: [] };
    group.paths.push(path);
    grouped.set(key, group);
  }
  return [...grouped.values()].map(({ tree, paths }): StepInput => {
    const selector = paths.sort().join('\0');
    const content = tree.kind === 'context' ? line.facts.contentOf(line.instruction.index) : null;
    return { source: sourceOf(tree, line), selector, content };
  });
}

function sourceOf(tree: SourceTree, { facts, ends }: GraphLine): StepSource {
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
