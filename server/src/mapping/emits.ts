// What an instruction leaves in the image under the rules of a builder: a layer, a history entry, both or nothing.
// Decided by kind alone; which of the classic builder's instructions changed anything, only its image tells.
import type { BuildRules } from '../build/model';

export interface Emission {
  /** `by-result`: a layer only if it changed a file. `unknown`: it hangs on a path that the text does not tell. */
  layer: 'always' | 'never' | 'by-result' | 'unknown';
  /** Whether it has an entry in the image's history. */
  history: boolean;
}

/**
 * @param isRoot for WORKDIR: whether it resolves to `/`; null when that is unknown
 *
 * BuildKit: dockerfile2llb/convert.go, calls of commitToHistory (dispatchOnbuild makes none); dispatchWorkdir makes a
 * directory, and with it a layer, unless the path is `/`. Classic: moby daemon/builder/dockerfile, where each
 * instruction commits an image and image.NewChildImage marks an empty diff. Buildah: imagebuildah/stage_executor.go,
 * stepRequiresLayer.
 */
export function emissionOf(keyword: string, rules: BuildRules, isRoot: boolean | null): Emission {
  switch (keyword) {
    case 'FROM':
      return { layer: 'never', history: false };
    case 'RUN':
    case 'COPY':
    case 'ADD':
      return { layer: rules === 'classic' ? 'by-result' : 'always', history: true };
    case 'WORKDIR':
      return { layer: workdirLayer(rules, isRoot), history: true };
    case 'ONBUILD':
      return { layer: 'never', history: rules !== 'buildkit' };
    default:
      return { layer: 'never', history: true };
  }
}

function workdirLayer(rules: BuildRules, isRoot: boolean | null): Emission['layer'] {
  if (rules === 'buildah') return 'never';
  if (rules === 'classic') return 'by-result';
  return isRoot === null ? 'unknown' : isRoot ? 'never' : 'always';
}

/** Whether the cache can hold what the instruction makes: with BuildKit only what has a step of its own. */
export function isCacheable(keyword: string, rules: BuildRules, isRoot: boolean | null): boolean {
  if (keyword === 'FROM') return false;
  // The classic builder and buildah look each instruction up, ENV and LABEL included.
  return rules !== 'buildkit' || emissionOf(keyword, rules, isRoot).layer !== 'never';
}
