// A tag that stood for another image in one of the recorded builds, so that lines ran again though nobody had changed
// them: told with what that took. A tag that never moved is not told; that it could move, linters say.
import { stageBases } from '../dockerfile/bases';
import type { Dockerfile, Stage, TextEdit } from '../dockerfile/model';
import { reachableStages } from '../dockerfile/stageGraph';
import { formatBytes, formatDuration } from '../primitives/bytes';
import { findingAt, leastBytesOfWaste } from './measured';
import type { BaseMoves } from './pastFacts';
import type { Fix, Rule } from './rule';

export const mutableBaseTag: Rule = {
  name: 'MutableBaseTag',
  severity: 'info',
  summary: 'The tag of a base image moved between builds, and what stands on it was built again.',
  check({ dockerfile, choice, movesOf }) {
    if (!movesOf) return [];
    const reachable = reachableStages(dockerfile, choice);
    const bases = stageBases(dockerfile, choice);
    const byImage = new Map<string, { reference: string; stages: Stage[] }>();
    for (const stage of dockerfile.stages) {
      const base = bases[stage.index]!;
      if (base.kind !== 'image' || !taggedName.test(base.reference) || !reachable.has(stage.index)) continue;
      const key = `${base.reference} ${stage.platform ?? ''}`;
      const known = byImage.get(key);
      if (known) known.stages.push(stage);
      else byImage.set(key, { reference: base.reference, stages: [stage] });
    }
    // What one move took is of all stages on that image together: told once, at the first of them.
    return [...byImage.values()].flatMap(({ reference, stages }) => {
      const { from } = stages[0]!;
      const moves = movesOf(from);
      const cost = moves && costOf(moves);
      if (!moves || !cost) return [];
      const builds = `the last ${moves.builds} builds`;
      const message =
        moves.moved === 1
          ? `${reference} moved once in ${builds}; ${cost} then`
          : `${reference} moved ${moves.moved} times in ${builds}; ${cost} each time, on average`;
      const fixes = fixOf(dockerfile, stages, reference, moves);
      return [
        findingAt(mutableBaseTag, dockerfile.instructions[from]!, { message, bytes: moves.bytes, fixes }),
      ];
    });
  },
};

/** A name of an image, without a digest. */
const taggedName = /^[\w./:-]{1,256}$/;

/** A rebuild that took less is not worth a word, ms. */
const leastMs = 1000;

/** A clause; null for what is not worth a word, or not known. */
function costOf({ ms, bytes }: BaseMoves): string | null {
  if ((ms ?? 0) < leastMs && (bytes ?? 0) < leastBytesOfWaste) return null;
  if (ms === null) return `${formatBytes(bytes!)} were rebuilt`;
  const time = formatDuration(ms);
  return bytes ? `${time} and ${formatBytes(bytes)} were rebuilt` : `steps of ${time} ran again`;
}

function fixOf(
  dockerfile: Dockerfile,
  stages: readonly Stage[],
  reference: string,
  { digest }: BaseMoves,
): Fix[] {
  const edits = stages.map((stage) => pinned(dockerfile, stage, `@${digest}`, reference));
  if (edits.includes(null)) return [];
  return [
    {
      title: `Pin ${reference} to the image of the last build`,
      effect: 'review',
      edits: edits as TextEdit[],
      isPreferred: true,
      note: 'The base then changes only when the digest does: its updates, those of security among them, no longer come by themselves.',
    },
  ];
}

/**
 * The digest behind the reference; null where that is not written out plainly in one line. Of a tag for several platforms
 * it is the digest of their index, as provenance has it [T: BuildKit 0.34].
 */
function pinned(
  { text, instructions }: Dockerfile,
  { from }: Stage,
  digest: string,
  reference: string,
): TextEdit | null {
  const { keywordEnd, end } = instructions[from]!;
  const found = /^((?:[ \t]+--\S+)*[ \t]+)([\w./:-]+)(?=[ \t]|$)/.exec(text.slice(keywordEnd, end));
  if (found?.[2] !== reference) return null;
  const at = keywordEnd + found[0].length;
  return { start: at, end: at, text: digest };
}
