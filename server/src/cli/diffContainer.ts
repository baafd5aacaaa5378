// `strata diff --container NAME`: what a container has written over its image, as one more layer that is in no image.
import type { Container } from '../image/containers';
import { diffLayer } from '../layers/diff';
import type { LayerDiff, LayerIndex } from '../layers/model';
import { type ContainerContents, containersOf, contentsOfContainer } from '../measure/containerContents';
import { StrataError } from '../primitives/errors';
import type { Cli } from './cli';
import { progressLine } from './progress';
import { openStores } from './stores';

export interface ContainerDiff {
  /** `docker-daemon:app:1`, `container web`. */
  title: [string, string];
  diff: LayerDiff;
  problems: string[];
}

/** Throws StrataError('not-found' | 'usage' | 'no-daemon') with the containers that there are. */
export async function diffContainer(
  cli: Cli,
  name: string,
  flags: { 'no-store'?: boolean; 'no-progress'?: boolean },
): Promise<ContainerDiff> {
  const stores = await openStores(cli, flags['no-store'] === true);
  const progress = progressLine(cli, flags['no-progress'] !== true);
  try {
    progress.show('looking for the container');
    const { containers, refusals } = await containersOf(cli, cli.signal);
    if (containers.length === 0 && refusals[0]) throw refusals[0];
    const container = chosen(containers, name);
    progress.show(`reading the container ${container.name}`);
    const { host, indexer } = cli;
    const tools = { host, indexer, store: stores.indexes, configs: stores.configs };
    return compared(await contentsOfContainer(tools, container, null, cli.signal));
  } finally {
    progress.clear();
    await stores.close();
  }
}

/** By name, or by the beginning of an id as engines take it. */
function chosen(containers: readonly Container[], name: string): Container {
  const named = containers.filter((one) => one.name === name);
  const found =
    named.length > 0 ? named : containers.filter(({ id }) => name.length > 2 && id.startsWith(name));
  const [first, second] = found;
  if (first && !second) return first;
  const list = (second ? found : containers).slice(0, 10).map(({ engine, name }) => `${name} (${engine})`);
  const has = list.length === 0 ? 'there are none' : `there are ${list.join(', ')}`;
  throw new StrataError(
    second ? 'usage' : 'not-found',
    second ? `'${name}' means several containers: ${has}.` : `No container is called '${name}'; ${has}.`,
    second ? 'Give more of its id.' : '',
  );
}

function compared({ container, contents, image }: ContainerContents): ContainerDiff {
  const { indexes } = contents;
  const top = indexes.length - 1;
  const unread = indexes.indexOf(null);
  if (unread >= 0) {
    throw new StrataError('unreadable', `Layer ${unread} of the image of ${container.name} cannot be read.`);
  }
  const own = (indexes[top] as LayerIndex).problems.map((problem) => `${container.name}: ${problem}.`);
  return {
    title: [container.image, `container ${container.name}`],
    diff: diffLayer(indexes as LayerIndex[], top),
    problems: [...(image?.problems ?? []), ...own],
  };
}
