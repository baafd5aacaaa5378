// `strata layers REF`: the layers of an image, oldest first.
import { layerView } from '../analysis/layerViews';
import type { Image } from '../image/model';
import { isEngineReference } from '../image/reference';
import { imagesByChain, sharingOf } from '../layers/sharing';
import { localImages, nameOf } from '../measure/localImages';
import { formatBytes } from '../primitives/bytes';
import { sum } from '../primitives/sum';
import { commonOptions, parseWords, readFormat, usage } from './args';
import type { Cli } from './cli';
import { json, type MeasuredReference, warn, withMeasured } from './openMeasured';
import { clean, table } from './reportText';

export async function layersCommand(cli: Cli, args: string[]): Promise<number> {
  const options = {
    ...commonOptions,
    platform: { type: 'string' },
    pull: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = parseWords('layers', args, options, 1);
  const format = readFormat('layers', values.format, ['text', 'json']);
  const reference = positionals[0];
  if (reference === undefined) throw usage('layers', 'name an image');
  const show = async (opened: MeasuredReference): Promise<number> => {
    const { measured } = opened;
    if (opened.image.remote && measured.layers.some(({ unpackedBytes }) => unpackedBytes === null)) {
      measured.problems.push(
        'Layers of a registry are not read for this, so that some unpacked sizes are unknown: --pull reads them.',
      );
    }
    if (format === 'json') cli.out(json(report(opened, await sharedWith(cli, opened))));
    else {
      warn(cli, measured.problems);
      cli.out(text(opened, cli.columns));
    }
    return 0;
  };
  const read = (image: Image) => (image.remote && !values.pull ? 'kept' : 'all');
  return withMeasured(cli, reference, values, show, { read, listings: true });
}

/** History text of each layer: only when history and layers agree in number, else unknown. */
function createdBy({ measured }: MeasuredReference): (string | null)[] {
  const made = measured.history.filter((entry) => !entry.emptyLayer);
  const agree = made.length === measured.layers.length;
  return measured.layers.map((_, at) => (agree ? (made[at]?.createdBy ?? null) : null));
}

/** By ChainID, the engine's other images that hold the layer too; null where the image is no engine's. */
async function sharedWith(
  cli: Cli,
  { image }: MeasuredReference,
): Promise<ReadonlyMap<string, readonly string[]> | null> {
  if (!isEngineReference(image.reference)) return null;
  const engine = image.reference.startsWith('docker-daemon:') ? 'docker' : 'podman';
  const { images } = await localImages({ host: cli.host, store: null }, [engine], cli.signal);
  const others = images.filter(({ diffIds }) => diffIds.join() !== image.config.diffIds.join());
  return imagesByChain(
    sharingOf(
      others.map((one) => ({
        name: nameOf(one),
        layers: one.diffIds.map((diffId, i) => ({ diffId, chainId: one.chainIds[i]!, bytes: null })),
      })),
    ),
  );
}

function report(opened: MeasuredReference, shared: ReadonlyMap<string, readonly string[]> | null) {
  const { measured } = opened;
  const texts = createdBy(opened);
  return {
    schema: 1,
    image: {
      reference: measured.reference,
      id: measured.id,
      platform: measured.platform,
      layers: measured.layers.length,
      unpackedBytes: sum(measured.layers.map(({ unpackedBytes }) => unpackedBytes)),
      compressedBytes: sum(measured.layers.map(({ compressedBytes }) => compressedBytes)),
    },
    layers: measured.layers.map((layer, at) => ({
      ...layerView(layer, measured.layers),
      createdBy: texts[at],
      // Null says that nothing was compared.
      sharedWith: shared && (shared.get(layer.chainId) ?? []),
    })),
    problems: measured.problems,
  };
}

function text(opened: MeasuredReference, columns: number): string {
  const { measured } = opened;
  const texts = createdBy(opened);
  const size = (bytes: number | null) => (bytes === null ? '' : formatBytes(bytes));
  const rows = measured.layers.map((layer, at) => [
    String(layer.index),
    size(layer.unpackedBytes),
    size(layer.compressedBytes),
    size(layer.wastedBytes),
    layer.diffId.slice('sha256:'.length, 'sha256:'.length + 12),
    clean(texts[at] ?? '')
      .replace(/\s+/g, ' ')
      .slice(0, Math.max(20, columns - 64)),
  ]);
  const head = ['layer', 'unpacked', 'compressed', 'wasted', 'diff id', 'created by'];
  return table(head, rows, new Set([0, 1, 2, 3]));
}
