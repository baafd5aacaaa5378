// The build of a development container, as devcontainer.json declares it: `build`, its older spellings, or a service of
// compose files. What features add on top is no part of the Dockerfile's image, and is told.
import * as path from 'node:path';
import { type Fields, fields } from '../../build/jsonFields';
import type { Host } from '../../primitives/host';
import { readJsonc } from '../readJsonc';
import { readWords } from './buildWords';
import { serviceBuilds } from './composeBuilds';
import { readComposeProject } from './composeFiles';
import { type DeclaredBuild, type DeclaredRequest, plainBuild } from './model';
import { readSmall } from './readSmall';
import { argumentsOf, pairsWith, placeFrom, pointsAt, scalar, scalars } from './values';
import { type EditorPlaces, withVariables } from './variables';

const mostConfigurations = 20;

/** Of one folder that may be a workspace. `problems` are about files as a whole: sentences. */
export async function devcontainerBuilds(
  host: Host,
  request: DeclaredRequest,
  folder: string,
): Promise<{ builds: DeclaredBuild[]; problems: string[] }> {
  const builds: DeclaredBuild[] = [];
  const problems: string[] = [];
  for (const file of await configurationsIn(host, folder)) {
    const read = await readSmall(host, file);
    if (read === null) continue;
    const { value, problem } = readJsonc(read.text);
    if (read.problem !== null || problem !== null) {
      problems.push(read.problem ?? `${file} was not read whole: ${problem}.`);
    }
    const configuration = fields(value);
    const found =
      configuration.dockerComposeFile === undefined
        ? dockerfileBuild(host, request, folder, file, configuration, problems)
        : await composeService(host, request, folder, file, configuration, problems);
    const name = scalar(configuration.name) ?? nameOf(file);
    const added = Object.keys(fields(configuration.features)).length;
    const told = `Its ${added} features add layers of their own, which are not built here.`;
    for (const build of found) {
      builds.push({ ...build, name, problems: added > 0 ? [...build.problems, told] : build.problems });
    }
  }
  return { builds, problems };
}

/** The three places of the specification (containers.dev, devcontainer.json reference). */
async function configurationsIn({ files }: Host, folder: string): Promise<string[]> {
  const inner = path.join(folder, '.devcontainer');
  const nested = (await files.stat(inner))?.kind === 'directory' ? await files.list(inner) : [];
  return [
    path.join(inner, 'devcontainer.json'),
    path.join(folder, '.devcontainer.json'),
    ...nested
      .filter(({ kind }) => kind === 'directory')
      .map(({ name }) => path.join(inner, name, 'devcontainer.json'))
      .sort()
      .slice(0, mostConfigurations),
  ];
}

function nameOf(file: string): string {
  const parent = path.basename(path.dirname(file));
  return parent === '.devcontainer' || path.basename(file) === '.devcontainer.json' ? 'devcontainer' : parent;
}

function dockerfileBuild(
  host: Host,
  request: DeclaredRequest,
  folder: string,
  file: string,
  configuration: Fields,
  problems: string[],
): DeclaredBuild[] {
  const build = fields(configuration.build);
  const unknown: string[] = [];
  const put = variablesIn(host, request, folder, unknown);
  const written = scalar(build.dockerfile) ?? scalar(configuration.dockerFile);
  if (written === null) return [];
  const from = path.dirname(file);
  // The Dockerfile's place does not hang on the context here; both are read from the file's own folder.
  if (!pointsAt(from, put(written), request.dockerfile)) return [];
  const context = placeFrom(from, put(scalar(build.context) ?? scalar(configuration.context) ?? '.'));
  const target = scalar(build.target);
  const words = readWords(scalars(build.options ?? []).map(put), from);
  const args = pairsWith(build.args, put);
  const caches = scalars(build.cacheFrom ?? []).map(put);
  const wanted = target === null ? words.target : put(target);
  if (isUnknown(file, unknown, problems)) return [];
  return [
    {
      ...plainBuild('devcontainer', file, nameOf(file), context),
      ...words.extras,
      target: wanted,
      platforms: words.platforms,
      buildArgs: {
        ...argumentsOf(words.buildArgs, (name) => host.environment[name]),
        ...argumentsOf(args, (name) => host.environment[name]),
      },
      cacheFrom: [...caches, ...words.extras.cacheFrom],
      problems: words.problems,
    },
  ];
}

async function composeService(
  host: Host,
  request: DeclaredRequest,
  folder: string,
  file: string,
  configuration: Fields,
  problems: string[],
): Promise<DeclaredBuild[]> {
  const unknown: string[] = [];
  const put = variablesIn(host, request, folder, unknown);
  const files = scalars(configuration.dockerComposeFile)
    .slice(0, mostConfigurations)
    .map((name) => path.resolve(path.dirname(file), put(name)));
  const service = scalar(configuration.service);
  if (files.length === 0 || service === null || isUnknown(file, unknown, problems)) return [];
  const project = await readComposeProject(host, request, files);
  problems.push(...project.broken);
  const services = Object.hasOwn(project.services, service) ? { [service]: project.services[service] } : {};
  return serviceBuilds({ ...project, services }, request.dockerfile, 'devcontainer').map((build) => ({
    ...build,
    file,
  }));
}

/** A build that hangs on what only the editor knows would be another one here. */
function isUnknown(file: string, unknown: readonly string[], problems: string[]): boolean {
  if (unknown.length === 0) return false;
  problems.push(`${file} was not taken: ${unknown[0]} is known to the editor alone.`);
  return true;
}

function variablesIn(host: Host, { dockerfile }: DeclaredRequest, folder: string, unknown: string[]) {
  const places: EditorPlaces = {
    workspaceFolder: folder,
    file: dockerfile,
    environment: (name) => host.environment[name],
  };
  return (text: string) => withVariables(text, places, (what) => unknown.push(what));
}
