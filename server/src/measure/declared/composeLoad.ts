// Compose files read as docker compose reads them, where it may not be asked: each file's variables, then what its services
// extend, then what it includes, then one file over the other (compose-go 2.9, loader.go, extends.go and include.go).
// Where compose would refuse the project, what can be told is told, with the reason. Counts are bounded.
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Fields, fields } from '../../build/jsonFields';
import type { Host } from '../../primitives/host';
import { readYamlValue } from '../readYaml';
import { withExtended } from './composeExtends';
import { mapTexts, merge } from './composeMerge';
import { withAbsolutePaths } from './composePaths';
import { interpolate, type Lookup, readEnvironmentFile } from './interpolate';
import { readSmall } from './readSmall';
import { isAddress, scalar, scalars } from './values';

/** Of a project, all that is included and extended among them. */
const mostFiles = 60;
const deepest = 20;

export interface LoadedCompose {
  document: Fields;
  problems: string[];
  /** Files that could not be read, and what compose would refuse as a whole. */
  broken: string[];
  /** Why what a service extends was not read, by its name. */
  unread: Map<string, string>;
}

/**
 * @param files absolute, the weaker first
 * @param folder of the project: relative paths of its files are meant from here
 */
export async function loadCompose(
  host: Host,
  files: readonly string[],
  folder: string,
  environment: Lookup,
): Promise<LoadedCompose> {
  const loading = new Loading(host);
  const document = await loading.project(files, { folder, environment, including: [] });
  const { problems, broken, unread, missing } = loading;
  const names = [...missing].slice(0, 5).join(', ');
  if (names !== '') problems.push(`These variables have no value: ${names}.`);
  return { document, problems, broken, unread };
}

interface Around {
  /** Relative paths are meant from here. */
  folder: string;
  environment: Lookup;
  /** Main files of the projects that include this one, outermost first. */
  including: readonly string[];
}

/** What was read, and what was found to tell, while one project is loaded. */
class Loading {
  readonly problems: string[] = [];
  readonly broken: string[] = [];
  readonly unread = new Map<string, string>();
  readonly missing = new Set<string>();
  private readonly host: Host;
  private files = 0;

  constructor(host: Host) {
    this.host = host;
  }

  async project(files: readonly string[], around: Around): Promise<Fields> {
    let merged: Fields = {};
    for (const file of files) {
      const document = await this.read(file, around.environment);
      if (typeof document === 'string') {
        this.broken.push(document);
        continue;
      }
      const extended = await withExtended(document, {
        ...{ file, folder: around.folder },
        read: (other) => this.read(other, around.environment),
        unread: (name, why) => void this.unread.set(name, why),
      });
      merged = merge(merged, await this.withIncluded(extended, file, around), 0) as Fields;
    }
    return merged;
  }

  /** A file with its variables put in; a sentence where there is none to be had. */
  private async read(file: string, environment: Lookup): Promise<Fields | string> {
    if (++this.files > mostFiles)
      return `${file} was not read: there are more than ${mostFiles} compose files.`;
    const read = await readSmall(this.host, file);
    if (read === null) return `${file} is not there.`;
    if (read.problem !== null) return read.problem;
    const { value, problem } = readYamlValue(read.text);
    if (problem !== null) return `${file}, line ${problem.line}: ${problem.message}.`;
    return fields(
      mapTexts(value, (text) => interpolate(text, environment, (what) => this.missing.add(what))),
    );
  }

  /** What is included is a project of its own, whose resources are taken over. */
  private async withIncluded(document: Fields, file: string, around: Around): Promise<Fields> {
    const { include, ...own } = document;
    if (include === undefined || include === null) return document;
    const name = path.basename(file);
    let all: Fields = own;
    for (const one of (Array.isArray(include) ? include : []).slice(0, mostFiles)) {
      const told: Fields = scalar(one) === null ? fields(one) : { path: one };
      const paths = scalars(told.path ?? []);
      if (paths.length === 0) continue;
      if (paths.some(isAddress)) {
        this.problems.push(`What ${name} includes from elsewhere was not read: that takes docker compose.`);
        continue;
      }
      const files = paths.map((given) => path.resolve(around.folder, given));
      const including = [...around.including, file];
      if (including.includes(files[0]!) || including.length > deepest) {
        this.broken.push(`${name} includes ${paths[0]}, and so itself in the end: compose refuses that.`);
        continue;
      }
      const folder = scalar(told.project_directory);
      const inner = folder === null ? path.dirname(files[0]!) : path.resolve(around.folder, folder);
      const environment = await this.environmentOf(told.env_file, inner, around);
      const project = await this.project(files, { folder: inner, environment, including });
      all = this.takenOver(all, withAbsolutePaths(project, inner, true), `${name} includes ${paths[0]}`);
    }
    return all;
  }

  /** What is set outside wins over the included project's own file. */
  private async environmentOf(
    given: unknown,
    inner: string,
    { folder, environment }: Around,
  ): Promise<Lookup> {
    const named = scalars(given ?? []).map((file) => path.resolve(folder, file));
    const values = new Map<string, string>();
    for (const file of named.length > 0 ? named.slice(0, mostFiles) : [path.join(inner, '.env')]) {
      const read = await readSmall(this.host, file);
      if (read === null && named.length > 0) this.broken.push(`${file}, an env_file, is not there.`);
      for (const [name, value] of readEnvironmentFile(read?.text ?? '')) values.set(name, value);
    }
    return (name) => environment(name) ?? values.get(name);
  }

  /** One that is there already is refused by compose 2.40; compose-go 2.16 lets the including file's words win. */
  private takenOver(own: Fields, included: Fields, what: string): Fields {
    const all: Fields = { ...own };
    for (const key of ['services', 'secrets']) {
      const found = new Map(Object.entries(fields(own[key])));
      for (const [name, value] of Object.entries(fields(included[key]))) {
        const before = found.get(name);
        if (before === undefined) found.set(name, value);
        if (before === undefined || isDeepStrictEqual(before, value)) continue;
        found.set(name, merge(value, before, 0));
        const both = `${what}, and both have '${name.slice(0, 60)}' among their ${key}`;
        this.broken.push(`${both}: older versions of compose refuse that, newer ones merge them.`);
      }
      if (found.size > 0) all[key] = Object.fromEntries(found);
    }
    return all;
  }
}
