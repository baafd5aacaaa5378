// Bytes that a line wrote and a later line hid, gathered for the rules about them: only pairs of two lines of this text
// that both still stand as they were built. Which of them a rule tells, and how, the rule says.
import type { Instruction } from '../dockerfile/model';
import type { HiddenBytes } from '../image/model';
import { formatBytes, formatCount } from '../primitives/bytes';
import { groupByLine, type MeasuredContext, pathText, relatedAt } from './measured';
import { runAbove } from './mergeChain';
import { pairFix } from './mergeConsecutiveRuns';
import type { Fix, RelatedLine } from './rule';

export interface HiddenPair extends HiddenBytes {
  writer: Instruction;
  hider: Instruction;
}

export interface HiddenOfLine {
  writer: Instruction;
  bytes: number;
  /** The largest first. */
  pairs: HiddenPair[];
}

/** By the line that wrote; only lines whose waste is worth a word. */
export function hiddenByWriter(
  context: MeasuredContext,
  isWanted: (pair: HiddenPair) => boolean,
): HiddenOfLine[] {
  return groupByLine(pairsOf(context).filter(isWanted), ({ writer }) => writer)
    .map(([writer, pairs]) => ({ writer, bytes: pairs.reduce((sum, { bytes }) => sum + bytes, 0), pairs }))
    .filter(({ bytes }) => bytes >= context.leastBytes);
}

function pairsOf({ image, lineOf }: MeasuredContext): HiddenPair[] {
  return (image.hidden ?? []).flatMap((hidden) => {
    const writer = lineOf(hidden.writtenBy);
    const hider = lineOf(hidden.hiddenBy);
    return writer && hider && writer.index < hider.index ? [{ ...hidden, writer, hider }] : [];
  });
}

/** What each hiding line does: `deletes 9.8 MB in 12 files, most of them in /tmp/src`. */
export function relatedOf(pairs: readonly HiddenPair[], verb: string): RelatedLine[] {
  return pairs.slice(0, maxRelated).map(({ hider, bytes, files, places }) => {
    const where = files === 1 ? (places[0] ? `: ${pathText(places[0].path)}` : '') : mostIn(places);
    return relatedAt(hider, `${verb} ${formatBytes(bytes)} in ${formatCount(files, 'file')}${where}`);
  });
}

const maxRelated = 10;

function mostIn(places: HiddenBytes['places']): string {
  if (places.length === 0) return '';
  return `, most of it in ${places.map(({ path }) => pathText(path)).join(', ')}`;
}

/** Merges writer and hider where the one RUN stands below the other and nothing else would change. */
export function mergeFix(
  { dockerfile, shell = null }: MeasuredContext,
  { bytes, pairs }: HiddenOfLine,
): Fix[] {
  const [first, ...others] = pairs;
  if (!first || others.some(({ hider }) => hider !== first.hider)) return [];
  const { writer, hider } = first;
  if (hider.keyword !== 'RUN' || runAbove(dockerfile, hider) !== writer) return [];
  const merge = pairFix(dockerfile, writer, hider, shell, null);
  if (!merge) return [];
  const { edits, effect, isPreferred } = merge;
  const title = `Merge with the RUN of line ${hider.line}: saves ${formatBytes(bytes)}`;
  // What it saves was measured: no matter of taste.
  return [{ title, effect, edits, isPreferred, saves: bytes }];
}
