// A state of files as folders to walk through: what stands at a path, and in it. For editors that show it as a file system.
import type { TreeEntry } from '../layers/tree';
import type { EntriesParams, EntriesResult, EntryView } from '../protocol';
import { documentOf } from './diffs';
import { filteredTree } from './layerTrees';
import type { Session } from './session';
import { openState } from './states';

const mostChildren = 100_000;

export async function entriesOf(
  session: Session,
  { uri, state, path }: EntriesParams,
): Promise<EntriesResult> {
  const { contents, upTo } = await openState(session, documentOf(session, uri), state);
  if (upTo < 0) return path === '' ? { entry: root(0), children: [] } : { entry: null, children: null };
  // An open state has all layers up to this one.
  const tree = (await filteredTree(contents, upTo, 'merged'))!;
  const entry = path === '' ? root(tree.totalBytes) : view(tree.find(path));
  if (entry?.type !== 'directory') return { entry, children: null };
  const { entries } = tree.children(path, { sort: 'name', limit: mostChildren });
  return { entry, children: entries.flatMap((one) => view(one) ?? []) };
}

function root(bytes: number): EntryView {
  return { name: '', type: 'directory', bytes, mtime: 0, link: null };
}

function view(entry: TreeEntry | null): EntryView | null {
  if (!entry) return null;
  const { path, type, totalBytes, mtime, link } = entry;
  const plain = type === 'hardlink' ? 'file' : type;
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    type: plain === 'file' || plain === 'directory' || plain === 'symlink' ? plain : 'other',
    bytes: totalBytes,
    mtime,
    link: type === 'symlink' ? link : null,
  };
}
