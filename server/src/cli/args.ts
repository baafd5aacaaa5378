// Reads a subcommand's words: flags as declared, positionals by count, all else is wrong usage with a message that
// names the word. Uses the runtime's parser; keeps no state.
import path from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { BuildChoice } from '../dockerfile/model';
import { StrataError } from '../primitives/errors';
import type { Cli } from './cli';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Flags that every command takes. */
export const commonOptions = {
  format: { type: 'string', default: 'text' },
  'no-store': { type: 'boolean', default: false },
  'no-progress': { type: 'boolean', default: false },
} as const satisfies Options;

/** Flags of the commands that look at a Dockerfile. */
export const dockerfileOptions = {
  image: { type: 'string' },
  context: { type: 'string' },
  target: { type: 'string' },
  platform: { type: 'string' },
  'build-arg': { type: 'string', multiple: true },
} as const satisfies Options;

/** Parses words against options; `most` positionals at the most. */
export function parseWords<T extends Options>(command: string, args: string[], options: T, most: number) {
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
    if (parsed.positionals.length > most) {
      throw usage(command, `it takes at most ${most} of these: ${parsed.positionals.join(' ')}`);
    }
    return parsed;
  } catch (error) {
    if (error instanceof StrataError) throw error;
    throw usage(command, error instanceof Error ? error.message : String(error));
  }
}

export function usage(command: string, what: string): StrataError {
  const message = what.replace(/\.?\s*$/, '.');
  return new StrataError('usage', `strata ${command}: ${message}`, `See 'strata help ${command}'.`);
}

/** `--format` as one of those that a command has. */
export function readFormat<F extends string>(command: string, value: string, formats: readonly F[]): F {
  const found = formats.find((format) => format === value);
  if (!found) throw usage(command, `--format is one of ${formats.join(', ')}, not '${value}'`);
  return found;
}

/** A path inside an image as the index has it: no leading or trailing slash, `.` and `..` resolved. */
export function readImagePath(given: string): string {
  return path.posix.normalize(`/${given}`).slice(1).replace(/\/$/, '');
}

/** A whole number of 0 or more. */
export function readNumber(command: string, flag: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw usage(command, `${flag} takes a whole number, not '${value}'`);
  return Number(value);
}

export interface ChoiceFlags {
  target?: string;
  platform?: string;
  'build-arg'?: string[];
}

/** True when the person chose anything of it. */
export function namesChoice({ target, platform, 'build-arg': buildArgs }: ChoiceFlags): boolean {
  return target !== undefined || platform !== undefined || buildArgs !== undefined;
}

/** Target, platform and build arguments. `--build-arg K` without a value takes it from the environment, as docker does. */
export function readChoice(cli: Cli, command: string, values: ChoiceFlags): BuildChoice {
  const buildArgs: Record<string, string> = {};
  for (const pair of values['build-arg'] ?? []) {
    const at = pair.indexOf('=');
    const name = at < 0 ? pair : pair.slice(0, at);
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) {
      throw usage(command, `--build-arg takes NAME=VALUE, not '${pair}'`);
    }
    const value = at < 0 ? cli.host.environment[name] : pair.slice(at + 1);
    if (value !== undefined) buildArgs[name] = value;
  }
  return { target: values.target ?? null, platform: values.platform ?? null, buildArgs };
}

/** Reads the Dockerfile that is named, or the one in the working directory. */
export async function readDockerfile(
  cli: Cli,
  name: string | undefined,
): Promise<{ path: string; text: string; shown: string }> {
  const candidates = name === undefined ? ['Dockerfile', 'dockerfile', 'Containerfile'] : [name];
  for (const candidate of candidates) {
    const file = path.resolve(cli.workingDirectory, candidate);
    if (name !== undefined) await requireFile(cli, file, name);
    const text = await cli.host.files.readText(file);
    if (text !== null) return { path: file, text, shown: candidate };
  }
  throw new StrataError(
    'not-found',
    name === undefined
      ? `There is no Dockerfile in ${cli.workingDirectory}.`
      : `There is no file ${path.resolve(cli.workingDirectory, name)}.`,
    'Name the Dockerfile: strata analyze path/to/Dockerfile',
  );
}

/** @throws StrataError 'unreadable' for a folder, or for a pipe, which is read once and may never end */
async function requireFile({ host }: Cli, file: string, name: string): Promise<void> {
  const kind = (await host.files.stat(file))?.kind;
  if (kind === 'other')
    throw new StrataError('unreadable', `${file} is no plain file.`, 'Write it to a file first.');
  if (kind !== 'directory') return;
  const own = (await host.files.stat(path.join(file, 'Dockerfile'))) === null ? 'path/to' : name;
  throw new StrataError(
    'unreadable',
    `${file} is a folder.`,
    `Name the Dockerfile: strata analyze ${path.join(own, 'Dockerfile')}`,
  );
}
