// The builds among a workspace's tasks (.vscode/tasks.json): tasks of type docker-build, and commands that are one
// `docker build` and nothing else. No task is run; what only the editor can know of one is told.
import * as path from 'node:path';
import { type Fields, fields, list } from '../../build/jsonFields';
import type { Host } from '../../primitives/host';
import { readJsonc } from '../readJsonc';
import { readWords } from './buildWords';
import { commandWords } from './commandWords';
import { type DeclaredBuild, type DeclaredRequest, plainBuild } from './model';
import { readSmall } from './readSmall';
import { argumentsOf, isAddress, isOn, pairs, pairsWith, placeFrom, pointsAt, scalar } from './values';
import { withVariables } from './variables';

const mostTasks = 500;

/** Of one folder that may be a workspace. `problems` are about the file as a whole: sentences. */
export async function taskBuilds(
  host: Host,
  { dockerfile }: DeclaredRequest,
  folder: string,
): Promise<{ builds: DeclaredBuild[]; problems: string[] }> {
  const file = path.join(folder, '.vscode', 'tasks.json');
  const read = await readSmall(host, file);
  if (read === null) return { builds: [], problems: [] };
  const { value, problem } = readJsonc(read.text);
  const problems = read.problem !== null ? [read.problem] : [];
  if (problem !== null) problems.push(`${file} was not read whole: ${problem}.`);
  const environment = (name: string) => host.environment[name];
  const builds = list(fields(value).tasks)
    .slice(0, mostTasks)
    .map(fields)
    .flatMap((task): DeclaredBuild[] => {
      const missing: string[] = [];
      const put = (text: string) =>
        withVariables(text, { workspaceFolder: folder, file: dockerfile, environment }, (what) =>
          missing.push(what),
        );
      const name = scalar(task.label) ?? scalar(task.taskName) ?? 'build';
      const build =
        task.type === 'docker-build'
          ? dockerTask(fields(task.dockerBuild), folder, put)
          : commandTask(task, folder, put, environment);
      // A context that is no folder brings its own Dockerfile.
      if (build === null || isAddress(build.context)) return [];
      if (!pointsAt(folder, build.dockerfile, dockerfile)) return [];
      const { words, context } = build;
      if (missing.length > 0) {
        problems.push(`Task '${name}' was not taken: ${missing[0]} is known to the editor alone.`);
        return [];
      }
      return [
        {
          ...plainBuild('task', file, name, placeFrom(build.folder, context)),
          ...words.extras,
          target: words.target,
          platforms: words.platforms,
          buildArgs: argumentsOf(words.buildArgs, environment),
          problems: words.problems,
        },
      ];
    });
  return { builds, problems };
}

interface TaskBuild {
  /** Absolute. */
  dockerfile: string;
  context: string;
  folder: string;
  words: ReturnType<typeof readWords>;
}

/** Properties of the Docker extension's task (its docker-build reference). */
function dockerTask(build: Fields, folder: string, put: (text: string) => string): TaskBuild {
  const text = (value: unknown) => {
    const given = scalar(value);
    return given === null ? null : put(given);
  };
  const labels = typeof build.labels === 'object' ? pairs(build.labels) : [];
  const given = commandWords(text(build.customOptions) ?? '', () => undefined) ?? [];
  const words = readWords(
    [
      ...given,
      ...labels.flatMap(([name, value]) => ['--label', `${name}=${put(value ?? '')}`]),
      ...(isOn(build.pull) ? ['--pull'] : []),
    ],
    folder,
  );
  const args = pairsWith(build.buildArgs, put);
  return {
    dockerfile: path.resolve(folder, text(build.dockerfile) ?? 'Dockerfile'),
    context: text(build.context) ?? folder,
    folder,
    words: {
      ...words,
      target: text(build.target) ?? words.target,
      buildArgs: [...words.buildArgs, ...args],
    },
  };
}

/** Null for a command that builds no image, and for one that is more than that. */
function commandTask(
  task: Fields,
  folder: string,
  put: (text: string) => string,
  environment: (name: string) => string | undefined,
): TaskBuild | null {
  const command = textOf(task.command);
  if (command === null) return null;
  const args = list(task.args).flatMap((arg) => textOf(arg) ?? []);
  // A shell task's command may be a whole line; a process's is the program alone.
  const first = task.type === 'process' ? [put(command)] : commandWords(put(command), environment);
  if (first === null) return null;
  const rest = afterBuild([...first, ...args.map(put)]);
  if (rest === null) return null;
  const cwd = scalar(fields(task.options).cwd);
  const from = cwd === null ? folder : path.resolve(folder, put(cwd));
  const words = readWords(rest, from);
  if (words.context === null || words.context === '-') return null;
  const context = placeFrom(from, words.context);
  return {
    dockerfile:
      words.dockerfile === null ? path.resolve(context, 'Dockerfile') : path.resolve(from, words.dockerfile),
    context,
    folder: from,
    words,
  };
}

/** `{ value, quoting }` or a text. */
function textOf(given: unknown): string | null {
  return scalar(given) ?? scalar(fields(given).value);
}

/** What follows `docker build`, `docker buildx build`, `podman build`, `buildah bud` and their like; null elsewhere. */
function afterBuild([program = '', ...words]: readonly string[]): string[] | null {
  const name = path.basename(program).replace(/\.exe$/i, '');
  if (!/^(?:docker|podman|buildah|nerdctl)$/.test(name)) return null;
  const skip = /^(?:buildx|builder|image)$/.test(words[0] ?? '') ? 1 : 0;
  return /^(?:build|b|bud)$/.test(words[skip] ?? '') ? words.slice(skip + 1) : null;
}
