// What must hold between a config, its history and the layers that a source gives. What does not is said; numbers are
// never made to fit (dive counts layers by their history and goes out of range when the two disagree).
import type { ImageConfig } from './model';

/** @param layerCount layers that the manifest lists */
export function verifyImage(config: ImageConfig, layerCount: number): string[] {
  const problems: string[] = [];
  const { diffIds, history } = config;
  if (layerCount !== diffIds.length) {
    problems.push(
      `The manifest lists ${layers(layerCount)} and the config ${layers(diffIds.length)}; ` +
        `the config counts, and ${layerCount < diffIds.length ? 'the missing ones are unknown' : 'the rest is left out'}.`,
    );
  }
  const filled = history.filter(({ emptyLayer }) => !emptyLayer).length;
  if (history.length === 0 && diffIds.length > 0) {
    problems.push('The image has no history, so that its layers cannot be tied to instructions by it.');
  } else if (filled !== diffIds.length) {
    problems.push(
      `The history tells of ${layers(filled)} and the image has ${diffIds.length}; ` +
        'which entry made which layer cannot be told from it.',
    );
  }
  if (diffIds.length > maxEngineLayers) {
    problems.push(`The image has ${diffIds.length} layers; engines take at most ${maxEngineLayers}.`);
  }
  return problems;
}

/** True when history and layers go together one to one, so that the one can be read along the other. */
export function historyAgrees(config: ImageConfig): boolean {
  return config.history.filter(({ emptyLayer }) => !emptyLayer).length === config.diffIds.length;
}

/** overlay2 takes 128 lower directories, the container's own among them (moby: daemon/graphdriver, maxDepth 125 to 128). */
const maxEngineLayers = 127;

function layers(count: number): string {
  return count === 1 ? '1 layer' : `${count} layers`;
}
