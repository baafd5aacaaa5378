// The platforms that a build was for, as its steps name them.
import type { BuildStep } from './model';

const mostPlatforms = 20;

/** BuildKit names them on the steps if there are several: `linux/amd64`, `linux/amd64->arm64` for one made on the other. */
export function platformsOf(steps: readonly BuildStep[]): string[] {
  const found = new Set<string>();
  for (const { platform } of steps) {
    if (!platform || found.size >= mostPlatforms) continue;
    const [runsOn = '', makes] = platform.split('->');
    found.add(makes === undefined ? runsOn : `${runsOn.split('/')[0]}/${makes}`);
  }
  return [...found];
}
