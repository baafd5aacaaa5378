// The declared builds of a Dockerfile in a project written as literals, one line of text for each; bake and compose are
// played by a function.
import { declaredBuilds } from '../../../../server/src/measure/declared/declaredBuilds';
import { declaredName } from '../../../../server/src/measure/declared/declaredRequest';
import type { DeclaredBuild } from '../../../../server/src/measure/declared/model';
import { type MemoryHost, type MemoryHostOptions, memoryHost } from '../../../support/memoryHost';

export interface Project {
  files: Record<string, string>;
  /** Absolute; default `/w/Dockerfile`. */
  dockerfile?: string;
  run?: MemoryHostOptions['run'];
  environment?: Record<string, string>;
  trusted?: boolean;
  workspaceFolders?: string[];
}

export interface Declared {
  host: MemoryHost;
  builds: DeclaredBuild[];
  problems: string[];
}

/** Paths of files are below /w, which is a repository. */
export async function declaredOf(project: Project): Promise<Declared> {
  const { files, run, environment, trusted = true } = project;
  const placed = Object.entries(files).map(([name, text]): [string, string] => [`/w/${name}`, text]);
  const host = memoryHost({ files: [['/w/.git/HEAD', ''], ...placed], run, environment });
  const found = await declaredBuilds(host, {
    dockerfile: project.dockerfile ?? '/w/Dockerfile',
    workspaceFolders: project.workspaceFolders ?? ['/w'],
    trusted,
    programs: {},
    signal: new AbortController().signal,
  });
  return { host, ...found };
}

/** Without the default: `compose:web /w --target prod A=1 | problem`. */
export function drawn({ builds }: Pick<Declared, 'builds'>): string[] {
  return builds
    .filter(({ source }) => source !== 'default')
    .map((build) => {
      const words = [
        declaredName(build),
        build.context,
        ...(build.target === null ? [] : [`--target ${build.target}`]),
        ...build.platforms.map((platform) => `--platform ${platform}`),
        ...Object.entries(build.buildArgs).map(([name, value]) => `${name}=${value}`),
        ...build.secrets.map(({ id, src, env }) => `secret ${id}:${src ?? `$${env}`}`),
        ...build.ssh.map((one) => `ssh ${one}`),
        ...Object.entries(build.namedContexts).map(([name, place]) => `${name}=>${place}`),
        ...build.cacheFrom.map((cache) => `from ${cache}`),
        ...build.cacheTo.map((cache) => `to ${cache}`),
        ...build.extraArguments,
      ];
      return [words.join(' '), ...build.problems].join(' | ');
    });
}
