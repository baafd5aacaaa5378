// The Images view: what the local images share, as the tree of snapshots that an engine stores. A snapshot is a layer with
// all below it; images that stand on the same one have it once. Listed when the view is opened, and on refresh.
import * as vscode from 'vscode';
import type { ImagesResult, SnapshotView } from '../../server/src/protocol';
import type { ActiveDockerfile } from './activeDockerfile';
import type { LayerServer } from './layerServer';
import { readSettings } from './settings';
import { sizeText } from './sizes';

export class ImagesView implements vscode.TreeDataProvider<SnapshotView>, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<SnapshotView | undefined>();
  private readonly view: vscode.TreeView<SnapshotView>;
  private readonly server: LayerServer;
  private readonly dockerfile: ActiveDockerfile;
  private asked: Promise<ImagesResult> | null = null;

  readonly onDidChangeTreeData = this.changes.event;

  constructor(server: LayerServer, dockerfile: ActiveDockerfile) {
    this.server = server;
    this.dockerfile = dockerfile;
    this.view = vscode.window.createTreeView('strata.images', {
      treeDataProvider: this,
      showCollapseAll: true,
    });
  }

  refresh(): void {
    this.asked = null;
    this.changes.fire(undefined);
  }

  async getChildren(parent?: SnapshotView): Promise<SnapshotView[]> {
    this.asked ??= this.server.request('strata/images', { uri: this.dockerfile.uri });
    try {
      const result = await this.asked;
      if (!parent) this.view.message = messageOf(result);
      return result.snapshots.filter((one) => one.parent === (parent?.chainId ?? null));
    } catch (error) {
      this.asked = null;
      this.view.message = error instanceof Error ? error.message : String(error);
      return [];
    }
  }

  getTreeItem(snapshot: SnapshotView): vscode.TreeItem {
    const { tops, images, bytes, chainId, ofThisImage } = snapshot;
    const label = tops.length > 0 ? tops.join(', ') : vscode.l10n.t('layer {0}', short(chainId));
    const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
    item.id = chainId;
    const size = bytes === null ? '' : sizeText(bytes, readSettings().units);
    const count = images.length > 1 ? vscode.l10n.t('in {0} images', String(images.length)) : '';
    item.description = [size, count, ofThisImage ? vscode.l10n.t('last build') : '']
      .filter(Boolean)
      .join(' · ');
    item.iconPath = new vscode.ThemeIcon(tops.length > 0 ? 'package' : 'circle-small-filled');
    item.tooltip = tooltip(snapshot, size);
    item.accessibilityInformation = { label: [label, item.description].filter(Boolean).join(', ') };
    item.contextValue = tops.length > 0 ? 'image' : 'snapshot';
    return item;
  }

  dispose(): void {
    vscode.Disposable.from(this.changes, this.view).dispose();
  }
}

function short(chainId: string): string {
  return chainId.slice('sha256:'.length, 'sha256:'.length + 12);
}

/** `1.2 GB stored; sharing saves 3.4 GB`; why there is nothing. */
function messageOf({ why, storedBytes, apartBytes }: ImagesResult): string | undefined {
  if (why !== '') return why;
  if (storedBytes === null || apartBytes === null) return undefined;
  const { units } = readSettings();
  return vscode.l10n.t(
    '{0} stored; sharing layers saves {1}.',
    sizeText(storedBytes, units),
    sizeText(apartBytes - storedBytes, units),
  );
}

/** Plain text: names of images are anybody's. */
function tooltip({ chainId, diffId, bytes, images }: SnapshotView, size: string): string {
  const saved = bytes === null || images.length < 2 ? null : bytes * (images.length - 1);
  return [
    vscode.l10n.t('Snapshot (ChainID) {0}', chainId),
    vscode.l10n.t('Layer (DiffID) {0}', diffId),
    size === '' ? vscode.l10n.t('Size not known: its files were never read.') : size,
    images.length > 1 ? vscode.l10n.t('Shared by {0}', images.slice(0, 12).join(', ')) : '',
    saved === null ? '' : vscode.l10n.t('Sharing it saves {0}.', sizeText(saved, readSettings().units)),
  ]
    .filter(Boolean)
    .join('\n');
}
