// What rules about measured layers share: whose layers count, from which size on a waste is worth a word, and how lines
// and paths are named. The base image's layers are nobody's fault here.
import type { Instruction } from '../dockerfile/model';
import type { MeasuredImage } from '../image/model';
import type { Finding, RelatedLine, Rule, RuleContext } from './rule';

/** The context of a build that was measured. */
export interface MeasuredContext extends RuleContext {
  image: MeasuredImage;
  /** The instruction that wrote a layer; null where no line of this text may be blamed for it. */
  lineOf(layer: number): Instruction | null;
  isBase(layer: number): boolean;
  /** Wastes of a line below this are not told: 100 kB, or a thousandth of what the project's own layers hold. */
  leastBytes: number;
}

/** Bytes of any waste below which nobody is told. */
export const leastBytesOfWaste = 100_000;
const leastPart = 0.001;

/** Null when no image was measured, or its layers were not tied to lines. */
export function measuredContext(context: RuleContext): MeasuredContext | null {
  const { image, instructionOf, isBase, dockerfile } = context;
  if (!image || !instructionOf || !isBase) return null;
  let own = 0;
  for (const { index, unpackedBytes } of image.layers) if (!isBase(index)) own += unpackedBytes ?? 0;
  return {
    ...context,
    image,
    isBase,
    lineOf: (layer) => {
      const index = instructionOf(layer);
      return index === null ? null : (dockerfile.instructions[index] ?? null);
    },
    leastBytes: Math.max(leastBytesOfWaste, own * leastPart),
  };
}

/** What was found, by the line that it is told at; without what has none. */
export function groupByLine<T>(
  found: readonly T[] | undefined,
  lineOf: (one: T) => Instruction | null,
): [Instruction, T[]][] {
  const byLine = new Map<Instruction, T[]>();
  for (const one of found ?? []) {
    const line = lineOf(one);
    if (!line) continue;
    const known = byLine.get(line);
    if (known) known.push(one);
    else byLine.set(line, [one]);
  }
  return [...byLine];
}

/** A finding at an instruction's keyword. */
export function findingAt(
  { name, severity }: Rule,
  { line, endLine, start, keywordEnd }: Instruction,
  found: Pick<Finding, 'message' | 'bytes'> & Partial<Finding>,
): Finding {
  return { rule: name, severity, line, endLine, start, end: keywordEnd, fixes: [], ...found };
}

export function relatedAt({ line, start, keywordEnd }: Instruction, message: string): RelatedLine {
  return { line, start, end: keywordEnd, message };
}

/** `line 4`, `lines 4 and 7`, `lines 4, 7, 9 and 2 more`. */
export function linesText(instructions: readonly Instruction[]): string {
  const lines = [...new Set(instructions.map(({ line }) => line))].sort((a, b) => a - b);
  if (lines.length === 1) return `line ${lines[0]}`;
  if (lines.length > 4) return `lines ${lines.slice(0, 3).join(', ')} and ${lines.length - 3} more`;
  return `lines ${lines.slice(0, -1).join(', ')} and ${lines.at(-1)}`;
}

const longestPath = 80;

/**
 * An absolute path as a person sees it: an image's names are anyone's, so that controls and marks of direction are
 * written as escapes, and long ones are cut in the middle.
 */
export function pathText(path: string): string {
  const plain = `/${path}`.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
  const half = longestPath / 2 - 1;
  return plain.length <= longestPath ? plain : `${plain.slice(0, half)}…${plain.slice(-half)}`;
}
