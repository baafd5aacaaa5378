// The shell parser for the commands whose findings merge RUN steps; from beside the bundle. Null when it is not there: then
// a simpler reader serves, and fewer merges are found.
import { type BashParser, loadBash } from '../dockerfile/bash';
import type { Dockerfile } from '../dockerfile/model';
import type { Cli } from './cli';

/** Loaded only for a text that has RUNs to be merged. */
export async function shellFor({ host }: Cli, { instructions }: Dockerfile): Promise<BashParser | null> {
  const runs = instructions.filter(({ keyword }) => keyword === 'RUN').length;
  return runs < 2 ? null : loadBash(host, __dirname);
}
