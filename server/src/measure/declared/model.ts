// A build of one Dockerfile as a project declares it, whichever file says so. Plain data: names and places of secrets, never
// their values; where the image goes (tags, outputs, pushes) is left out, since Strata keeps it its own way.

import type { Programs } from '../../build/askProgram';
import { type BuildExtras, noExtras } from '../../build/requestFlags';
import { defaultContext } from '../buildPlan';

export type DeclaredSource = 'compose' | 'bake' | 'devcontainer' | 'task' | 'default';

export interface DeclaredBuild extends BuildExtras {
  source: DeclaredSource;
  /** Absolute path of the file that says so; null for the default. */
  file: string | null;
  /** Service, target, label; `default`. */
  name: string;
  /** Absolute folder, or an address. */
  context: string;
  target: string | null;
  /** Empty: the builder's own. */
  platforms: readonly string[];
  buildArgs: Readonly<Record<string, string>>;
  /** What it says that is not followed here, a sentence each. */
  problems: readonly string[];
}

/** Which Dockerfile, and what may be done to learn of its builds. */
export interface DeclaredRequest {
  /** Absolute path. */
  dockerfile: string;
  /** Absolute folders that are open: nothing above the first that holds the Dockerfile is looked at. */
  workspaceFolders: readonly string[];
  /** Where no folder is open and there is no repository: how far up to look. */
  within?: string;
  /** Without trust no program is run: bake files stay unread, compose files are read by Strata alone. */
  trusted: boolean;
  programs: Programs;
  signal: AbortSignal;
}

/** What a declaration that says no more than its context means. */
export function plainBuild(
  source: DeclaredSource,
  file: string | null,
  name: string,
  context: string,
): DeclaredBuild {
  const nothing = { target: null, platforms: [], buildArgs: {}, problems: [] };
  return { ...noExtras, ...nothing, source, file, name, context };
}

/** `docker build` in the Dockerfile's own folder: what nobody needs to declare. */
export function defaultBuild(dockerfile: string): DeclaredBuild {
  return plainBuild('default', null, 'default', defaultContext(dockerfile));
}
