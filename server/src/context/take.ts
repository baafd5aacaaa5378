// What a COPY or an ADD takes from a tree of files, and what that weighs in the layer: as BuildKit's copier does it
// (solver/llbsolver/file/backend.go docopy, fsutil/copy). It knows nothing of what the destination held before.
import type { ArchiveFinding } from './archive';
import { type CopyTarget, copyTarget } from './copyTarget';
import { below, type FileTree } from './fileTree';
import { createMatcher, type FolderMatch, type PathMatcher } from './ignoreMatch';
import type { ContextEntry, ContextSnapshot, Taken } from './model';
import { whyNotSent } from './sentPaths';
import { matchesOf, readSource, type SourceWord } from './takeSources';
import { followLinks, fromRoot } from './topLink';

export interface TakeRequest {
  /** Words with their variables put in, in order. */
  sources: readonly string[];
  /** As written, expanded: only whether it ends in a slash counts. */
  destination: string;
  parents: boolean;
  exclude: readonly string[];
  /** Of an ADD that unpacks: what its files are, by path; null for a COPY. A file that is not in it may be an archive. */
  archives?: ReadonlyMap<string, ArchiveFinding> | null;
  /** Files that are no part of the tree: heredocs, which BuildKit copies last. Bytes of each, null when unknown. */
  written?: readonly { name: string; bytes: number | null }[];
}

/** What an instruction takes from the build context. */
export function takeFromContext(snapshot: ContextSnapshot, request: TakeRequest): Taken {
  const taken = takeFromTree(snapshot, request, null);
  if (snapshot.complete) return taken;
  const why = snapshot.problems[0] ?? 'not all of the build context could be read';
  return { ...taken, bytes: null, why: taken.why ?? why };
}

/** The same from a tree that the builder holds; `where` names it for a person. Null: the client holds it. */
export function takeFromTree(tree: FileTree, request: TakeRequest, where: string | null): Taken {
  const filter = createMatcher(request.exclude);
  if (/(^|\/)\.?$/.test(request.destination)) return takeOnto(tree, request, filter, where, true);
  // What is at the destination decides the name of a copied file, and whether several fit.
  const asFile = takeOnto(tree, request, filter, where, false);
  const asFolder = takeOnto(tree, request, filter, where, true);
  if (asFile.bytes === asFolder.bytes) return asFile;
  return {
    ...asFolder,
    bytes: null,
    why: `it depends on whether ${request.destination} is a folder already`,
  };
}

interface Copying {
  tree: FileTree;
  target: CopyTarget;
  exclude: PathMatcher;
  request: TakeRequest;
  where: string;
  /** Bytes of archives that were unpacked. */
  unpacked: number;
  matches: number;
  /** True where a client sends only what the words name: the build context, unless a word names all of it. */
  client: boolean;
  /** Of --parents: what has to be found below the folder that is copied; null once it was. */
  required: string | null;
}

function takeOnto(
  tree: FileTree,
  request: TakeRequest,
  exclude: PathMatcher,
  where: string | null,
  folder: boolean,
): Taken {
  const copying: Copying = {
    tree,
    target: copyTarget(folder),
    exclude,
    request,
    where: where ?? 'the build context',
    unpacked: 0,
    matches: request.written?.length ?? 0,
    client: where === null && request.sources.every((word) => fromRoot(word) !== ''),
    required: null,
  };
  let why: string | null = null;
  for (const word of request.sources) why = copyWord(copying, readSource(word, request.parents)) ?? why;
  for (const file of request.written ?? []) why = writeFile(copying, file) ?? why;
  if (why === null && copying.unpacked > 0 && copying.matches > 1) {
    why = 'an archive and other sources may write the same file';
  }
  const entries = copying.target.entries();
  const hidden = entries.find(
    ({ to, entry }) => entry.path.includes('.wh.') && /(^|\/)\.wh\.[^/]*$/.test(to === '' ? entry.path : to),
  );
  if (why === null && hidden) why = `${hidden.entry.path} has the name of a whiteout`;
  const { unpacked } = copying;
  return { entries, bytes: why === null ? copying.target.bytes() + unpacked : null, why, unpacked };
}

function copyWord(copying: Copying, word: SourceWord): string | null {
  const { tree, where } = copying;
  const found = matchesOf(tree, word.path, where);
  if (typeof found === 'string') return found;
  const include = word.include === null ? null : createMatcher([word.include]);
  let why: string | null = null;
  if (word.include === null) why = copying.client ? whyNotSent(tree, word.path, found) : null;
  else if (copying.client && /[\\[\]^{}|*?]/.test(word.path))
    why = `a builder's client may not send ${word.path}`;
  copying.required = word.required === null ? null : (word.include ?? '');
  for (const path of found) why = copyMatch(copying, path, include) ?? why;
  // RequiredPaths: something that is taken has to begin with that path.
  if (copying.required !== null) why ??= `/${word.required} is not in ${where}`;
  return include?.problem ?? copying.exclude.problem ?? why;
}

