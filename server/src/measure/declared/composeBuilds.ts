// The services of a compose project that build this Dockerfile, with what the Compose Build specification says of each.
// A service whose base could not be read is told as far as it goes.
import * as path from 'node:path';
import { type Fields, fields } from '../../build/jsonFields';
import type { SecretSource } from '../../build/requestFlags';
import type { Host } from '../../primitives/host';
import { type ComposeProject, composeFilesIn, readComposeProject } from './composeFiles';
import { type DeclaredBuild, type DeclaredRequest, type DeclaredSource, plainBuild } from './model';
import {
  argumentsOf,
  cachePlace,
  contextPlaces,
  isOn,
  pairs,
  placeFrom,
  pointsAt,
  scalar,
  scalars,
  sshPlace,
} from './values';

const mostServices = 500;

/** In one folder. `problems` are about files as a whole: sentences. */
export async function composeBuilds(
  host: Host,
  request: DeclaredRequest,
  folder: string,
): Promise<{ builds: DeclaredBuild[]; problems: string[] }> {
  const files = await composeFilesIn(host, folder);
  if (files.length === 0) return { builds: [], problems: [] };
  const project = await readComposeProject(host, request, files);
  return { builds: serviceBuilds(project, request.dockerfile, 'compose'), problems: project.broken };
}

export function serviceBuilds(
  project: ComposeProject,
  dockerfile: string,
  source: DeclaredSource,
): DeclaredBuild[] {
  return Object.entries(project.services)
    .slice(0, mostServices)
    .flatMap(([name, service]) => serviceBuild(project, name, fields(service), dockerfile, source) ?? []);
}

/** Null for a service that builds something else, or nothing. */
function serviceBuild(
  project: ComposeProject,
  name: string,
  service: Fields,
  dockerfile: string,
  source: DeclaredSource,
): DeclaredBuild | null {
  const { folder, file, environment } = project;
  if (service.build === undefined || service.build === null) return null;
  const text = scalar(service.build);
  const build: Fields = text === null ? fields(service.build) : { context: text };
  if (Object.keys(build).length === 0 || build.dockerfile_inline !== undefined) return null;
  const context = placeFrom(folder, scalar(build.context) ?? '.');
  if (!pointsAt(context, scalar(build.dockerfile) ?? 'Dockerfile', dockerfile)) return null;
  const problems = [...project.problems];
  const unread = project.unread.get(name);
  if (unread !== undefined) problems.push(unread);
  const own = scalar(service.platform);
  const platforms = scalars(build.platforms ?? []);
  const { words, unknown } = furtherWords(build);
  for (const key of unknown) problems.push(`'${key.slice(0, 60)}' of its build is not followed.`);
  return {
    ...plainBuild(source, file, name, context),
    target: scalar(build.target),
    // The platform that the service runs on wins over those that it is built for.
    platforms: own === null ? platforms : [own],
    buildArgs: argumentsOf(pairs(build.args), environment),
    secrets: secretsOf(project, build.secrets, problems),
    ssh: sshOf(folder, build.ssh),
    namedContexts: contextPlaces(folder, build.additional_contexts),
    cacheFrom: scalars(build.cache_from ?? []).map((cache) => cachePlace(folder, cache)),
    cacheTo: scalars(build.cache_to ?? []).map((cache) => cachePlace(folder, cache)),
    extraArguments: words,
    problems,
  };
}

/** `[name]` or `[{ source, target }]`: the id is the target, where there is one (compose 2.40, toBakeSecrets). */
function secretsOf(project: ComposeProject, given: unknown, problems: string[]): SecretSource[] {
  return (Array.isArray(given) ? given.slice(0, 100) : []).flatMap((one): SecretSource[] => {
    const name = scalar(one) ?? scalar(fields(one).source);
    if (name === null) return [];
    const id = scalar(fields(one).target) || name;
    const declared = Object.hasOwn(project.secrets, name) ? fields(project.secrets[name]) : {};
    const [src, env] = [scalar(declared.file), scalar(declared.environment)];
    if (src !== null) return [{ id, src: path.resolve(project.folder, src), env: null }];
    if (env !== null) {
      if (project.inFileAlone(env))
        problems.push(`${env}, a secret, is in .env alone, which only compose reads.`);
      return [{ id, src: null, env }];
    }
    problems.push(`Secret '${name.slice(0, 60)}' comes neither from a file nor from the environment.`);
    return [];
  });
}

/** `default`, `[id=path]`, `{ id: path }`; docker compose 2.40 itself writes `id: path` as one text. */
function sshOf(folder: string, given: unknown): string[] {
  if (given === undefined || given === null) return [];
  const told =
    typeof given === 'object' && !Array.isArray(given) ? pairs(given) : scalars(given).map(keyPair);
  return told.map(([id, place]) => (place ? sshPlace(folder, `${id}=${place}`) : id));
}

function keyPair(text: string): [string, string | null] {
  const [, id, place] = /^([^=:]+)(?:=|: )(.+)$/.exec(text) ?? [];
  return id === undefined ? [text, null] : [id, place!];
}

/** Elsewhere, or of no matter to layers. */
const known = new Set(
  'context dockerfile target args secrets ssh additional_contexts cache_from cache_to platforms tags provenance sbom'.split(
    ' ',
  ),
);

function furtherWords(build: Fields): { words: string[]; unknown: string[] } {
  const words: string[] = [];
  const unknown: string[] = [];
  for (const [key, value] of Object.entries(build)) {
    if (known.has(key) || value === null) continue;
    const text = scalar(value);
    if (key === 'labels')
      for (const [name, held] of pairs(value)) words.push('--label', `${name}=${held ?? ''}`);
    else if (key === 'network' && text !== null) words.push('--network', text);
    else if (key === 'shm_size' && text !== null) words.push('--shm-size', text);
    else if (key === 'pull' || key === 'no_cache') {
      if (isOn(value)) words.push(key === 'pull' ? '--pull' : '--no-cache');
    } else if (key === 'extra_hosts') {
      for (const [name, held] of hostsOf(value)) words.push('--add-host', `${name}:${held}`);
    } else if (key === 'entitlements') for (const one of scalars(value)) words.push('--allow', one);
    else if (!key.startsWith('x-')) unknown.push(key);
  }
  return { words, unknown };
}

/** `{ name: address }`, `[name=address]`, `[name:address]`. */
function hostsOf(value: unknown): [string, string][] {
  if (!Array.isArray(value) && typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, held]) =>
      scalars(held).map((one): [string, string] => [name, one]),
    );
  }
  return scalars(value).flatMap((word): [string, string][] => {
    const at = word.search(/[=:]/);
    return at < 1 ? [] : [[word.slice(0, at), word.slice(at + 1)]];
  });
}
