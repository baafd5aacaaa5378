// Folders of a build context that hardly ever belong into an image: version control, installed packages, build output,
// caches. A name alone is a guess; where it is a common one too, a file of the tool has to stand beside it.
import { placeOf } from './contextOrder';
import type { ContextEntry, ContextSnapshot } from './model';

export interface Bloat {
  path: string;
  /** Sum of the regular files' sizes. */
  bytes: number;
  files: number;
}

/** Made by tools alone, whatever stands beside them. */
const always = new Set([
  ...['.git', '.hg', '.svn', 'node_modules', 'bower_components', '__pycache__', '.venv', '.tox', '.nox'],
  ...[
    '.mypy_cache',
    '.pytest_cache',
    '.ruff_cache',
    '.next',
    '.nuxt',
    '.svelte-kit',
    '.turbo',
    '.parcel-cache',
  ],
  ...['.nyc_output', '.gradle', '.terraform', '.idea', '.vs', '.angular', '.dart_tool', '.cache'],
]);

const javaScript = ['package.json'];
const python = ['pyproject.toml', 'setup.py', 'requirements.txt'];
/** Names that people use too, each with the files of the tools that make such a folder beside them. */
const beside: Record<string, readonly string[]> = {
  target: ['Cargo.toml', 'pom.xml', 'build.sbt'],
  build: ['build.gradle', 'build.gradle.kts', 'CMakeLists.txt', ...javaScript, ...python],
  dist: [...javaScript, ...python],
  out: [...javaScript, 'CMakeLists.txt'],
  coverage: javaScript,
  htmlcov: python,
  venv: python,
  bin: ['*.csproj'],
  obj: ['*.csproj'],
};

/** The folders that the ignore file lets through, largest first; one inside another is counted in that one. */
export function bloatOf(snapshot: ContextSnapshot): Bloat[] {
  const { entries } = snapshot;
  const found: Bloat[] = [];
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at]!;
    if (entry.type !== 'directory' || !isBloat(snapshot, entry.path)) continue;
    const bloat: Bloat = { path: entry.path, bytes: 0, files: 0 };
    const prefix = `${entry.path}/`;
    for (; entries[at + 1]?.path.startsWith(prefix); at++) {
      const inside = entries[at + 1]!;
      if (inside.type !== 'directory') bloat.files++;
      bloat.bytes += inside.size;
    }
    // Empty, it weighs nothing, and is there for an exception perhaps.
    if (bloat.files > 0) found.push(bloat);
  }
  return found.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
}

function isBloat(snapshot: ContextSnapshot, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (always.has(name)) return true;
  const signs = Object.hasOwn(beside, name) ? beside[name]! : [];
  const folder = path.slice(0, path.length - name.length);
  return signs.some((sign) =>
    sign.startsWith('*')
      ? siblings(snapshot.entries, folder).some((one) => one.path.endsWith(sign.slice(1)))
      : snapshot.find(folder + sign)?.type === 'file',
  );
}

/** The files right in a folder, whose path ends in a slash or is empty. */
function siblings(entries: readonly ContextEntry[], folder: string): ContextEntry[] {
  const found: ContextEntry[] = [];
  for (let at = placeOf(entries, folder.slice(0, -1)); at < entries.length; at++) {
    const { path, type } = entries[at]!;
    if (path.length >= folder.length && !path.startsWith(folder)) break;
    if (type === 'file' && !path.includes('/', folder.length)) found.push(entries[at]!);
  }
  return found;
}
