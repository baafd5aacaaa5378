// The Dockerfiles of a folder, found by their names: bounded in folders, files and time, links never followed. Folders of
// others' code and of what tools made are not entered. What the files have in common is workspaceStages.ts.
import path from 'node:path';
import { StrataError } from '../primitives/errors';
import type { FolderEntry, Host } from '../primitives/host';

export interface FoundDockerfiles {
  /** Absolute, in order of their names, those of a folder before those of the folders in it. */
  paths: string[];
  /** False where a bound was reached. */
  complete: boolean;
}

const mostFiles = 400;
const mostFolders = 20_000;
const deepest = 24;
const longestMs = 10_000;
/** Bytes of a text; no Dockerfile of people is as large. */
const largestText = 1024 * 1024;

/** Never entered: packages that were fetched. Git's history is hidden. */
const skipped = new Set([
  'node_modules',
  'bower_components',
  'vendor',
  'site-packages',
  '__pycache__',
  'venv',
]);

/**
 * @param folders absolute
 * @throws StrataError 'cancelled'
 */
export async function findDockerfiles(
  host: Host,
  folders: readonly string[],
  signal?: AbortSignal,
): Promise<FoundDockerfiles> {
  const paths: string[] = [];
  const deadline = host.now() + longestMs;
  const waiting = folders.map((folder) => ({ folder, depth: 0 })).reverse();
  const entered = new Set<string>();
  let complete = true;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (signal?.aborted) throw new StrataError('cancelled', 'Looking for Dockerfiles was cancelled.');
    if (entered.has(next.folder)) continue;
    if (entered.size >= mostFolders || paths.length >= mostFiles || host.now() > deadline) {
      return { paths: paths.slice(0, mostFiles), complete: false };
    }
    entered.add(next.folder);
    const entries = await entriesOf(host, next.folder);
    for (const { name, type, size } of entries) {
      if (type !== 'file' || !isDockerfileName(name)) continue;
      if (size <= largestText) paths.push(path.join(next.folder, name));
      else complete = false;
    }
    const inner = entries.filter(({ name, type }) => type === 'directory' && isEntered(name)).reverse();
    if (next.depth >= deepest) complete &&= inner.length === 0;
    else
      for (const { name } of inner)
        waiting.push({ folder: path.join(next.folder, name), depth: next.depth + 1 });
  }
  return { paths: paths.slice(0, mostFiles), complete: complete && paths.length <= mostFiles };
}

/** `Dockerfile`, `Dockerfile.dev`, `web.Dockerfile`, and the same with Containerfile. */
export function isDockerfileName(name: string): boolean {
  if (/(?:\.(?:dockerignore|containerignore|md|orig|rej|bak|swp|tmpl|j2)|~)$/i.test(name)) return false;
  return /^(?:dockerfile|containerfile)(?:\.[\w.+-]+)?$|\.(?:dockerfile|containerfile)$/i.test(name);
}

/** Hidden folders are tools' own, but for the one that editors build containers from. */
function isEntered(name: string): boolean {
  return !skipped.has(name) && (!name.startsWith('.') || name === '.devcontainer');
}

/** Sorted; empty for a folder that cannot be read. */
async function entriesOf({ files }: Host, folder: string): Promise<FolderEntry[]> {
  try {
    const entries = (await files.readFolder(folder)) ?? [];
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
