// A log or a metadata file that tells of several targets of bake, or services of compose, when it is not clear which one
// is meant: the names, so that a person can be asked.
import { StrataError } from '../primitives/errors';

const mostShown = 20;
const longestShown = 80;

export class SeveralTargets extends StrataError {
  readonly targets: readonly string[];

  /** @param name for a person: the file's name */
  constructor(name: string, targets: readonly string[]) {
    super(
      'usage',
      `${name} tells of several targets: ${shownTargets(targets)}.`,
      'Name one with --bake-target.',
    );
    this.targets = targets;
  }
}

export function shownTargets(targets: readonly string[]): string {
  return targets
    .slice(0, mostShown)
    .map((target) => target.slice(0, longestShown))
    .join(', ');
}
