// Where the command line keeps records, indexes and images: STRATA_CACHE, else the user's cache folder by platform
// convention; nothing at all with --no-store.
import path from 'node:path';
import { createRecordStore, type RecordStore } from '../build/records';
import { type IndexStore, openIndexStore } from '../layers/store';
import type { Cli } from './cli';

export interface CliStores {
  /** Null with --no-store. */
  records: RecordStore | null;
  indexes: IndexStore | null;
  images: string;
  /** Configs of engines' images, by which those are opened without saving them. */
  configs: string;
  /** Frees what was made for this run only. */
  close(): Promise<void>;
}

export async function openStores(cli: Cli, noStore: boolean): Promise<CliStores> {
  const { host } = cli;
  if (noStore) {
    const images = await host.files.makeTemporary('strata-images-');
    const configs = path.join(images, 'configs');
    return { records: null, indexes: null, images, configs, close: () => host.files.remove(images) };
  }
  const folder = cacheFolder(cli);
  return {
    records: createRecordStore(host, folder),
    indexes: openIndexStore(host, folder, {
      onRefused: () => cli.err(`strata: ${folder} cannot be written; layers are indexed anew each time.\n`),
    }),
    images: path.join(folder, 'images'),
    configs: path.join(folder, 'images', 'configs'),
    close: async () => {},
  };
}

/** `~/.cache/strata`, `~/Library/Caches/strata`, `%LOCALAPPDATA%\strata`. */
export function cacheFolder({ host, workingDirectory }: Cli): string {
  const { environment, os } = host;
  if (environment.STRATA_CACHE) return path.resolve(workingDirectory, environment.STRATA_CACHE);
  const home = environment.HOME || environment.USERPROFILE || workingDirectory;
  if (os === 'darwin') return path.join(home, 'Library', 'Caches', 'strata');
  if (os === 'windows') {
    return path.join(environment.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'), 'strata', 'cache');
  }
  return path.join(environment.XDG_CACHE_HOME || path.join(home, '.cache'), 'strata');
}
