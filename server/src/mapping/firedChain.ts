// Which of the triggers that a Dockerfile declares fired: with buildah none do in an image of OCI's format, which has no
// place for ONBUILD (buildah's default; "ONBUILD is not supported for OCI image format" [1.28.2]).
import type { BuildRules } from '../build/model';
import type { Chain } from './chain';
import type { LineSteps } from './lineSteps';

/**
 * The chain without the triggers that did not fire: as the steps tell or, without steps, as the history fits.
 * @param fits whether the history of the image fits a chain from end to end
 */
export function firedChain(
  chain: Chain,
  rules: BuildRules,
  { fired }: LineSteps,
  fits: (chain: Chain) => boolean,
): Chain {
  if (rules !== 'buildah' || !chain.items.some(({ isTrigger }) => isTrigger)) return chain;
  const without = (isLeft: (stage: number) => boolean): Chain => ({
    ...chain,
    items: chain.items.filter(({ isTrigger, stage }) => !(isTrigger && isLeft(stage))),
  });
  if (fired.size > 0) return without((stage) => fired.get(stage) === 0);
  const none = without(() => true);
  return !fits(chain) && fits(none) ? none : chain;
}
