// What the menu of a row in the layer tree does beside opening it: a file's path, its bytes on disk, the digests of a
// layer, the layer as a folder of a window of its own, two layers against each other.
import * as vscode from 'vscode';
import type { StateRef } from '../../server/src/protocol';
import type { DiffPanel } from './diffPanel';
import { type LayerFiles, layerFileUri } from './layerFiles';
import type { NodeRow, Row } from './layerRow';
import { saveLayerFile } from './saveLayerFile';

export async function copyPath({ node }: NodeRow): Promise<void> {
  if (node.path !== null) await vscode.env.clipboard.writeText(`/${node.path}`);
}

/** The whole digest of a row's layer: what registries, engines and containerd are asked by. */
export async function copyIdentity({ node }: NodeRow, key: 'diffId' | 'chainId'): Promise<void> {
  const digest = node[key];
  if (digest) await vscode.env.clipboard.writeText(digest);
}

export async function saveFile(files: LayerFiles, row: NodeRow): Promise<void> {
  const { path } = row.node;
  if (path !== null) await saveLayerFile(files, { uri: row.uri, state: stateOf(row), path });
}

/** The image after a layer as a read-only folder, in a window of its own. */
export async function openAsFolder(row: NodeRow): Promise<void> {
  const folder = layerFileUri({ uri: row.uri, state: stateOf(row), path: '' });
  await vscode.commands.executeCommand('vscode.openFolder', folder, { forceNewWindow: true });
}

/** Two rows with layers: the lower one is the state before. */
export async function compareRows(panel: DiffPanel, rows: readonly Row[]): Promise<void> {
  const layers = rows.flatMap((row) => (row.kind === 'node' && row.layer !== null ? row.layer : []));
  const [first] = rows;
  if (!first || new Set(layers).size !== 2) {
    const hint = vscode.l10n.t('Select two layers in the tree to compare the image after each.');
    await vscode.window.showInformationMessage(hint);
    return;
  }
  const from: StateRef = { of: 'image', upTo: Math.min(...layers) };
  const to: StateRef = { of: 'image', upTo: Math.max(...layers) };
  await panel.show({ uri: first.uri, from, to });
}

/** A deleted file is as it was below the layer. */
function stateOf({ node }: NodeRow): StateRef {
  const layer = node.layer ?? 0;
  return { of: 'image', upTo: node.change === 'removed' ? layer - 1 : layer };
}