function copyMatch(copying: Copying, path: string, include: PathMatcher | null): string | null {
  const { tree, target, where } = copying;
  copying.matches++;
  const followed = followLinks(tree, path, true);
  if (followed === null) return `the symbolic links of ${path} lead nowhere`;
  const entry = tree.find(followed);
  if (followed !== '' && !entry) return `${path} is not in ${where}`;
  if (!entry || entry.type === 'directory') return copyFolder(copying, path, followed, include);
  if (entry.type === 'unknown') return whyUnknown(entry);
  const archive = copying.request.archives;
  let doubt: string | null = null;
  if (archive && entry.type === 'file' && entry.size > 0) {
    const finding = archive.get(followed);
    if (finding?.kind === 'archive') {
      if (finding.bytes === null) return finding.why ?? `what is in ${followed} is not known`;
      copying.unpacked += finding.bytes;
      return target.putFolder('', null) ? null : `${followed} is unpacked onto a file`;
    }
    if (!finding) doubt = `${followed} may be an archive that ADD unpacks`;
  }
  // The name is that of the word, not that of what its links lead to.
  const to = target.isFolder ? path.slice(path.lastIndexOf('/') + 1) : '';
  return target.putFile(to, entry, null) ? doubt : `a folder is where ${path} goes`;
}

function copyFolder(
  copying: Copying,
  path: string,
  folder: string,
  include: PathMatcher | null,
): string | null {
  const { tree, target, exclude } = copying;
  // Where something has to be found, it is not looked for behind a link.
  const linked = tree.find(followLinks(tree, path, false) ?? '')?.type === 'symlink';
  if (copying.required !== null && linked) return null;
  if (!target.putFolder('', null)) return `a file is where the content of ${folder} goes`;
  const start = folder === '' ? 0 : folder.length + 1;
  const inodes = new Map<number, { entry: ContextEntry }>();
  // With patterns, BuildKit's cache key follows the links that lie directly in the root (contenthash, includedPaths).
  const hashed = folder === '' && (include !== null || copying.request.exclude.length > 0);
  const open: Opened[] = [];
  let skipped = '\0';
  for (const entry of below(tree, folder)) {
    if (entry.path.startsWith(skipped)) continue;
    while (open.length > 0 && !entry.path.startsWith(open.at(-1)!.prefix)) open.pop();
    const above = open.at(-1);
    const to = entry.path.slice(start);
    const asked = { include: above?.include ?? include?.top ?? null, exclude: above?.exclude ?? exclude.top };
    let taken: boolean;
    if (entry.type === 'directory') {
      const wanted = include?.enter(to, asked.include!);
      const unwanted = exclude.enter(to, asked.exclude);
      taken = (wanted?.matched ?? true) && !unwanted.matched;
      const prefix = `${entry.path}/`;
      if (unwanted.matched && !exclude.negates) skipped = prefix;
      open.push({ entry, to, prefix, include: wanted?.below ?? null, exclude: unwanted.below, put: false });
    } else taken = (include?.matches(to, asked.include!) ?? true) && !exclude.matches(to, asked.exclude);
    if (!taken) continue;
    if (entry.type === 'unknown') return whyUnknown(entry);
    // `--parents .` asks for '', which its pattern never matches.
    if (copying.required && to.startsWith(copying.required)) copying.required = null;
    if (hashed && !to.includes('/') && entry.type === 'symlink' && !leadsSomewhere(tree, entry.path)) {
      return `the symbolic link ${entry.path} leads nowhere`;
    }
    // A folder that was not wanted itself is made when something in it is.
    for (const one of open.at(-1)?.put ? [] : open) {
      if (one.put) continue;
      if (!target.putFolder(one.to, one.entry)) return `a file is where the folder ${one.entry.path} goes`;
      one.put = true;
    }
    if (entry.type !== 'directory' && !target.putFile(to, entry, inodeOf(inodes, entry))) {
      return `a folder is where ${entry.path} goes`;
    }
  }
  return null;
}

function whyUnknown({ path }: ContextEntry): string {
  return `nothing is known of ${path}: its name is not UTF-8`;
}

function leadsSomewhere(tree: FileTree, path: string): boolean {
  const followed = followLinks(tree, path, true);
  return followed === '' || (followed !== null && tree.find(followed) !== undefined);
}

interface Opened {
  entry: ContextEntry;
  to: string;
  prefix: string;
  include: FolderMatch | null;
  exclude: FolderMatch;
  put: boolean;
}

/** Names of one inode have all of this in common; a number alone may repeat on another disk. Windows has no inodes (0). */
function inodeOf(inodes: Map<number, { entry: ContextEntry }>, entry: ContextEntry): object | null {
  if (entry.inode === 0 || entry.type !== 'file') return null;
  const known = inodes.get(entry.inode);
  const { size, mtimeMs, mode } = known?.entry ?? entry;
  if (known && size === entry.size && mtimeMs === entry.mtimeMs && mode === entry.mode) return known;
  const made = { entry };
  inodes.set(entry.inode, made);
  return made;
}

function writeFile(copying: Copying, { name, bytes }: { name: string; bytes: number | null }): string | null {
  const { target } = copying;
  if (bytes === null) return `the text of <<${name} is not known`;
  const entry: ContextEntry = {
    path: name,
    type: 'file',
    size: bytes,
    mode: 0o644,
    link: null,
    mtimeMs: 0,
    inode: 0,
  };
  return target.putFile(target.isFolder ? name : '', entry, null) ? null : `a folder is where <<${name} goes`;
}
