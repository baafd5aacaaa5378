// What is known of a build beside its text and its choice: images, contents, names. One for each recorded build, and one
// for the build to come.
import type { BaseKey, KnownContent } from './cacheGraph';
import type { BaseEnvironment } from './runEnvironment';

/** What an image sets for the stages on it; null is not known. */
export interface BaseConfig {
  environment: BaseEnvironment | null;
  user: string | null;
  directory: string | null;
  /** As JSON. */
  shell: string | null;
}

export const unknownConfig: BaseConfig = { environment: null, user: null, directory: null, shell: null };

export interface GraphFacts {
  /** An image by its name and platform as written; `platform` is empty for the builder's own. */
  baseOf(reference: string, platform: string): { key: BaseKey; config: BaseConfig };
  /** What an instruction takes from the context; null when that is not known. */
  contentOf(instruction: number): KnownContent | null;
  /** Names that `--build-context` gives to folders and repositories, lower case. */
  named: ReadonlySet<string>;
  /** Whether the image that a stage stands on brought ONBUILD triggers: what they do is in no text here. */
  triggered(stage: number): boolean;
}
