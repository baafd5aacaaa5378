// The lists in which package managers of systems keep what they have put where. Text in, paths out; where the lists lie
// in an image, and reading them, is packageOwners.ts. The texts are an image's: anything may stand in them.
import type { PackageName } from './packagePaths';

export type PackageListKind = 'dpkg' | 'apk' | 'python';

/** A package's file, without a leading slash; directories may be among them. */
export type OnPackageFile = (owner: PackageName, path: string) => void;

/** The kind of list that a path is; null for anything else. */
export function packageListKind(path: string): PackageListKind | null {
  if (/^var\/lib\/dpkg\/(?:info\/[^/]+\.list|status\.d\/[^/]+\.md5sums)$/.test(path)) return 'dpkg';
  if (/^(?:usr\/)?lib\/apk\/db\/installed$/.test(path)) return 'apk';
  if (/(?:^|\/)[^/]+\.dist-info\/RECORD$/.test(path)) return 'python';
  return null;
}

export function readPackageList(
  kind: PackageListKind,
  path: string,
  text: string,
  onFile: OnPackageFile,
): void {
  if (kind === 'dpkg') readDpkg(path, text, onFile);
  else if (kind === 'apk') readApk(text, onFile);
  else readRecord(path, text, onFile);
}

/**
 * dpkg: `NAME.list` or `NAME:ARCH.list`, a path a line, `/.` the first. Images without a shell (distroless) have
 * `NAME.md5sums`, a sum and a path a line.
 */
function readDpkg(path: string, text: string, onFile: OnPackageFile): void {
  const file = path.slice(path.lastIndexOf('/') + 1);
  const name = file.replace(/(?::[^:]*)?\.(?:list|md5sums)$/, '');
  const owner = { manager: 'deb', name };
  const hasSums = file.endsWith('.md5sums');
  for (const line of text.split('\n')) {
    const listed = hasSums ? line.replace(/^\S+\s+/, '') : line;
    if (listed !== '' && listed !== '/.') onFile(owner, clean(listed));
  }
}

/** apk: records apart by an empty line; P the package, F a folder, R a file in the folder before it (apk-installed(5)). */
function readApk(text: string, onFile: OnPackageFile): void {
  let owner: PackageName | null = null;
  let folder = '';
  for (const line of text.split('\n')) {
    const value = line.slice(2);
    if (line === '') owner = null;
    else if (line.startsWith('P:')) owner = { manager: 'apk', name: value };
    else if (line.startsWith('F:')) folder = clean(value);
    else if (line.startsWith('R:') && owner) onFile(owner, folder === '' ? value : `${folder}/${value}`);
  }
}

/** Python: `NAME-VERSION.dist-info/RECORD`, rows of CSV with the path first, from the folder above (PEP 376, 627). */
function readRecord(path: string, text: string, onFile: OnPackageFile): void {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const above = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '';
  const owner = { manager: 'python', name: nameOfDistInfo(folder.slice(folder.lastIndexOf('/') + 1)) };
  for (const line of text.split('\n')) {
    const quoted = /^"((?:[^"]|"")*)"/.exec(line);
    const listed = quoted ? quoted[1]!.replaceAll('""', '"') : (line.split(',', 1)[0] ?? '');
    if (listed !== '') onFile(owner, resolved(above, listed));
  }
}

function nameOfDistInfo(folder: string): string {
  return folder.replace(/\.dist-info$/, '').replace(/-[^-]*$/, '');
}

/** `../../../bin/pip` from the folder; what leads out of the root stays at the root. */
function resolved(folder: string, path: string): string {
  const parts = path.startsWith('/') || folder === '' ? [] : folder.split('/');
  for (const part of path.replace(/\r$/, '').split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function clean(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}
