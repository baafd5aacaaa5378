// `strata diff`: a layer against what lies below it, two images (or `REF@N`, the state of an image after a layer), or a
// container against its image.
import type { DiffDocument } from '../describe/diffDocument';
import { type DiffFormat, diffPieces, diffWriters } from '../describe/diffPieces';
import { plainStyle } from '../describe/style';
import { ContentSums, contentPairs, layersByIndex, notComparedText } from '../layers/contentSums';
import { type DiffOptions, diffLayer, diffStates } from '../layers/diff';
import type { Change, Entry, LayerDiff, LayerIndex } from '../layers/model';
import { orderBySize } from '../layers/sizeOrder';
import { atOnce } from '../layers/steps';
import { formatBytes } from '../primitives/bytes';
import { commonOptions, parseWords, readFormat, usage } from './args';
import type { Cli } from './cli';
import { diffContainer } from './diffContainer';
import {
  indexesUpTo,
  type MeasuredReference,
  pickLayer,
  upToLayer,
  warn,
  withMeasured,
} from './openMeasured';
import { progressLine } from './progress';
import { clean, table } from './reportText';

export async function diffCommand(cli: Cli, args: string[]): Promise<number> {
  const options = {
    ...commonOptions,
    platform: { type: 'string' },
    layer: { type: 'string' },
    container: { type: 'string' },
  } as const;
  const { values, positionals } = parseWords('diff', args, options, 2);
  const format = readFormat('diff', values.format, ['text', 'json', 'markdown', 'html']);
  const [from, to] = positionals;
  if (to !== undefined && values.layer !== undefined)
    throw usage('diff', '--layer goes with one image; write REF@N');
  const show = (title: [string, string], diff: LayerDiff, problems: string[]) => {
    if (format !== 'json') warn(cli, problems);
    if (format === 'text') cli.out(text(title, diff));
    else for (const piece of document(format, title, diff, problems)) cli.out(piece);
    return 0;
  };
  if (values.container !== undefined) {
    if (from !== undefined)
      throw usage('diff', '--container goes without an image: it is compared with its own');
    const { title, diff, problems } = await diffContainer(cli, values.container, values);
    return show(title, diff, problems);
  }
  if (from === undefined) throw usage('diff', 'name an image, or two');
  const comparing = (opened: MeasuredReference[], run: (options: DiffOptions) => LayerDiff) =>
    diffWithContents(cli, opened, run, values['no-progress'] !== true);
  if (to === undefined) {
    const one = async (opened: MeasuredReference): Promise<number> => {
      const layer = pickLayer('diff', values.layer, opened.indexes.length);
      const indexes = indexesUpTo(opened, layer);
      const { diff, notes } = await comparing([opened], (how) => diffLayer(indexes, layer, how));
      const title: [string, string] = [layer === 0 ? 'nothing' : `${from}@${layer - 1}`, `${from}@${layer}`];
      return show(title, diff, [...opened.measured.problems, ...notes]);
    };
    return withMeasured(cli, from, values, one, { read: upToLayer(values.layer) });
  }
  const two = (one: MeasuredReference) => async (other: MeasuredReference) => {
    const [a, b] = [stateOf(one, from), stateOf(other, to)];
    const { diff, notes } = await comparing([one, other], (how) => diffStates(a, b, how));
    return show([from, to], diff, [...one.measured.problems, ...other.measured.problems, ...notes]);
  };
  return withMeasured(
    cli,
    bare(from),
    values,
    (one) => withMeasured(cli, bare(to), values, two(one), { read: upToLayer(layerOf(to)) }),
    { read: upToLayer(layerOf(from)) },
  );
}

/** Bytes read to compare contents of equal size; of an image that has to be fetched for it, less. */
const maxCompared = 16 * 2 ** 30;
const maxComparedRemote = 2 ** 30;

/** The diff with contents compared, and a note when some could not be. */
async function diffWithContents(
  cli: Cli,
  opened: readonly MeasuredReference[],
  run: (options: DiffOptions) => LayerDiff,
  withProgress: boolean,
): Promise<{ diff: LayerDiff; notes: string[] }> {
  const { diff, pairs } = contentPairs(run);
  if (pairs.length === 0) return { diff, notes: [] };
  const sums = new ContentSums(cli.host);
  const layers = new Map(opened.flatMap(({ image, indexes }) => [...layersByIndex(image.layers, indexes)]));
  const maxBytes = opened.some(({ image }) => image.remote) ? maxComparedRemote : maxCompared;
  const progress = progressLine(cli, withProgress);
  progress.show(`comparing the contents of ${pairs.length} files`);
  try {
    const reasons = await sums.read(pairs, layers, { maxBytes, signal: cli.signal });
    const unknown = sums.countUnknown(pairs);
    const notes = unknown === 0 ? [] : [notComparedText(unknown, reasons)];
    return { diff: run({ sameContent: sums.sameContent }), notes };
  } finally {
    progress.clear();
  }
}

const layerSuffix = /@(\d{1,4})$/;

/** N of `REF@N`. */
function layerOf(reference: string): string | undefined {
  return layerSuffix.exec(reference)?.[1];
}

function bare(reference: string): string {
  return reference.replace(layerSuffix, '');
}

/** The layers of the state that `REF` or `REF@N` names. */
function stateOf(opened: MeasuredReference, reference: string): LayerIndex[] {
  const layer = pickLayer('diff', layerOf(reference), opened.indexes.length);
  return indexesUpTo(opened, layer);
}

/** JSON lists the changes in the order of paths; what people read, the largest first. */
function document(
  format: DiffFormat,
  [from, to]: [string, string],
  diff: LayerDiff,
  problems: string[],
): Iterable<string> {
  const { rows } = diff;
  const order = format === 'json' ? null : atOnce(orderBySize(rows));
  const read = rows.reader(true);
  const about: DiffDocument = {
    ...{ from, to, words: null, totals: diff, query: null, listed: rows.count },
    ...{ basis: '', built: null, problems, style: plainStyle },
  };
  return diffPieces(diffWriters[format], about, (at) => read(order ? order[at]! : at));
}

function text([from, to]: [string, string], diff: LayerDiff): string {
  const rows = [...diff.changes]
    .sort((a, b) => weight(b) - weight(a))
    .map((change) => [
      { added: '+', modified: '~', removed: '-' }[change.change],
      change.before ? size(change.before) : '',
      change.after ? size(change.after) : '',
      clean(`/${change.path}${target(change)}`),
      change.what.join(', '),
    ]);
  const total = `${diff.added} added ${formatBytes(diff.bytesAdded)} · ${diff.modified} modified ${formatBytes(diff.bytesModified)} · ${diff.removed} removed ${formatBytes(diff.bytesRemoved)}`;
  const head = `${clean(from)} → ${clean(to)}\n${total}\n`;
  return rows.length === 0
    ? head
    : `${head}\n${table(['', 'before', 'after', 'path', 'what'], rows, new Set([1, 2]))}`;
}

function size(entry: Entry): string {
  return entry.type === 'file' ? formatBytes(entry.bytes) : entry.type;
}

function weight({ before, after }: Change): number {
  return after?.bytes ?? before?.bytes ?? 0;
}

function target({ before, after }: Change): string {
  const link = (after ?? before)?.link ?? null;
  return link === null ? '' : ` -> ${link}`;
}
