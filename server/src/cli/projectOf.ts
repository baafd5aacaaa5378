// The settings of a Dockerfile's project for the commands that go by them. A slip in them is wrong usage: neither a limit
// nor a rule that was switched off may be lost by it.
import path from 'node:path';
import { type ProjectSettings, readProjectSettings } from '../measure/projectSettings';
import { StrataError } from '../primitives/errors';
import type { Cli } from './cli';
import { clean } from './reportText';

/** @param dockerfile absolute path. @throws StrataError 'usage' */
export async function projectOf(cli: Cli, command: string, dockerfile: string): Promise<ProjectSettings> {
  const settings = await readProjectSettings(cli.host, dockerfile, cli.workingDirectory);
  for (const problem of settings.problems) {
    const file = path.relative(cli.workingDirectory, problem.file);
    const where = clean(`${file}:${problem.line}: ${problem.message}`);
    if (problem.fatal) throw new StrataError('usage', `strata ${command}: ${where}.`);
    cli.err(`strata: ${where}.\n`);
  }
  return settings;
}
