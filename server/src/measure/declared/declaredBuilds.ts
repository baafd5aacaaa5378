// The builds of one Dockerfile that its project declares: in compose files, bake files, devcontainer.json and tasks. Decides
// where they are looked for, and adds the build that nobody needs to declare: the Dockerfile in its own folder.
import * as path from 'node:path';
import type { Host } from '../../primitives/host';
import { projectFolders } from '../projectFolders';
import { bakeBuilds } from './bakeBuilds';
import { composeBuilds } from './composeBuilds';
import { devcontainerBuilds } from './devcontainerBuilds';
import { type DeclaredBuild, type DeclaredRequest, type DeclaredSource, defaultBuild } from './model';
import { taskBuilds } from './taskBuilds';

const mostFolders = 16;

export interface DeclaredBuilds {
  /** The default is the last one. */
  builds: DeclaredBuild[];
  /** About files that could not be read, a sentence each. */
  problems: string[];
}

const none = { builds: [], problems: [] };

/**
 * @param only the sources that are looked at; default: all
 * @throws StrataError 'cancelled' | 'unreadable' (a folder that may not be looked into)
 */
export async function declaredBuilds(
  host: Host,
  request: DeclaredRequest,
  only?: readonly DeclaredSource[],
): Promise<DeclaredBuilds> {
  const { dockerfile } = request;
  const wants = (source: DeclaredSource) => only === undefined || only.includes(source);
  const builds: DeclaredBuild[] = [];
  const problems: string[] = [];
  const take = (found: { builds: DeclaredBuild[]; problems: string[] }) => {
    builds.push(...found.builds);
    problems.push(...found.problems);
  };
  for (const folder of await foldersOf(host, request)) {
    const baked = wants('bake') ? await bakeBuilds(host, request, folder) : none;
    const composed =
      wants('compose') || baked.builds.length > 0 ? await composeBuilds(host, request, folder) : none;
    if (wants('compose')) take(composed);
    // bake reads compose files too: what it tells the same of a service is the service.
    const own = baked.builds.filter((one) => !composed.builds.some((other) => isSame(one, other)));
    take({ ...baked, builds: own });
    if (wants('devcontainer')) take(await devcontainerBuilds(host, request, folder));
    if (wants('task')) take(await taskBuilds(host, request, folder));
  }
  builds.push(defaultBuild(dockerfile));
  return { builds, problems };
}

/** From the Dockerfile's folder up to the workspace's, or to the root of its repository. */
async function foldersOf(
  host: Host,
  { dockerfile, workspaceFolders, within }: DeclaredRequest,
): Promise<string[]> {
  const start = path.dirname(dockerfile);
  const workspace = workspaceFolders.find((folder) => isBelow(start, folder));
  const folders = await projectFolders(host, start, workspace ?? within ?? null);
  const last = workspace === undefined ? -1 : folders.indexOf(path.resolve(workspace));
  return (last < 0 ? folders : folders.slice(0, last + 1)).slice(0, mostFolders);
}

function isBelow(folder: string, above: string): boolean {
  const relative = path.relative(above, folder);
  return !relative.startsWith('..') && !path.isAbsolute(relative);
}

/** What is built, apart from who says so. */
export function buildText({ source, file, problems, ...build }: DeclaredBuild): string {
  return JSON.stringify(Object.entries(build).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isSame(one: DeclaredBuild, other: DeclaredBuild): boolean {
  return one.name === other.name && buildText(one) === buildText(other);
}
