// Which ignore file a build reads: BuildKit's frontend (dockerui/config.go), the docker client of the classic builder
// (cli/command/image/build/dockerignore.go), buildah (pkg/parse/parse.go). What its lines mean is for ignorePatterns.ts.
import path from 'node:path';
import type { Host } from '../primitives/host';

/** Whose rules a context is read by. */
export type ContextRules = 'buildkit' | 'classic' | 'buildah';

export interface IgnoreFile {
  /** Absolute. */
  path: string;
  text: string;
}

/** BuildKit refuses a larger one (dockerui/readfile.go), and nobody writes one. */
export const largestIgnoreFile = 16 * 1024 * 1024;

const mostLinks = 40;

/** Folder of the context and path of the Dockerfile, both absolute. Null when the build reads none. */
export async function findIgnoreFile(
  host: Host,
  request: { context: string; dockerfile: string; rules: ContextRules },
): Promise<IgnoreFile | null> {
  const { context, dockerfile, rules } = request;
  const beside = (suffix: string): [string, string] => [`${dockerfile}${suffix}`, path.dirname(dockerfile)];
  const inside = (name: string): [string, string] => [`${context.replace(/\/$/, '')}/${name}`, context];
  const candidates = {
    buildkit: [beside('.dockerignore'), inside('.dockerignore')],
    classic: [inside('.dockerignore')],
    // The first two are both looked for, and the second replaces the first.
    buildah: [
      beside('.dockerignore'),
      beside('.containerignore'),
      inside('.containerignore'),
      inside('.dockerignore'),
    ],
  }[rules];
  for (const [file, folder] of candidates) {
    const text = await readWithin(host, file, rules === 'buildkit' ? folder : null);
    if (text !== null) return { path: file, text };
  }
  return null;
}

/**
 * BuildKit gets the file through a transfer of its folder, and reads it there: what is no file is passed over, and a link
 * stays inside, since `/` and `..` stop at that folder.
 */
async function readWithin(host: Host, file: string, folder: string | null): Promise<string | null> {
  const stat = await host.files.stat(file);
  if (!stat || stat.kind === 'directory' || stat.kind === 'other') return null;
  if (stat.kind === 'symlink' && folder !== null) {
    const target = await linkTarget(host, folder, path.basename(file));
    return target === null ? null : readWithin(host, target, null);
  }
  if (stat.size > largestIgnoreFile) return ' '.repeat(largestIgnoreFile + 1);
  try {
    return await host.files.readText(file);
  } catch {
    // BuildKit's client sends what it may not read as an empty file.
    return folder === null ? null : '';
  }
}

/** Where a link of this name in the folder leads, links of links followed; null when they lead on and on. */
async function linkTarget(host: Host, folder: string, name: string): Promise<string | null> {
  const base = folder.replace(/\/$/, '');
  let at = `/${name}`;
  for (let links = 0; links < mostLinks; links++) {
    const holder = path.posix.dirname(at);
    const listed = await host.files.readFolder(`${base}${holder}`);
    const entry = listed?.find((one) => one.name === path.posix.basename(at));
    if (entry?.type !== 'symlink' || entry.link === null) return `${base}${at}`;
    const link = entry.link.replaceAll('\\', host.os === 'windows' ? '/' : '\\');
    at = path.posix.resolve('/', holder, link);
  }
  return null;
}
