// Where a program is found, and the environment that it gets. Windows' rules included (PATHEXT, names of variables
// without regard to case). Decides nothing on whether a program may be run.
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

const windows = process.platform === 'win32';

/**
 * Full path of a program: the first on PATH, or `program` itself if it names a file. Null when there is none.
 * Folders of PATH that are not absolute are left out: an opened folder must not bring a `docker` of its own.
 */
export async function findProgram(program: string, environment: Environment): Promise<string | null> {
  if (program === '' || program.includes('\0')) return null;
  if (path.basename(program) !== program) return firstRunnable([path.resolve(program)], environment);
  const folders = (variable(environment, 'PATH') ?? '').split(path.delimiter).map(withoutQuotes);
  const files = folders
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, program));
  return firstRunnable(files, environment);
}

/** The environment of a program: ours, with what is added; undefined removes a name. */
export function mergeEnvironment(environment: Environment, added: Environment = {}): NodeJS.ProcessEnv {
  const merged: NodeJS.ProcessEnv = { ...environment };
  for (const [name, value] of Object.entries(added)) {
    const known = spelling(merged, name);
    if (value === undefined) delete merged[known];
    else merged[known] = value;
  }
  return merged;
}

async function firstRunnable(files: string[], environment: Environment): Promise<string | null> {
  const endings = windows ? windowsEndings(environment) : [''];
  for (const file of files) {
    for (const ending of windows && path.extname(file) !== '' ? ['', ...endings] : endings) {
      if (await isRunnable(file + ending)) return file + ending;
    }
  }
  return null;
}

/** .bat and .cmd files are run by a shell only, and we never use one (Node.js refuses them since CVE-2024-27980). */
function windowsEndings(environment: Environment): string[] {
  const endings = (variable(environment, 'PATHEXT') ?? '.COM;.EXE').toLowerCase().split(';');
  return endings.filter((ending) => ending === '.exe' || ending === '.com');
}

async function isRunnable(file: string): Promise<boolean> {
  try {
    await fs.access(file, windows ? constants.F_OK : constants.X_OK);
    return (await fs.stat(file)).isFile();
  } catch {
    return false;
  }
}

function variable(environment: Environment, name: string): string | undefined {
  return environment[spelling(environment, name)];
}

/** Windows says `Path`, and takes any casing for the same variable. */
function spelling(environment: Environment, name: string): string {
  if (!windows || name in environment) return name;
  return Object.keys(environment).find((other) => other.toUpperCase() === name.toUpperCase()) ?? name;
}

function withoutQuotes(folder: string): string {
  return windows ? folder.replace(/^"(.*)"$/, '$1') : folder;
}
