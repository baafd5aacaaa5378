// `strata build --list` and `--from`: the builds that a project declares for a Dockerfile, printed, or one of them taken by
// its name. What is ambiguous is listed instead of guessed.
import path from 'node:path';
import { withoutTokens } from '../build/requestFlags';
import { declaredBuilds } from '../measure/declared/declaredBuilds';
import { declaredName, readDeclaredName } from '../measure/declared/declaredRequest';
import { type DeclaredBuild, type DeclaredRequest, defaultBuild } from '../measure/declared/model';
import { StrataError } from '../primitives/errors';
import { usage } from './args';
import type { Cli } from './cli';
import { json } from './openMeasured';
import { clean, table } from './reportText';

/**
 * The build that `--from` names; the default without it.
 * @param file absolute path of the Dockerfile
 * @throws StrataError 'usage' | 'not-found'
 */
export async function declaredFrom(cli: Cli, from: string | undefined, file: string): Promise<DeclaredBuild> {
  if (from === undefined) return defaultBuild(file);
  const named = readDeclaredName(from);
  if (named === null) {
    throw usage('build', `--from is compose, bake, devcontainer, task or default, not '${clean(from)}'`);
  }
  const { builds, problems } = await declaredBuilds(cli.host, requestOf(cli, file), [named.source]);
  const found = builds.filter(
    ({ source, name }) => source === named.source && (named.name === null || name === named.name),
  );
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    const list = found.map((build) => `${declaredName(build)} (${shown(cli, build.file)})`).join(', ');
    throw usage('build', `--from ${clean(from)} may be one of these: ${clean(list)}`);
  }
  const own = builds.filter(({ source }) => source !== 'default').map(declaredName);
  const others = own.length > 0 ? ` There is ${own.join(', ')}.` : '';
  throw new StrataError(
    'not-found',
    clean(`No ${from} builds ${shown(cli, file)}.${others}${problems.map((one) => ` ${one}`).join('')}`),
    'strata build --list tells what is declared for a Dockerfile.',
  );
}

/** Prints them; runs bake and compose, builds nothing. */
export async function listDeclared(cli: Cli, file: string, format: 'text' | 'json'): Promise<void> {
  const { builds, problems } = await declaredBuilds(cli.host, requestOf(cli, file));
  if (format === 'json') {
    cli.out(json({ schema: 1, dockerfile: shown(cli, file), builds: builds.map(view), problems }));
    return;
  }
  const rows = builds.map((build) => [
    clean(declaredName(build)),
    clean(shown(cli, build.context) || '.'),
    clean(build.target ?? ''),
    clean(build.platforms.join(',')),
    clean(build.file === null ? '' : shown(cli, build.file)),
  ]);
  cli.out(table(['from', 'context', 'target', 'platforms', 'declared in'], rows, new Set()));
  const told = builds.flatMap((build) => build.problems.map((one) => `${declaredName(build)}: ${one}`));
  for (const problem of [...problems, ...told]) cli.err(`strata: ${clean(problem)}\n`);
}

/** Of secrets and keys the names alone. */
function view(build: DeclaredBuild) {
  const { context, file, target, platforms, buildArgs, ssh, namedContexts, cacheFrom, cacheTo } = build;
  return {
    from: declaredName(build),
    ...{ file, context, target, platforms, buildArgs },
    secrets: build.secrets.map(({ id }) => id),
    ssh: ssh.map((one) => one.split('=')[0]),
    namedContexts,
    cacheFrom: cacheFrom.map(withoutTokens),
    cacheTo: cacheTo.map(withoutTokens),
    problems: build.problems,
  };
}

function requestOf(cli: Cli, dockerfile: string): DeclaredRequest {
  return {
    dockerfile,
    workspaceFolders: [],
    within: cli.workingDirectory,
    // Whoever types the command trusts the folder: the build itself runs its code.
    trusted: true,
    programs: {},
    signal: cli.signal,
  };
}

function shown(cli: Cli, file: string | null): string {
  if (file === null || !path.isAbsolute(file)) return file ?? '';
  const relative = path.relative(cli.workingDirectory, file);
  return relative.startsWith('..') ? file : relative;
}
