// Files of a stage or an image that lie where they are copied to already: BuildKit leaves such a file out of the new layer
// when size, time, mode and owner are the same (util/overlay, sameDirent), and what is copied from an image has whole
// seconds as what lies below has. How many bytes that can be, never which of it happens.
import type { FileTree } from '../context/fileTree';
import type { Taken } from '../context/model';
import { followLinks } from '../context/topLink';
import { stageBases } from '../dockerfile/bases';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { namesOf, placeOfLine, sameTime } from './placedFiles';

/** Bytes that may lie there already; all of them where the place is not known. */
export function bytesBelow(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  taken: Taken,
  below: FileTree,
): number {
  const place = placeOfLine(dockerfile, instruction, choice);
  if (below.entries.length === 0) return 0;
  if (!place?.known) return taken.bytes ?? 0;
  let bytes = 0;
  for (const one of taken.entries) {
    const { type, size, mtimeMs } = one.entry;
    if (type !== 'file' || size === 0) continue;
    const isThere = namesOf(one, place).some((name) => {
      const followed = followLinks(below, name, true);
      const there = followed === null ? undefined : below.find(followed);
      return there?.type === 'file' && there.size === size && sameTime(there.mtimeMs, mtimeMs);
    });
    if (isThere) bytes += size;
  }
  return Math.min(bytes, taken.bytes ?? 0);
}

/**
 * Bytes of the least and the most files that a take from layers can be. A hard link made in a later layer is a file of its
 * own there, and one that a later layer wrote to is broken without a trace where nothing changed (overlayfs copies it up):
 * which names are one file to the copier, layers do not tell.
 */
export function linkedBytes(taken: Taken): { least: number; most: number } {
  const groups = new Map<string, { size: number; names: number; inodes: Set<number>; layers: Set<number> }>();
  for (const { entry } of taken.entries) {
    const { type, size, mode, mtimeMs, inode, layer = 0 } = entry;
    if (type !== 'file' || size === 0) continue;
    const key = `${size} ${mode} ${mtimeMs}`;
    const group = groups.get(key) ?? { size, names: 0, inodes: new Set(), layers: new Set() };
    group.names++;
    group.inodes.add(inode);
    group.layers.add(layer);
    groups.set(key, group);
  }
  let least = 0;
  let most = 0;
  for (const { size, names, inodes, layers } of groups.values()) {
    most += size * names;
    least += layers.size === 1 && inodes.size === names ? size * names : size;
  }
  return { least, most };
}

/** Whether nothing but COPY, ADD and WORKDIR has written below a line, down to an empty base: then the text tells all. */
export function isCopiedAlone(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
): boolean {
  const bases = stageBases(dockerfile, choice);
  let before = instruction.index;
  for (let stage = instruction.stage; stage !== null; ) {
    const lines = dockerfile.stages[stage]!.instructions;
    if (lines.some((line) => line < before && dockerfile.instructions[line]!.keyword === 'RUN')) return false;
    const base = bases[stage];
    if (base?.kind !== 'stage') return base?.kind === 'scratch';
    stage = base.stage;
    before = Number.POSITIVE_INFINITY;
  }
  return false;
}
