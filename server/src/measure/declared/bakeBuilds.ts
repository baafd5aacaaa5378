// The targets of a folder's bake files that build this Dockerfile, as `docker buildx bake --print` resolves them: bake's
// language is bake's own. Needs the program and a trusted workspace; nothing is built by it.
import * as path from 'node:path';
import { type Answer, answer, locate } from '../../build/askProgram';
import { type Fields, fields, list, parseFields } from '../../build/jsonFields';
import type { SecretSource } from '../../build/requestFlags';
import type { Host } from '../../primitives/host';
import { type DeclaredBuild, type DeclaredRequest, plainBuild } from './model';
import {
  argumentsOf,
  cachePlace,
  contextPlaces,
  csvOf,
  isOn,
  pairs,
  placeFrom,
  pointsAt,
  scalar,
  scalars,
  sshPlace,
} from './values';

/** Those that bake takes without being told, beside compose files; the override ones only add to them (bake/bake.go). */
const bakeNames = ['docker-bake.hcl', 'docker-bake.json'];
/** Asked for one by one when asking for all fails. */
const mostAlone = 20;
const mostTargets = 200;

interface BakeFile {
  program: string;
  file: string;
  folder: string;
}

/** In one folder. `problems` are about the file as a whole: sentences. */
export async function bakeBuilds(
  host: Host,
  request: DeclaredRequest,
  folder: string,
): Promise<{ builds: DeclaredBuild[]; problems: string[] }> {
  const { files } = host;
  let file: string | null = null;
  for (const name of bakeNames) {
    if (file === null && (await files.stat(path.join(folder, name)))) file = path.join(folder, name);
  }
  if (file === null) return { builds: [], problems: [] };
  const refused = (why: string) => ({ builds: [], problems: [`${file} was not read: ${why}`] });
  if (!request.trusted) return refused('bake runs only in a workspace that is trusted.');
  const { program, missing } = await locate(host, request.programs, 'docker');
  if (missing !== null) return refused(missing);
  const { targets, problems } = await printedTargets(host, { program, file, folder }, request.signal);
  const builds = Object.entries(targets)
    .slice(0, mostTargets)
    .flatMap(([name, target]) => targetBuild(host, request.dockerfile, file, name, fields(target)) ?? []);
  return { builds, problems };
}

async function printedTargets(
  host: Host,
  bake: BakeFile,
  signal: AbortSignal,
): Promise<{ targets: Fields; problems: string[] }> {
  const ask = (...words: string[]) =>
    answer(host, bake.program, ['buildx', 'bake', ...words], signal, { cwd: bake.folder });
  // Without names, bake tells of its default group alone.
  const named = targetNames((await ask('--list', 'type=targets,format=json')).stdout);
  const all = await ask('--print', ...named);
  const found = targetsIn(all);
  if (found !== null) return { targets: found, problems: [] };
  const problems: string[] = [];
  let targets: Fields = {};
  // One target whose secret or ssh agent is not here spoils the answer for all [buildx 0.38: failed to stat].
  for (const name of named.slice(0, mostAlone)) {
    const one = await ask('--print', name);
    const told = targetsIn(one);
    if (told === null) problems.push(`Target ${name} of ${bake.file} was not read: ${lastWords(one)}`);
    targets = { ...targets, ...told };
  }
  if (named.length === 0) problems.push(`${bake.file} was not read: ${lastWords(all)}`);
  return { targets, problems };
}

/** Groups have their targets listed too. */
function targetNames(json: string): string[] {
  try {
    return list(JSON.parse(json))
      .map(fields)
      .flatMap(({ name, group }) => (group === true || typeof name !== 'string' ? [] : [name]))
      .filter((name) => /^[\w-]+$/.test(name))
      .slice(0, mostTargets);
  } catch {
    return []; // buildx before 0.19 has no such list
  }
}

function targetsIn({ code, stdout }: Answer): Fields | null {
  const printed = code === 0 ? parseFields(stdout) : null;
  return printed === null ? null : fields(printed.target);
}

/** `ERROR: …` is the last line. */
function lastWords({ stderr, late }: Answer): string {
  if (late) return 'bake did not answer in time.';
  const line =
    stderr
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^ERROR: /, '') ?? '';
  return `${(line || 'bake said nothing').slice(0, 200)}.`.replace(/\.\.$/, '.');
}

/** Null for a target that builds something else. */
function targetBuild(
  host: Host,
  dockerfile: string,
  file: string,
  name: string,
  target: Fields,
): DeclaredBuild | null {
  const folder = path.dirname(file);
  if (target['dockerfile-inline'] !== undefined) return null;
  const context = placeFrom(folder, scalar(target.context) ?? '.');
  if (!pointsAt(context, scalar(target.dockerfile) ?? 'Dockerfile', dockerfile)) return null;
  return {
    ...plainBuild('bake', file, name, context),
    target: scalar(target.target),
    platforms: scalars(target.platforms ?? []),
    buildArgs: argumentsOf(pairs(target.args), (variable) => host.environment[variable]),
    secrets: list(target.secret).flatMap((one) => secretOf(folder, one)),
    ssh: list(target.ssh).flatMap((one) => sshOf(folder, one)),
    namedContexts: contextPlaces(folder, target.contexts),
    cacheFrom: list(target['cache-from']).flatMap((one) => cachePlace(folder, csvOf(one))),
    cacheTo: list(target['cache-to']).flatMap((one) => cachePlace(folder, csvOf(one))),
    extraArguments: furtherWords(target),
  };
}

/** Objects since buildx 0.19, `id=x,src=y` before. */
function secretOf(folder: string, given: unknown): SecretSource[] {
  const told = typeof given === 'string' ? Object.fromEntries(pairs(given.split(','))) : fields(given);
  const [id, src, env] = [scalar(told.id), scalar(told.src) ?? scalar(told.source), scalar(told.env)];
  if (id === null) return [];
  if (env !== null || told.type === 'env') return [{ id, src: null, env: env ?? src ?? id }];
  return [{ id, src: src === null ? null : path.resolve(folder, src), env: null }];
}

function sshOf(folder: string, given: unknown): string[] {
  if (typeof given === 'string') return [sshPlace(folder, given)];
  const { id, paths } = fields(given);
  const places = scalars(paths ?? []);
  const name = scalar(id);
  if (name === null) return [];
  return [places.length === 0 ? name : sshPlace(folder, `${name}=${places.join(',')}`)];
}

function furtherWords(target: Fields): string[] {
  const network = scalar(target.network);
  const memory = scalar(target['shm-size']);
  return [
    ...pairs(target.labels).flatMap(([name, value]) => ['--label', `${name}=${value ?? ''}`]),
    ...(network === null ? [] : ['--network', network]),
    ...(memory === null ? [] : ['--shm-size', memory]),
    ...scalars(target.ulimits ?? []).flatMap((limit) => ['--ulimit', limit]),
    ...pairs(target['extra-hosts']).flatMap(([name, address]) => ['--add-host', `${name}:${address ?? ''}`]),
    ...scalars(target.entitlements ?? []).flatMap((one) => ['--allow', one]),
    ...(isOn(target.pull) ? ['--pull'] : []),
    ...(isOn(target['no-cache']) ? ['--no-cache'] : []),
    ...(list(target['no-cache-filter']).length > 0
      ? ['--no-cache-filter', scalars(target['no-cache-filter']).join(',')]
      : []),
  ];
}
