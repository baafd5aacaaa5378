// The Images view: what the local images share, as the tree of snapshots that an engine stores (a snapshot is a layer with
// all below it; images that stand on the same one have it once), and above them what the stages of the workspace's
// Dockerfiles would share. Each is listed when it is opened, and on refresh.
import * as vscode from 'vscode';
import type { ImagesResult, SnapshotView, StagesResult } from '../../server/src/protocol';
import type { ActiveDockerfile } from './activeDockerfile';
import type { LayerServer } from './layerServer';
import { readSettings } from './settings';
import { sizeText } from './sizes';
import {
  below,
  type DockerfilesRow,
  dockerfilesItem,
  dockerfilesRow,
  type SharedRow,
  sharedItem,
  sharedRows,
  type ToldRow,
  toldItem,
} from './stageRows';

interface SnapshotRow {
  kind: 'snapshot';
  snapshot: SnapshotView;
}

export type ImagesRow = SnapshotRow | DockerfilesRow | SharedRow | ToldRow;

export class ImagesView implements vscode.TreeDataProvider<ImagesRow>, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<ImagesRow | undefined>();
  private readonly view: vscode.TreeView<ImagesRow>;
  private readonly server: LayerServer;
  private readonly dockerfile: ActiveDockerfile;
  private asked: Promise<ImagesResult> | null = null;
  /** Null while the engines are asked. */
  private images: ImagesResult | null = null;
  private askedStages: Promise<StagesResult> | null = null;

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
    this.images = null;
    this.askedStages = null;
    this.changes.fire(undefined);
  }

  async getChildren(parent?: ImagesRow): Promise<ImagesRow[]> {
    switch (parent?.kind) {
      case undefined:
        return [dockerfilesRow, ...this.snapshots(null)];
      case 'snapshot':
        return this.snapshots(parent.snapshot.chainId);
      case 'dockerfiles':
        return this.stages();
      case 'shared':
        return below(parent.row.children, parent.id);
      case 'told':
        return [];
    }
  }

  /** The engines may take long to answer, or to refuse: the row of the Dockerfiles is there at once. */
  private snapshots(parent: string | null): (SnapshotRow | ToldRow)[] {
    if (!this.asked) this.ask();
    if (this.images === null) {
      if (parent === null) this.view.message = undefined;
      const text = vscode.l10n.t('Asking the container engines…');
      return parent === null ? [{ kind: 'told', text, icon: 'loading~spin' }] : [];
    }
    if (parent === null) this.view.message = messageOf(this.images);
    const found = this.images.snapshots.filter((one) => one.parent === parent);
    return found.map((snapshot) => ({ kind: 'snapshot', snapshot }));
  }

  private ask(): void {
    const asked = this.server.request('strata/images', { uri: this.dockerfile.uri });
    this.asked = asked;
    const show = (images: ImagesResult) => {
      if (this.asked !== asked) return;
      this.images = images;
      this.changes.fire(undefined);
    };
    asked.then(show, (error) => {
      const why = error instanceof Error ? error.message : String(error);
      show({ snapshots: [], storedBytes: null, apartBytes: null, why });
    });
  }

  private async stages(): Promise<(SharedRow | ToldRow)[]> {
    this.askedStages ??= this.server.request('strata/stages', { uri: this.dockerfile.uri });
    try {
      return sharedRows(await this.askedStages);
    } catch (error) {
      this.askedStages = null;
      return [{ kind: 'told', text: error instanceof Error ? error.message : String(error), icon: 'error' }];
    }
  }

  getTreeItem(row: ImagesRow): vscode.TreeItem {
    switch (row.kind) {
      case 'snapshot':
        return snapshotItem(row.snapshot);
      case 'dockerfiles':
        return dockerfilesItem();
      case 'shared':
        return sharedItem(row);
      case 'told':
        return toldItem(row);
    }
  }

  dispose(): void {
    vscode.Disposable.from(this.changes, this.view).dispose();
  }
}

function snapshotItem(snapshot: SnapshotView): vscode.TreeItem {
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
