// The rows of the Layers view: asked from the server page by page, remembered until the tree changes. Looks are
// layerRow's, the view around it (title, welcome, following the cursor) is layersView's.
import * as vscode from 'vscode';
import type { TreeResult, ViewState } from '../../server/src/protocol';
import type { ActiveDockerfile } from './activeDockerfile';
import type { CommandTarget } from './commandTarget';
import { type NodeRow, nodeRow, type Row, treeItem } from './layerRow';
import type { LayerServer } from './layerServer';
import { type TreeLook, usualLook } from './treeLook';

const pageSize = 500;

export class LayerTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<Row | undefined>();
  private readonly states = new vscode.EventEmitter<{ state: ViewState; rows: number }>();
  /** Rows by node id, as the view holds them; the key of the roots is the empty string. */
  private children = new Map<string, Promise<Row[]>>();
  /** How much of a folder is shown, when a person asked for more than the first page. */
  private readonly limits = new Map<string, number>();
  private readonly server: LayerServer;
  private readonly dockerfile: ActiveDockerfile;
  private current: TreeLook = usualLook;

  readonly onDidChangeTreeData = this.changes.event;
  /** What the server said with the roots. */
  readonly onDidChangeState = this.states.event;

  constructor(server: LayerServer, dockerfile: ActiveDockerfile) {
    this.server = server;
    this.dockerfile = dockerfile;
  }

  dispose(): void {
    vscode.Disposable.from(this.changes, this.states).dispose();
  }

  get look(): TreeLook {
    return this.current;
  }

  /** Shows other files, or in another order. */
  setLook(look: TreeLook): void {
    this.current = look;
    this.limits.clear();
    this.refresh();
  }

  refresh(): void {
    this.children = new Map();
    this.changes.fire(undefined);
  }

  /** Another page of a folder. */
  loadMore(parent: NodeRow | null): void {
    const key = keyOf(parent);
    this.limits.set(key, (this.limits.get(key) ?? pageSize) + pageSize);
    this.children.delete(key);
    this.changes.fire(parent ?? undefined);
  }

  getTreeItem(row: Row): vscode.TreeItem {
    return treeItem(row);
  }

  getParent(row: Row): NodeRow | null {
    return row.parent;
  }

  getChildren(row?: Row): Promise<Row[]> {
    if (row?.kind === 'more') return Promise.resolve([]);
    const parent = row ?? null;
    const key = keyOf(parent);
    const known = this.children.get(key);
    if (known) return known;
    const loaded = this.load(parent);
    this.children.set(key, loaded);
    loaded.catch(() => this.children.delete(key));
    return loaded;
  }

  /** The row of a layer, else of a line; null when the tree has none. */
  async find({ line, layer }: Pick<CommandTarget, 'line' | 'layer'>): Promise<NodeRow | null> {
    const matches = ({ node }: NodeRow) => (layer === null ? node.line === line : node.layer === layer);
    const nodes = (rows: Row[]) => rows.filter((row): row is NodeRow => row.kind === 'node');
    const roots = nodes(await this.getChildren());
    for (const root of roots) {
      if (root.node.kind !== 'stage' || !root.node.children) continue;
      const found = nodes(await this.getChildren(root)).find(matches);
      if (found) return found;
    }
    return roots.find(matches) ?? null;
  }

  private async load(parent: NodeRow | null): Promise<Row[]> {
    const uri = this.dockerfile.uri;
    if (uri === null) return [];
    const limit = this.limits.get(keyOf(parent)) ?? pageSize;
    let answer: TreeResult;
    try {
      answer = await this.server.request('strata/tree', {
        uri,
        node: parent?.node.id ?? null,
        offset: 0,
        limit,
        ...this.current,
      });
    } catch (error) {
      // A server that was given up has a welcome text of its own; there is nothing to show beside it.
      if (this.server.failed) return [];
      throw error;
    }
    if (!parent) this.states.fire({ state: answer.state, rows: answer.nodes.length });
    const rows: Row[] = answer.nodes.map((node, index) => nodeRow(uri, node, parent, index));
    if (rows.length < answer.total)
      rows.push({ kind: 'more', uri, parent, shown: rows.length, total: answer.total });
    return rows;
  }
}

function keyOf(parent: NodeRow | null): string {
  return parent?.node.id ?? '';
}
