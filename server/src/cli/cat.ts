// `strata cat REF PATH`: the bytes of a file as the image, or its state after a layer, shows it.
import { readStateFile } from '../layers/readFile';
import { openTree, type TreeEntry } from '../layers/tree';
import { StrataError } from '../primitives/errors';
import { parseWords, readImagePath, usage } from './args';
import type { Cli } from './cli';
import {
  indexesUpTo,
  type MeasuredReference,
  pickLayer,
  upToLayer,
  warn,
  withMeasured,
} from './openMeasured';
import { clean } from './reportText';

/** What is written to standard output is held in memory before. */
const maxBytes = 1024 * 1024 * 1024;

export async function catCommand(cli: Cli, args: string[]): Promise<number> {
  const options = {
    'no-store': { type: 'boolean', default: false },
    'no-progress': { type: 'boolean', default: false },
    platform: { type: 'string' },
    layer: { type: 'string' },
  } as const;
  const { values, positionals } = parseWords('cat', args, options, 2);
  const [reference, given] = positionals;
  if (reference === undefined || given === undefined) throw usage('cat', 'name an image and a path');
  const inside = readImagePath(given);
  const show = async (opened: MeasuredReference): Promise<number> => {
    const layer = pickLayer('cat', values.layer, opened.indexes.length);
    const indexes = indexesUpTo(opened, layer);
    const { layers } = opened.image;
    const bytes = await readStateFile(cli.host, layers, indexes, layer, inside, {
      maxBytes,
      signal: cli.signal,
    });
    warn(cli, opened.measured.problems);
    if (bytes === null) {
      const where = values.layer === undefined ? reference : `${reference} after layer ${layer}`;
      const other = openTree(indexes, layer, 'merged').find(inside);
      if (other) throw noFile(other, where);
      throw new StrataError(
        'not-found',
        `There is no file /${inside} in ${where}.`,
        "See 'strata tree', or 'strata blame' for a file that was deleted.",
      );
    }
    cli.out(bytes);
    return 0;
  };
  return withMeasured(cli, reference, values, show, { read: upToLayer(values.layer), listings: true });
}

/** What is there has no bytes of its own; a link is not followed, as `docker cp` does not. */
function noFile({ path, type, link }: TreeEntry, where: string): StrataError {
  const at = clean(`/${path}`);
  if (type === 'symlink') {
    const to = clean(link ?? '');
    return new StrataError('not-found', `${at} in ${where} is a symbolic link to ${to}.`, 'Name that file.');
  }
  const kind = type === 'directory' ? 'a directory' : `no file but of the type ${type}`;
  return new StrataError(
    'not-found',
    `${at} in ${where} is ${kind}.`,
    "See 'strata tree' for what it holds.",
  );
}
