// The past builds of each Dockerfile, as files that are written whole. Decides how many are kept and that a damaged or
// foreign file is no record; not what a record means.
import * as path from 'node:path';
import { sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import type { BuildRecord } from './model';
import { keptRecord } from './recordedArguments';
import { readRecordedBuild } from './recordedBuild';
import { readBuildRecord, recordIdPattern } from './validate';

export interface RecordStore {
  /** Keeps a record without credentials; one of the same id is replaced. @throws StrataError 'no-space' | 'unreadable' */
  add(dockerfile: string, record: BuildRecord): Promise<void>;
  /** Newest first, a build that travels with the project among them. */
  list(dockerfile: string): Promise<BuildRecord[]>;
  /** Removes what was kept, of one Dockerfile or of all. A build that travels with a project stays. */
  clear(dockerfile?: string): Promise<void>;
}

/** A build for several platforms has a record for each and counts once. */
const mostBuilds = 20;
/** A record has some KB; one of 1,000 steps with full logs and a long list of waste stays below this. */
const longestRecord = 32 * 1024 * 1024;

/**
 * @param dir Strata's cache folder; records lie below `<dir>/records/<sha256 of the Dockerfile's path>/`.
 * `dockerfile` is always an absolute path.
 */
export function createRecordStore(host: Pick<Host, 'files' | 'os'>, dir: string): RecordStore {
  const { files } = host;
  const all = path.join(dir, 'records');
  const folderOf = (dockerfile: string) => path.join(all, recordFolder(dockerfile, host.os));

  async function read(file: string): Promise<BuildRecord | null> {
    try {
      const stat = await files.stat(file);
      if (stat?.kind !== 'file' || stat.size > longestRecord) return null;
      return readBuildRecord(JSON.parse((await files.readText(file)) ?? ''));
    } catch (error) {
      // Half a file of another program, or one that may not be read: the other records still count.
      if (error instanceof SyntaxError || error instanceof StrataError) return null;
      throw error;
    }
  }

  /** File names, newest first. Ids sort by time, so that no file need be opened to know the order. */
  async function names(folder: string): Promise<string[]> {
    const entries = await files.list(folder);
    return entries
      .filter(({ kind, name }) => kind === 'file' && name.endsWith('.json'))
      .map(({ name }) => name)
      .filter((name) => recordIdPattern.test(name.slice(0, -'.json'.length)))
      .sort()
      .reverse();
  }

  async function stored(folder: string): Promise<BuildRecord[]> {
    const found = ofNewest(await names(folder), mostBuilds + 1);
    const records = await Promise.all(
      found.map(async (name) => {
        const record = await read(path.join(folder, name));
        // A copy under another name would appear twice.
        return record && `${record.id}.json` === name ? record : null;
      }),
    );
    return records.filter((record) => record !== null);
  }

  /** Beyond the newest 20 stays the newest that was built: twenty failures must not forget what was measured. */
  async function prune(folder: string): Promise<void> {
    const found = await names(folder);
    const kept = ofNewest(found, mostBuilds).length;
    if (found.length <= kept) return;
    let builtKept = false;
    for (const [at, name] of found.entries()) {
      const file = path.join(folder, name);
      if (at < kept && builtKept) continue;
      const built: boolean = !builtKept && (await read(file))?.outcome === 'built';
      builtKept ||= built;
      if (at >= kept && !built) await files.remove(file);
    }
  }

  return {
    async add(dockerfile, record) {
      const folder = folderOf(dockerfile);
      if (!recordIdPattern.test(record.id)) throw new Error(`not an id of a record: ${record.id}`);
      await files.writeWhole(path.join(folder, `${record.id}.json`), JSON.stringify(keptRecord(record)));
      await prune(folder);
    },
    async list(dockerfile) {
      const travelling = await readRecordedBuild(files, dockerfile);
      const records = await stored(folderOf(dockerfile));
      if (travelling && !records.some(({ id }) => id === travelling.record.id))
        records.push(travelling.record);
      return records.sort((a, b) => Date.parse(b.started) - Date.parse(a.started));
    },
    clear: (dockerfile) => files.remove(dockerfile === undefined ? all : folderOf(dockerfile)),
  };
}

/** The records of a Dockerfile, newest first; without a store, the build that travels with its project alone. */
export async function recordsOf(
  files: Host['files'],
  store: RecordStore | null,
  dockerfile: string,
): Promise<BuildRecord[]> {
  if (store) return store.list(dockerfile);
  const travelling = await readRecordedBuild(files, dockerfile);
  return travelling ? [travelling.record] : [];
}

/** The files of the newest builds; those of one build begin with its start. */
function ofNewest(names: readonly string[], most: number): string[] {
  const builds = new Set<string>();
  return names.filter((name) => builds.add(name.replace(/-[^-]*$/, '')).size <= most);
}

/** Windows takes any casing and either slash for the same file; editors and shells differ in the drive's letter. */
function recordFolder(dockerfile: string, os: string): string {
  const name = os === 'windows' ? dockerfile.replaceAll('/', '\\').toLowerCase() : dockerfile;
  return sha256(name).slice('sha256:'.length);
}
