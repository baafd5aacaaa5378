// One row of the layer tree and how it looks. Words and sizes come from the server as they are; this chooses icons,
// badges, commands and the context that menus test.
import * as vscode from 'vscode';
import type { TreeNode } from '../../server/src/protocol';
import type { CommandTarget } from './commandTarget';
import { layerFileUri } from './layerFiles';

/** A row stands for a node of the server, and is the argument of the commands that its menu offers. */
export interface NodeRow extends CommandTarget {
  kind: 'node';
  node: TreeNode;
  parent: NodeRow | null;
  /** Shown with its children at first. */
  open: boolean;
}

/** `more…`: the next page of a long folder. */
export interface MoreRow {
  kind: 'more';
  uri: string;
  parent: NodeRow | null;
  shown: number;
  total: number;
}

export type Row = NodeRow | MoreRow;

/** Commands are run by anybody: a key, a link, another extension. */
export function isNodeRow(value: unknown): value is NodeRow {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, uri, node } = value as Partial<NodeRow>;
  return (
    kind === 'node' &&
    typeof uri === 'string' &&
    typeof node === 'object' &&
    node !== null &&
    (node.path === null || typeof node.path === 'string') &&
    (node.layer === null || Number.isSafeInteger(node.layer)) &&
    (node.line === null || Number.isSafeInteger(node.line))
  );
}

/** `index` among its siblings: of many stages, only the first, the one that ships, is open at first. */
export function nodeRow(uri: string, node: TreeNode, parent: NodeRow | null, index: number): NodeRow {
  const open = parent === null && index === 0;
  return { kind: 'node', uri, node, parent, open, line: node.line, layer: node.layer };
}

const icons = { stage: 'layers', base: 'package', layer: 'circle-small-filled' } as const;

const longestLabel = 20;

/** By the keyword that a line's label begins with. */
const lineIcons: Record<string, string> = { RUN: 'terminal', COPY: 'files', ADD: 'files', WORKDIR: 'folder' };

export function treeItem(row: Row): vscode.TreeItem {
  return row.kind === 'node' ? nodeItem(row) : moreItem(row);
}

function nodeItem(row: NodeRow): vscode.TreeItem {
  const { node } = row;
  const item = new vscode.TreeItem(shortLabel(node), collapsibleState(row));
  item.id = `${row.uri} ${node.id}`;
  item.description = node.description;
  item.tooltip = tooltip(node);
  item.accessibilityInformation = { label: node.accessibleLabel };
  item.contextValue = [
    node.kind,
    node.layer !== null && node.path === null ? 'layer' : '',
    node.line !== null && node.path === null ? 'line' : '',
    node.chainId === null ? '' : 'snapshot',
    node.kind === 'file' && node.change !== null ? node.change : '',
  ].join(' ');
  if (node.kind === 'directory' || node.kind === 'file') {
    item.iconPath = node.kind === 'directory' ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
    if (node.path !== null) item.resourceUri = rowUri(row, node.path);
  } else {
    item.iconPath = new vscode.ThemeIcon(iconOf(node.kind, node.label));
  }
  item.command = clickCommand(row);
  return item;
}

function iconOf(kind: 'stage' | 'base' | 'line' | 'layer', label: string): string {
  if (kind !== 'line') return icons[kind];
  return lineIcons[label.split(' ', 1)[0] ?? ''] ?? icons.layer;
}

function moreItem(row: MoreRow): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('more…'));
  item.id = `${row.uri} ${row.parent?.node.id ?? ''} more`;
  item.description = vscode.l10n.t(
    '{0} of {1} shown',
    row.shown.toLocaleString(vscode.env.language),
    row.total.toLocaleString(vscode.env.language),
  );
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = { command: 'strata.loadMore', title: vscode.l10n.t('Show More'), arguments: [row] };
  return item;
}

/** In a side bar of usual width the size, which comes after it, has to have room. A click shows the whole line. */
function shortLabel({ kind, label }: TreeNode): string {
  const long = (kind === 'line' || kind === 'base') && label.length > longestLabel;
  return long ? `${label.slice(0, longestLabel - 1).trimEnd()}…` : label;
}

function collapsibleState({ node, open }: NodeRow): vscode.TreeItemCollapsibleState {
  if (!node.children) return vscode.TreeItemCollapsibleState.None;
  return open ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
}

/** The server's Markdown carries names from images: links to commands in it stay dead. */
function tooltip(node: TreeNode): vscode.MarkdownString {
  const text = new vscode.MarkdownString(node.tooltip, true);
  text.isTrusted = false;
  text.supportHtml = false;
  return text;
}

function clickCommand(row: NodeRow): vscode.Command | undefined {
  const { node } = row;
  if (node.kind === 'file') {
    const command = node.change === 'modified' ? 'strata.compareFile' : 'strata.openFile';
    return { command, title: vscode.l10n.t('Open File'), arguments: [row] };
  }
  if (node.line === null || node.path !== null) return undefined;
  return { command: 'strata.revealLine', title: vscode.l10n.t('Go to Line'), arguments: [row] };
}

/** Gives the row its file icon, and its badge through `LayerDecorations`. */
function rowUri(row: NodeRow, path: string): vscode.Uri {
  const file = layerFileUri({ uri: row.uri, state: { of: 'image', upTo: row.node.layer ?? 0 }, path });
  return row.node.change === null ? file : file.with({ fragment: row.node.change });
}

const badges = {
  added: { badge: '+', color: 'charts.green' },
  modified: { badge: '±', color: 'charts.yellow' },
  removed: { badge: '−', color: 'charts.red' },
} as const;

/** A sign beside each name: what the layer did to it. The word stands in its tooltip and for screen readers. */
export const layerDecorations: vscode.FileDecorationProvider = {
  provideFileDecoration(uri) {
    if (!(uri.fragment in badges)) return undefined;
    const change = uri.fragment as keyof typeof badges;
    const { badge, color } = badges[change];
    return new vscode.FileDecoration(badge, changeWord(change), new vscode.ThemeColor(color));
  },
};

function changeWord(change: keyof typeof badges): string {
  switch (change) {
    case 'added':
      return vscode.l10n.t('added');
    case 'modified':
      return vscode.l10n.t('modified');
    case 'removed':
      return vscode.l10n.t('removed');
  }
}
