// A file or directory of a layer as a row of the tree: what it is called, what it weighs, what the layer did to it.
import * as l10n from '@vscode/l10n';
import { escapeMarkdown } from '../describe/hover';
import { bytesText } from '../describe/style';
import type { TreeEntry } from '../layers/tree';
import type { TreeNode, TreeView } from '../protocol';
import type { Session } from './session';

export function fileNode(session: Session, layer: number, entry: TreeEntry, view: TreeView): TreeNode {
  const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
  const isDirectory = entry.type === 'directory';
  const parts: string[] = [];
  if (entry.change === 'removed') parts.push(l10n.t('deleted'));
  else if (isDirectory || entry.type === 'file') parts.push(bytesText(entry.totalBytes, session.style));
  if (entry.link !== null) parts.push(`→ ${entry.link}`);
  if (view !== 'lower' && entry.change === 'modified' && !isDirectory) parts.push(l10n.t('modified'));
  // Below a layer, what the layer under it changed is not the question.
  const changed = view === 'lower' ? 'unchanged' : entry.change;
  const change = changeWord(changed);
  const from = view === 'upper' ? '' : l10n.t('from layer {0}', entry.fromLayer + 1);
  return {
    ...blank,
    id: `${isDirectory ? 'dir' : 'file'}:${layer}:${entry.path}`,
    kind: isDirectory ? 'directory' : 'file',
    label: name,
    description: parts.join(' · '),
    tooltip: [escapeMarkdown(`/${entry.path}`), change, from, modeText(entry)].filter(Boolean).join('  \n'),
    accessibleLabel: [name, ...parts, change].filter(Boolean).join(', '),
    children: isDirectory && entry.children > 0,
    // What opens is the file as this view has it.
    layer: view === 'lower' ? layer - 1 : layer,
    path: entry.path,
    change: changed === 'unchanged' ? null : changed,
    bytes: entry.totalBytes,
  };
}

function changeWord(change: TreeEntry['change']): string {
  switch (change) {
    case 'added':
      return l10n.t('added by this layer');
    case 'modified':
      return l10n.t('changed by this layer');
    case 'removed':
      return l10n.t('deleted by this layer (whiteout)');
    case 'unchanged':
      return '';
  }
}

/** `0644 · 0:0`. */
function modeText({ mode, uid, gid }: TreeEntry): string {
  return `${mode.toString(8).padStart(4, '0')} · ${uid}:${gid}`;
}

/** What a row does not say. */
export const blank = {
  children: false,
  line: null,
  layer: null,
  diffId: null,
  chainId: null,
  path: null,
  change: null,
  bytes: null,
} satisfies Partial<TreeNode>;
