// Which stage of an edited Dockerfile is which stage of the built one: by name, then by content, then by what they
// share. A wrong pair costs a measure, never makes one: carryForward compares all that a layer depends on.
import type { Dockerfile, Stage } from '../dockerfile/model';
import { meaningsOf } from './instructionMeaning';

/** For each stage of `edited` its partner in `built`, or null. No stage is the partner of two. */
export function matchStages(built: Dockerfile, edited: Dockerfile): (number | null)[] {
  const partner: (number | null)[] = edited.stages.map(() => null);
  const free = new Set(built.stages.map((stage) => stage.index));
  const pairUp = (fits: (before: Stage, after: Stage) => boolean) => {
    // From the end: the last stage is the one that ships, and of equal ones it should stay the last.
    for (const after of edited.stages.toReversed()) {
      if (partner[after.index] !== null) continue;
      for (const index of [...free].reverse()) {
        if (!fits(built.stages[index]!, after)) continue;
        partner[after.index] = index;
        free.delete(index);
        break;
      }
    }
  };
  const before = contents(built);
  const after = contents(edited);
  pairUp((a, b) => a.name !== null && a.name === b.name);
  pairUp((a, b) => before[a.index]!.text === after[b.index]!.text);
  pairUp((a, b) => share(before[a.index]!.keys, after[b.index]!.keys));
  // What is left has no line in common. The last stage is the product, whatever was written into it.
  const last = edited.stages.length - 1;
  const lastBuilt = built.stages.length - 1;
  if (last >= 0 && partner[last] === null && free.has(lastBuilt)) partner[last] = lastBuilt;
  return partner;
}

interface Contents {
  text: string;
  keys: ReadonlySet<string>;
}

function contents(dockerfile: Dockerfile): Contents[] {
  const meanings = meaningsOf(dockerfile);
  return dockerfile.stages.map((stage) => {
    const keys = stage.instructions.map((index) => meanings[index]!.key);
    return { text: [meanings[stage.from]!.key, ...keys].join('\n'), keys: new Set(keys) };
  });
}

/** At least half of the shorter one's lines are in the other. */
function share(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  let common = 0;
  for (const key of a.size < b.size ? a : b) if ((a.size < b.size ? b : a).has(key)) common++;
  return common > 0 && common * 2 >= Math.min(a.size, b.size);
}
