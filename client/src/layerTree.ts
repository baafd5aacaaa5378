// The rows of the Layers view: asked from the server page by page, remembered until the tree changes. Looks are
// layerRow's, the view around it (title, welcome, following the cursor) is layersView's.
import * as vscode from 'vscode';
import type { TreeResult, ViewState } from '../../server/src/protocol';
import type { ActiveDockerfile } from './activeDockerfile';
import type { CommandTarget } from './commandTarget';
import { FirstRows } from './firstRows';
import { type NodeRow, nodeRow, type Row, treeItem } from './layerRow';
import type { LayerServer } from './layerServer';
import { type TreeLook, usualLook } from './treeLook';

const pageSize = 500;
/** What the server answers at once: a folder of which more was shown begins with as much after a change. */
const largestPage = 100_000;

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
  private asked = new vscode.CancellationTokenSource();
  private readonly first = new FirstRows<Row>(() => this.changes.fire(undefined));

  readonly onDidChangeTreeData = this.changes.event;
  /** What the server said with the roots. */
  readonly onDidChangeState = this.states.event;

  constructor(server: LayerServer, dockerfile: ActiveDockerfile) {
    this.server = server;
    this.dockerfile = dockerfile;
  }

  dispose(): void {
    vscode.Disposable.from(this.changes, this.states, this.asked).dispose();
  }

  get look(): TreeLook {
    return this.current;
  }

  /** Shows other files, or in another order. */
  setLook(look: TreeLook): void {
    this.current = look;
    // What was asked of the look before is not waited for any more.
    this.asked.cancel();
    this.asked = new vscode.CancellationTokenSource();
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
    const shown = this.children.get(key);
    if (shown) this.keep(key, this.loadBehind(parent, shown));
    this.changes.fire(parent ?? undefined);
  }

  getTreeItem(row: Row): vscode.TreeItem {
    return treeItem(row);
  }

  getParent(row: Row): NodeRow | null {
    return row.parent;
  }

  getChildren(row?: Row): Promise<Row[]> {
    const rows = this.rowsBelow(row);
    return row ? rows : this.first.of(this.dockerfile.uri, () => this.dockerfile.uri, rows);
  }

  private rowsBelow(row?: Row): Promise<Row[]> {
    if (row?.kind === 'more') return Promise.resolve([]);
    const parent = row ?? null;
    const key = keyOf(parent);
    const known = this.children.get(key);
    if (known) return known;
    return this.keep(key, this.load(parent));
  }

  private keep(key: string, loaded: Promise<Row[]>): Promise<Row[]> {
    const { children } = this;
    children.set(key, loaded);
    loaded.catch(() => children.delete(key));
    return loaded;
  }

  /** The row of a layer, else of a line; null when the tree has none. */
  async find({ line, layer }: Pick<CommandTarget, 'line' | 'layer'>): Promise<NodeRow | null> {
    const matches = ({ node }: NodeRow) => (layer === null ? node.line === line : node.layer === layer);
    const nodes = (rows: Row[]) => rows.filter((row): row is NodeRow => row.kind === 'node');
    const roots = nodes(await this.rowsBelow());
    for (const root of roots) {
      if (root.node.kind !== 'stage' || !root.node.children) continue;
      const found = nodes(await this.rowsBelow(root)).find(matches);
      if (found) return found;
    }
    return roots.find(matches) ?? null;
  }

  private async load(parent: NodeRow | null): Promise<Row[]> {
    const uri = this.dockerfile.uri;
    if (uri === null) return [];
    const { token } = this.asked;
    let answer: TreeResult;
    try {
      const limit = this.limits.get(keyOf(parent)) ?? pageSize;
      answer = await this.ask(uri, parent, 0, Math.min(limit, largestPage));
    } catch (error) {
      // A server that was given up has a welcome text of its own; there is nothing to show beside it. Rows of another look
      // are on their way already.
      if (this.server.failed || token.isCancellationRequested) return [];
      throw error;
    }
    if (!parent) this.states.fire({ state: answer.state, rows: answer.nodes.length });
    return rowsOf(uri, parent, [], answer);
  }

  /** The rows that are shown, and a page behind them. */
  private async loadBehind(parent: NodeRow | null, shown: Promise<Row[]>): Promise<Row[]> {
    const before = (await shown).filter(({ kind }) => kind === 'node');
    const uri = this.dockerfile.uri;
    if (uri === null) return [];
    return rowsOf(uri, parent, before, await this.ask(uri, parent, before.length, pageSize));
  }

  private ask(uri: string, parent: NodeRow | null, offset: number, limit: number): Promise<TreeResult> {
    const node = parent?.node.id ?? null;
    const params = { uri, node, offset, limit, ...this.current };
    return this.server.request('strata/tree', params, this.asked.token);
  }
}

/** @param before rows that are shown already */
function rowsOf(uri: string, parent: NodeRow | null, before: readonly Row[], answer: TreeResult): Row[] {
  const rows = [...before, ...answer.nodes.map((node, at) => nodeRow(uri, node, parent, before.length + at))];
  if (answer.nodes.length > 0 && rows.length < answer.total)
    rows.push({ kind: 'more', uri, parent, shown: rows.length, total: answer.total });
  return rows;
}

function keyOf(parent: NodeRow | null): string {
  return parent?.node.id ?? '';
}
