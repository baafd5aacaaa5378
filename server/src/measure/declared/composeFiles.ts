// The compose files of a folder as one project: by `docker compose config` where it may be run, else read by Strata
// (composeLoad.ts). Which of its services build what is decided elsewhere.
import * as path from 'node:path';
import { answer, locate } from '../../build/askProgram';
import { type Fields, fields } from '../../build/jsonFields';
import type { Host } from '../../primitives/host';
import { readYamlValue } from '../readYaml';
import { loadCompose } from './composeLoad';
import { mapTexts } from './composeMerge';
import { type Lookup, readEnvironmentFile } from './interpolate';
import type { DeclaredRequest } from './model';
import { readSmall } from './readSmall';

/** In the order in which compose takes the first that is there (compose-go, cli/options.go). */
const mainNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrideNames = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

const mostFiles = 20;
/** Characters; a project of a hundred services has some 100,000. */
const longestAnswer = 512 * 1024;

export interface ComposeProject {
  /** The first file. */
  file: string;
  /** Relative paths are read from here. */
  folder: string;
  services: Fields;
  secrets: Fields;
  environment: Lookup;
  /** Whether a variable has its value from .env, which no builder reads. */
  inFileAlone: (name: string) => boolean;
  /** What is not followed: of matter where one of its services is built. */
  problems: string[];
  /** Why what a service extends was not read, by its name. */
  unread: ReadonlyMap<string, string>;
  /** Files that could not be read, and what compose would refuse as a whole. */
  broken: string[];
}

/** The files that compose takes in a folder without being told; empty when there are none. */
export async function composeFilesIn(host: Host, folder: string): Promise<string[]> {
  const { files } = host;
  const values = readEnvironmentFile((await readSmall(host, path.join(folder, '.env')))?.text ?? '');
  const named = values.get('COMPOSE_FILE');
  if (named) {
    const separator = values.get('COMPOSE_PATH_SEPARATOR') || path.delimiter;
    return named.split(separator, mostFiles).map((file) => path.resolve(folder, file));
  }
  const found: string[] = [];
  for (const names of [mainNames, overrideNames]) {
    for (const name of names) {
      const file = path.join(folder, name);
      if ((await files.stat(file)) === null) continue;
      found.push(file);
      break;
    }
    // An override alone is no project.
    if (found.length === 0) return [];
  }
  return found;
}

/** @param files absolute, the weaker first; at least one */
export async function readComposeProject(
  host: Host,
  request: DeclaredRequest,
  files: readonly string[],
): Promise<ComposeProject> {
  const file = files[0]!;
  const folder = path.dirname(file);
  const values = readEnvironmentFile((await readSmall(host, path.join(folder, '.env')))?.text ?? '');
  const environment: Lookup = (name) => host.environment[name] ?? values.get(name);
  const told = request.trusted ? await askCompose(host, request, files) : null;
  const loaded = told
    ? { document: told, problems: [], broken: [], unread: new Map<string, string>() }
    : await loadCompose(host, files, folder, environment);
  const { document, problems, broken, unread } = loaded;
  return {
    ...{ file, folder, environment, problems, broken, unread },
    inFileAlone: (name) => host.environment[name] === undefined && values.has(name),
    services: fields(document.services),
    secrets: fields(document.secrets),
  };
}

/**
 * Null when docker compose is not there or refuses. Its answer holds the environments of services: nothing but `build` and
 * `secrets` is looked at, and nothing of it is told. A dollar in it is written twice.
 */
async function askCompose(
  host: Host,
  { programs, signal }: DeclaredRequest,
  files: readonly string[],
): Promise<Fields | null> {
  const { program, missing } = await locate(host, programs, 'docker');
  if (missing !== null) return null;
  const named = files.flatMap((file) => ['--file', file]);
  // Services of profiles are built too when they are named. Not as JSON: an ssh key with a path breaks that [2.40.3].
  const args = ['compose', ...named, '--profile', '*', 'config'];
  const { code, stdout } = await answer(host, program, args, signal);
  if (code !== 0 || stdout.length > longestAnswer) return null;
  const document = readYamlValue(stdout).value;
  return document === null ? null : (mapTexts(document, (text) => text.replaceAll('$$', '$')) as Fields);
}
