// Folders that hardly ever belong into an image and that `COPY . .` takes, because no ignore file keeps them out: seen in
// the context as it is on disk now, before any build. Which folders these are is context/bloat.ts.
import { type Bloat, bloatOf } from '../context/bloat';
import type { ContextSnapshot } from '../context/model';
import type { Instruction } from '../dockerfile/model';
import { reachableStages } from '../dockerfile/stageGraph';
import { formatBytes } from '../primitives/bytes';
import { copiesAll } from './copyBeforeInstall';
import { gitDirectoryInLayer, isRepository } from './gitDirectoryInLayer';
import { findingAt, leastBytesOfWaste, pathText } from './measured';
import type { Rule, RuleContext } from './rule';

export const unignoredContext: Rule = {
  name: 'UnignoredContext',
  severity: 'warning',
  summary: 'COPY . . takes folders that hardly ever belong into an image; no ignore file keeps them out.',
  check(context) {
    const { dockerfile, choice, context: snapshot } = context;
    if (!snapshot) return [];
    const reachable = reachableStages(dockerfile, choice);
    return dockerfile.instructions.flatMap((copy) => {
      if (copy.stage === null || !reachable.has(copy.stage) || !copiesAll(copy)) return [];
      const told = hasGitFinding(context, copy);
      const bloat = bloatIn(snapshot).filter(({ path }) => !told || path !== '.git');
      const bytes = bloat.reduce((sum, one) => sum + one.bytes, 0);
      return bytes < leastBytesOfWaste
        ? []
        : [findingAt(unignoredContext, copy, { message: messageOf(bloat, bytes), bytes })];
    });
  },
};

/** One walk for each look at the disk, not for each keystroke. */
const known = new WeakMap<ContextSnapshot, Bloat[]>();

function bloatIn(snapshot: ContextSnapshot): Bloat[] {
  const found = known.get(snapshot) ?? bloatOf(snapshot);
  known.set(snapshot, found);
  return found;
}

const named = 3;

function messageOf(bloat: readonly Bloat[], bytes: number): string {
  const shown = bloat
    .slice(0, named)
    .map(({ path, bytes: own }) => `${pathText(path).slice(1)} ${formatBytes(own)}`);
  const more = bloat.length > named ? ` and ${bloat.length - named} more` : '';
  const ways = bloat.length === 1 ? 'a line' : 'lines';
  return `${formatBytes(bytes)} that hardly belong into an image are copied: ${shown.join(', ')}${more}; ${ways} in .dockerignore would keep them out`;
}

/** The .git of a layer that was measured is told by a rule of its own. */
function hasGitFinding({ image, instructionOf, off }: RuleContext, copy: Instruction): boolean {
  if (off?.has(gitDirectoryInLayer.name)) return false;
  return (image?.deposits ?? []).some(
    (deposit) => isRepository(deposit) && instructionOf?.(deposit.layer) === copy.index,
  );
}
