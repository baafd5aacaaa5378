// The path that each WORKDIR resolves to, as far as the text tells: it decides whether BuildKit makes a layer, and it is
// what every builder writes into the history. The directory that an image starts in is not known.
import path from 'node:path';
import { stageBases } from '../dockerfile/bases';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { expandInstructionWords } from '../dockerfile/variables';
import { openPattern } from './openPattern';
import type { TextPattern } from './textPattern';

export interface Workdir {
  /** Null parts are unknown. */
  path: TextPattern;
  /** Whether it is `/`; null when that hangs on something unknown. */
  isRoot: boolean | null;
}

/** By stage, for each of its WORKDIRs and those of the triggers that fire at its FROM. */
export function workdirsOf(dockerfile: Dockerfile, choice: BuildChoice): Map<Instruction, Workdir>[] {
  const bases = stageBases(dockerfile, choice);
  const ends: (Workdir | null)[] = [];
  return dockerfile.stages.map((stage) => {
    const base = bases[stage.index];
    let at: Workdir | null = base?.kind === 'scratch' ? { path: ['/'], isRoot: true } : null;
    if (base?.kind === 'stage') at = ends[base.stage] ?? null;
    const found = new Map<Instruction, Workdir>();
    const enter = (instruction: Instruction, text: TextPattern) => {
      at = resolve(at, text);
      found.set(instruction, at);
    };
    for (const trigger of firingAt(dockerfile, choice, stage.index)) {
      if (trigger.keyword === 'WORKDIR') enter(trigger, openPattern(trigger.rest, dockerfile.escape));
    }
    for (const index of stage.instructions) {
      const instruction = dockerfile.instructions[index]!;
      if (instruction.keyword !== 'WORKDIR') continue;
      const { words, certain } = expandInstructionWords(dockerfile, instruction, choice);
      enter(instruction, certain ? [words[0] ?? ''] : openPattern(instruction.rest, dockerfile.escape));
    }
    ends.push(at);
    return found;
  });
}

/**
 * What fires at a stage's FROM as far as the text tells: the ONBUILDs of the stage that it is built on, not those of
 * older ones (convert.go, init and resolveStages). Triggers of an image are not in the text.
 */
export function firingAt(dockerfile: Dockerfile, choice: BuildChoice, stage: number): Instruction[] {
  const base = stageBases(dockerfile, choice)[stage];
  if (base?.kind !== 'stage') return [];
  return dockerfile.stages[base.stage]!.instructions.flatMap(
    (index) => dockerfile.instructions[index]!.trigger ?? [],
  );
}

/** system.NormalizeWorkdir for Linux; a path of Windows stays unknown. */
function resolve(below: Workdir | null, text: TextPattern): Workdir {
  const unknown: Workdir = { path: [null], isRoot: null };
  const literal = text.includes(null) ? null : text.join('');
  if (literal === null) {
    const isPlain = text[0]?.startsWith('/') === true && !/\/[./]|\.\.|\\/.test(text.join(''));
    return isPlain ? { path: text, isRoot: null } : unknown;
  }
  if (literal.includes('\\') || /^[a-z]:/i.test(literal)) return unknown;
  if (literal.startsWith('/')) return known(literal);
  if (below && !below.path.includes(null)) return known(`${below.path.join('')}/${literal}`);
  const relative = path.posix.normalize(literal).replace(/\/$/, '');
  if (literal === '' || relative === '.' || relative.startsWith('..')) return unknown;
  return { path: [null, `/${relative}`], isRoot: false };
}

function known(absolute: string): Workdir {
  const clean = path.posix.normalize(`/${absolute}`).replace(/(.)\/$/, '$1');
  return { path: [clean], isRoot: clean === '/' };
}
