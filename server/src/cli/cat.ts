// `strata cat REF PATH`: the bytes of a file as the image, or its state after a layer, shows it.
import { readStateFile } from '../layers/readFile';
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
