// Opens the image that a person named and measures it, with progress; the commands on images share this.
import type { Image, MeasuredImage } from '../image/model';
import { openImage } from '../image/open';
import type { MeasureOptions } from '../layers/measureImage';
import type { LayerIndex } from '../layers/model';
import { measureOpened } from '../measure/measureRecord';
import { StrataError } from '../primitives/errors';
import { readNumber, usage } from './args';
import type { Cli } from './cli';
import { progressLine } from './progress';
import { openStores } from './stores';

export interface MeasuredReference {
  image: Image;
  measured: MeasuredImage;
  indexes: (LayerIndex | null)[];
}

export interface OpenFlags {
  platform?: string;
  'no-store'?: boolean;
  'no-progress'?: boolean;
}

export interface MeasureNeeds {
  /** Which layers are needed. */
  read?: (image: Image) => MeasureOptions['read'];
  /** Names and sizes are enough: the table of contents that a layer of a registry carries will do. */
  listings?: boolean;
  /** Secrets and contents stored twice are looked for, which reads files. */
  findings?: boolean;
}

/** Runs `use` on the measured image and closes it whatever happens. */
export async function withMeasured<T>(
  cli: Cli,
  reference: string,
  flags: OpenFlags,
  use: (opened: MeasuredReference) => Promise<T>,
  { read = () => 'all', listings = false, findings = false }: MeasureNeeds = {},
): Promise<T> {
  const stores = await openStores(cli, flags['no-store'] === true);
  const progress = progressLine(cli, flags['no-progress'] !== true);
  try {
    progress.show(`opening ${reference}`);
    const image = await openImage(cli.host, reference, {
      platform: flags.platform,
      signal: cli.signal,
      configs: stores.configs,
    });
    try {
      const tools = { host: cli.host, indexer: cli.indexer, store: stores.indexes };
      const { measured, indexes } = await measureOpened(tools, image, {
        signal: cli.signal,
        read: read(image),
        listings,
        findings,
        base: cli.workingDirectory,
        onProgress: ({ done, total }) => progress.show(`reading layers ${done}/${total}`),
      });
      progress.clear();
      return await use({ image, measured, indexes });
    } finally {
      await image.close();
    }
  } finally {
    progress.clear();
    await stores.close();
  }
}

/** The layers that a question about `--layer N` needs: those up to it. A wrong N is refused by `pickLayer`. */
export function upToLayer(value: string | undefined): () => MeasureOptions['read'] {
  return () => (value !== undefined && /^\d{1,9}$/.test(value) ? { upTo: Number(value) } : 'all');
}

/** `--layer N`, or the newest layer. */
export function pickLayer(command: string, value: string | undefined, layers: number): number {
  if (layers === 0) throw new StrataError('not-found', 'This image has no layers.');
  if (value === undefined) return layers - 1;
  const layer = readNumber(command, '--layer', value);
  if (layer >= layers) throw usage(command, `there is no layer ${layer}; this image has 0 to ${layers - 1}`);
  return layer;
}

/** The layers up to and including one; refuses when one of them could not be read. */
export function indexesUpTo(opened: MeasuredReference, layer: number): LayerIndex[] {
  const below = opened.indexes.slice(0, layer + 1);
  const unread = below.indexOf(null);
  if (unread >= 0) {
    const problem = opened.measured.problems.find((text) => text.startsWith(`Layer ${unread} `));
    throw new StrataError(
      'unreadable',
      problem ?? `Layer ${unread} of ${opened.measured.reference} cannot be read.`,
    );
  }
  return below as LayerIndex[];
}

/** Problems of the image go to standard error, once each, so that no number stands without them. */
export function warn(cli: Cli, problems: readonly string[]): void {
  for (const problem of new Set(problems)) cli.err(`strata: ${problem}\n`);
}

/** A JSON document and nothing else. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
