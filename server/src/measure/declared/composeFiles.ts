// The compose files of a folder, merged into one: by `docker compose config` where it may be run, else by Strata, which
// follows neither `extends` nor `include` and says so. Which of its services build what is decided elsewhere.
import * as path from 'node:path';
import { answer, locate } from '../../build/askProgram';
import { type Fields, fields } from '../../build/jsonFields';
import type { Host } from '../../primitives/host';
import { readYamlValue } from '../readYaml';
import { interpolate, type Lookup, readEnvironmentFile } from './interpolate';
import type { DeclaredRequest } from './model';
import { readSmall } from './readSmall';
import { pairs, scalar, scalars } from './values';

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
  /** Files that could not be read. */
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
  const problems: string[] = [];
  const broken: string[] = [];
  const told = request.trusted ? await askCompose(host, request, files) : null;
  const merged = told ?? (await mergeFiles(host, files, environment, problems, broken));
  return {
    ...{ file, folder, environment, problems, broken },
    inFileAlone: (name) => host.environment[name] === undefined && values.has(name),
    services: fields(merged.services),
    secrets: fields(merged.secrets),
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

async function mergeFiles(
  host: Host,
  files: readonly string[],
  environment: Lookup,
  problems: string[],
  broken: string[],
): Promise<Fields> {
  let merged: Fields = {};
  const missing = new Set<string>();
  for (const file of files) {
    const name = path.basename(file);
    const read = await readSmall(host, file);
    const { value, problem } = read?.problem
      ? { value: null, problem: read.problem }
      : readYamlValue(read?.text ?? '');
    if (problem !== null) {
      broken.push(
        typeof problem === 'string' ? problem : `${file}, line ${problem.line}: ${problem.message}.`,
      );
      continue;
    }
    const document = fields(
      mapTexts(value, (text) => interpolate(text, environment, (what) => missing.add(what))),
    );
    if (document.include !== undefined)
      problems.push(`What ${name} includes was not read: that takes docker compose.`);
    merged = merge(merged, document, 0) as Fields;
  }
  const names = [...missing].slice(0, 5).join(', ');
  if (names !== '') problems.push(`These variables have no value: ${names}.`);
  return merged;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  // Object.fromEntries makes `__proto__` a plain name.
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, mapTexts(held, change)]));
}

/** Names of `build` that are mappings or lists of `NAME=value`, and are joined name by name. */
const byName = new Set(['args', 'labels', 'additional_contexts', 'extra_hosts']);

/** As the Compose specification merges (13): mappings name by name, lists one after the other, else the later counts. */
function merge(first: unknown, second: unknown, depth: number, key = ''): unknown {
  if (depth > 20) return second;
  if (byName.has(key)) return { ...Object.fromEntries(pairs(first)), ...Object.fromEntries(pairs(second)) };
  if (key === 'build') {
    const whole = (build: unknown) => (scalar(build) === null ? build : { context: build });
    return mergeFields(whole(first), whole(second), depth);
  }
  if (Array.isArray(first) && Array.isArray(second)) {
    const both = [...first, ...second];
    return both.every((item) => scalar(item) !== null) ? [...new Set(scalars(both))] : both;
  }
  return mergeFields(first, second, depth);
}

function mergeFields(first: unknown, second: unknown, depth: number): unknown {
  const isFields = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (second === undefined || second === null) return first;
  if (!isFields(first) || !isFields(second)) return second;
  const entries = new Map(Object.entries(fields(first)));
  for (const [key, value] of Object.entries(fields(second))) {
    entries.set(key, entries.has(key) ? merge(entries.get(key), value, depth + 1, key) : value);
  }
  return Object.fromEntries(entries);
}
