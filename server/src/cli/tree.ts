// `strata tree REF [PATH]`: what is inside an image after a layer (merged), or what the layer itself holds (upper).
import { openTree, type TreeEntry } from '../layers/tree';
import { formatBytes } from '../primitives/bytes';
import { StrataError } from '../primitives/errors';
import { commonOptions, parseWords, readFormat, readImagePath, readNumber, usage } from './args';
import type { Cli } from './cli';
import {
  indexesUpTo,
  json,
  type MeasuredReference,
  pickLayer,
  upToLayer,
  warn,
  withMeasured,
} from './openMeasured';
import { clean } from './reportText';

const textDepth = 2;

export async function treeCommand(cli: Cli, args: string[]): Promise<number> {
  const options = {
    ...commonOptions,
    platform: { type: 'string' },
    layer: { type: 'string' },
    view: { type: 'string', default: 'merged' },
    depth: { type: 'string' },
    sort: { type: 'string', default: 'name' },
  } as const;
  const { values, positionals } = parseWords('tree', args, options, 2);
  const format = readFormat('tree', values.format, ['text', 'json']);
  const view = (['upper', 'merged'] as const).find((one) => one === values.view);
  if (!view) throw usage('tree', `--view is upper or merged, not '${values.view}'`);
  const sort = (['size', 'name'] as const).find((one) => one === values.sort);
  if (!sort) throw usage('tree', `--sort is size or name, not '${values.sort}'`);
  const [reference, given = ''] = positionals;
  if (reference === undefined) throw usage('tree', 'name an image');
  const path = readImagePath(given);
  const depth =
    values.depth !== undefined
      ? readNumber('tree', '--depth', values.depth)
      : format === 'text'
        ? textDepth
        : Number.POSITIVE_INFINITY;
  const show = async (opened: MeasuredReference): Promise<number> => {
    const layer = pickLayer('tree', values.layer, opened.indexes.length);
    const tree = openTree(indexesUpTo(opened, layer), layer, view);
    const top = path === '' ? null : tree.find(path);
    if (path !== '' && top === null) {
      throw new StrataError(
        'not-found',
        `There is no /${path} in ${view === 'upper' ? `layer ${layer}` : 'the image'} of ${reference}.`,
        "See 'strata tree' without a path.",
      );
    }
    if (format === 'json') {
      const entries = [...(top ? [top] : []), ...tree.walk(path, sort, depth)].map(entryJson);
      cli.out(json({ schema: 1, view, layer, entries, problems: opened.measured.problems }));
    } else {
      warn(cli, opened.measured.problems);
      const rows = [...(top ? [top] : []), ...tree.walk(path, sort, depth)];
      const base = path === '' ? 0 : path.split('/').length - 1;
      cli.out(rows.map((entry) => line(entry, base)).join(''));
    }
    return 0;
  };
  return withMeasured(cli, reference, values, show, { read: upToLayer(values.layer), listings: true });
}

function entryJson(entry: TreeEntry) {
  const { path, type, bytes, mode, uid, gid, link, change, fromLayer, totalBytes } = entry;
  return { path, type, bytes, mode, uid, gid, link, change, fromLayer, totalBytes };
}

const signs = { added: '+', modified: '~', removed: '-', unchanged: ' ' } as const;

function line(entry: TreeEntry, base: number): string {
  const depth = entry.path.split('/').length - 1 - base;
  const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
  const size = entry.type === 'file' || entry.type === 'directory' ? formatBytes(entry.totalBytes) : '';
  const mode = entry.mode.toString(8).padStart(4, '0');
  const owner = `${entry.uid}:${entry.gid}`;
  const tail = entry.type === 'directory' ? '/' : entry.link === null ? '' : ` -> ${entry.link}`;
  return `${signs[entry.change]} ${size.padStart(8)}  ${mode} ${owner.padEnd(9)}  ${'  '.repeat(depth)}${clean(name + tail)}\n`;
}
