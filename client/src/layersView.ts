// The Layers view around its rows: its title and message, the context keys that choose the welcome text and enable
// commands, revealing a line, following the cursor.
import * as vscode from 'vscode';
import type { ViewState } from '../../server/src/protocol';
import type { ActiveDockerfile } from './activeDockerfile';
import type { Builds } from './builds';
import type { CommandTarget } from './commandTarget';
import { layerDecorations, type Row } from './layerRow';
import type { LayerServer } from './layerServer';
import { LayerTree } from './layerTree';
import { readSettings } from './settings';
import { askFilter, lookMessage, pickView, type TreeLook } from './treeLook';

/** Values of the context key `strata.view`, each with a welcome text in package.json. */
type Welcome = ViewState | 'noDockerfile' | 'serverFailed' | 'noBuilder';

/** Trees change in bursts (a build's steps, a person's typing): one request for each pause. */
const settleMs = 150;

export class LayersView implements vscode.Disposable {
  readonly tree: LayerTree;
  private readonly view: vscode.TreeView<Row>;
  private readonly server: LayerServer;
  private readonly dockerfile: ActiveDockerfile;
  private readonly builds: Builds;
  private readonly disposables: vscode.Disposable[];
  private readonly keys = new Map<string, unknown>();
  private state: ViewState | null = null;
  private rows = 0;
  private noBuilder = false;
  private severalPlatforms = false;
  private shownUri: string | null = null;
  private timer: NodeJS.Timeout | undefined;
  private cursorTimer: NodeJS.Timeout | undefined;

  constructor(server: LayerServer, dockerfile: ActiveDockerfile, builds: Builds) {
    this.server = server;
    this.dockerfile = dockerfile;
    this.builds = builds;
    this.tree = new LayerTree(server, dockerfile);
    this.view = vscode.window.createTreeView('strata.layers', {
      treeDataProvider: this.tree,
      showCollapseAll: true,
      canSelectMany: true,
    });
    this.disposables = [
      this.tree,
      this.view,
      vscode.window.registerFileDecorationProvider(layerDecorations),
      this.tree.onDidChangeState(({ state, rows }) => {
        this.state = state;
        this.rows = rows;
        this.render();
      }),
      dockerfile.onDidChange(() => this.follow()),
      server.onTreeChanged(({ uri }) => {
        if (uri === dockerfile.uri) this.refreshSoon();
      }),
      server.onSummary((summary) => {
        if (summary.uri !== dockerfile.uri) return;
        this.state = summary.state;
        this.severalPlatforms = summary.platform !== null;
        this.render();
      }),
      server.onDidChangeRunning(() => this.refreshSoon()),
      builds.onDidChange(() => this.render()),
      builds.onDidLearnNoBuilder((none) => {
        this.noBuilder = none;
        this.render();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.refreshSoon()),
      vscode.window.onDidChangeTextEditorSelection((event) => this.followCursor(event.textEditor)),
    ];
    this.follow();
  }

  /** Which welcome text shows when there are no rows. */
  get welcome(): Welcome {
    if (this.dockerfile.uri === null) return 'noDockerfile';
    if (this.server.failed) return 'serverFailed';
    if (this.noBuilder && this.state === 'neverBuilt') return 'noBuilder';
    return this.state ?? 'reading';
  }

  get message(): string | undefined {
    return this.view.message;
  }

  /** Rows that a person selected. */
  get selection(): readonly Row[] {
    return this.view.selection;
  }

  async chooseView(): Promise<void> {
    const view = await pickView(this.tree.look.view);
    if (view) this.look({ ...this.tree.look, view });
  }

  sortBy(sort: TreeLook['sort']): void {
    this.look({ ...this.tree.look, sort });
  }

  async filter(): Promise<void> {
    const filter = await askFilter(this.tree.look.filter);
    if (filter !== null) this.look({ ...this.tree.look, filter });
  }

  clearFilter(): void {
    this.look({ ...this.tree.look, filter: '' });
  }

  /** Opens the view and selects the row of the layer, or of the line. */
  async show(target: CommandTarget): Promise<void> {
    await vscode.commands.executeCommand('strata.layers.focus');
    if (target.line !== null || target.layer !== null) await this.reveal(target, true);
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.cursorTimer);
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private look(look: TreeLook): void {
    this.tree.setLook(look);
    this.render();
  }

  private async reveal(target: Pick<CommandTarget, 'line' | 'layer'>, focus: boolean): Promise<void> {
    const row = await this.tree.find(target).catch(() => null);
    if (row) await this.view.reveal(row, { select: true, focus });
  }

  private follow(): void {
    if (this.dockerfile.uri !== this.shownUri) {
      this.shownUri = this.dockerfile.uri;
      this.state = null;
      this.severalPlatforms = false;
      this.rows = 0;
      this.tree.refresh();
    }
    this.render();
  }

  private refreshSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.tree.refresh();
      this.render();
    }, settleMs);
  }

  private followCursor(editor: vscode.TextEditor): void {
    if (editor !== this.dockerfile.editor || !this.view.visible || !readSettings().tree.followCursor) return;
    clearTimeout(this.cursorTimer);
    const line = editor.selection.active.line + 1;
    this.cursorTimer = setTimeout(() => void this.reveal({ line, layer: null }, false), settleMs);
  }

  private render(): void {
    const { document, uri } = this.dockerfile;
    this.view.description = document ? vscode.workspace.asRelativePath(document.uri) : undefined;
    this.view.message =
      this.rows > 0 ? (stateMessage(this.welcome) ?? lookMessage(this.tree.look)) : undefined;
    this.setKey('strata.view', this.welcome);
    this.setKey('strata.dockerfile', uri !== null);
    this.setKey('strata.building', this.builds.isRunning(uri));
    this.setKey('strata.hasLayers', this.state === 'ready');
    this.setKey('strata.severalPlatforms', this.severalPlatforms);
    this.setKey('strata.treeSort', this.tree.look.sort);
    this.setKey('strata.treeFiltered', this.tree.look.filter !== '');
  }

  private setKey(key: string, value: unknown): void {
    if (this.keys.get(key) === value) return;
    this.keys.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}

/** Above rows that are not measured, why they are not. */
function stateMessage(state: Welcome): string | undefined {
  switch (state) {
    case 'neverBuilt':
      return vscode.l10n.t('Not built yet: a build measures these layers.');
    case 'untrusted':
      return vscode.l10n.t('Restricted Mode: forecasts only, no builds.');
    case 'reading':
      return vscode.l10n.t('Reading the image’s layers.');
    case 'noBuilder':
      return vscode.l10n.t('No builder can be used: forecasts only.');
    default:
      return undefined;
  }
}
