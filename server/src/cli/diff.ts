// `strata diff`: a layer against what lies below it, or two images (or `REF@N`, the state of an image after a layer).
import { diffLayer, diffStates } from '../layers/diff';
import type { Change, Entry, LayerDiff, LayerIndex } from '../layers/model';
import { formatBytes } from '../primitives/bytes';
import { commonOptions, parseWords, readFormat, usage } from './args';
import type { Cli } from './cli';
import { indexesUpTo, json, type MeasuredReference, pickLayer, warn, withMeasured } from './openMeasured';
import { clean, table } from './reportText';

export async function diffCommand(cli: Cli, args: string[]): Promise<number> {
  const options = { ...commonOptions, platform: { type: 'string' }, layer: { type: 'string' } } as const;
  const { values, positionals } = parseWords('diff', args, options, 2);
  const format = readFormat('diff', values.format, ['text', 'json']);
  const [from, to] = positionals;
  if (from === undefined) throw usage('diff', 'name an image, or two');
  if (to !== undefined && values.layer !== undefined)
    throw usage('diff', '--layer goes with one image; write REF@N');
  const show = (title: [string, string], diff: LayerDiff, problems: string[]) => {
    if (format === 'json') cli.out(json(report(title, diff, problems)));
    else {
      warn(cli, problems);
      cli.out(text(title, diff));
    }
    return 0;
  };
  if (to === undefined) {
    return withMeasured(cli, from, values, async (opened) => {
      const layer = pickLayer('diff', values.layer, opened.indexes.length);
      const diff = diffLayer(indexesUpTo(opened, layer), layer);
      const title: [string, string] = [layer === 0 ? 'nothing' : `${from}@${layer - 1}`, `${from}@${layer}`];
      return show(title, diff, opened.measured.problems);
    });
  }
  return withMeasured(cli, bare(from), values, (one) =>
    withMeasured(cli, bare(to), values, async (other) => {
      const diff = diffStates(stateOf(one, from), stateOf(other, to));
      return show([from, to], diff, [...one.measured.problems, ...other.measured.problems]);
    }),
  );
}

const layerSuffix = /@(\d{1,4})$/;

function bare(reference: string): string {
  return reference.replace(layerSuffix, '');
}

/** The layers of the state that `REF` or `REF@N` names. */
function stateOf(opened: MeasuredReference, reference: string): LayerIndex[] {
  const layer = pickLayer('diff', layerSuffix.exec(reference)?.[1], opened.indexes.length);
  return indexesUpTo(opened, layer);
}

function report([from, to]: [string, string], diff: LayerDiff, problems: string[]) {
  const { added, modified, removed, bytesAdded, bytesModified, bytesRemoved } = diff;
  return {
    schema: 1,
    from,
    to,
    added,
    modified,
    removed,
    bytesAdded,
    bytesModified,
    bytesRemoved,
    entries: diff.changes.map(({ path, change, before, after, what }) => ({
      path,
      change,
      before: before && entryJson(before),
      after: after && entryJson(after),
      what,
    })),
    problems,
  };
}

function entryJson({ type, bytes, mode, uid, gid, link }: Entry) {
  return { type, bytes, mode, uid, gid, link };
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
