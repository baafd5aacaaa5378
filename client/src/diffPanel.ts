// The diff panel: one webview that shows what changed between two states, retargeted when another diff is asked for,
// brought back after a restart. Answers the page's requests from the server; what the page looks like is client/webview/diff.
import * as vscode from 'vscode';
import type { DiffHead } from '../../server/src/protocol';
import { isShown, isToPanel, type Shown, type ToPage, type ToPanel } from '../webview/diff/messages';
import { showDockerfile } from './activeDockerfile';
import { diffPageHtml } from './diffPage';
import { openDiffReport } from './diffReport';
import { diffTexts } from './diffTexts';
import type { LayerFiles } from './layerFiles';
import type { LayerServer } from './layerServer';
import { openChanges } from './openChanges';
import { compareLayerFile, openLayerFile } from './openLayerFile';
import { readSettings } from './settings';

const viewType = 'strata.diff';
const largestPage = 1000;

export class DiffPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private readonly server: LayerServer;
  private readonly files: LayerFiles;
  private readonly extensionUri: vscode.Uri;
  private readonly disposables: vscode.Disposable[];
  private panel: vscode.WebviewPanel | null = null;
  private shown: Shown | null = null;
  private head: DiffHead | null = null;

  constructor(server: LayerServer, files: LayerFiles, extensionUri: vscode.Uri) {
    this.server = server;
    this.files = files;
    this.extensionUri = extensionUri;
    this.disposables = [
      vscode.window.registerWebviewPanelSerializer(viewType, this),
      server.onTreeChanged(({ uri }) => {
        if (uri === this.shown?.uri) void this.load(false);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('strata.units')) this.sendHead();
      }),
    ];
  }

  /** The diff on show; null when the panel is closed. */
  get current(): (Shown & { title: string }) | null {
    return this.panel && this.shown ? { ...this.shown, title: this.panel.title } : null;
  }

  /** @param place where a panel is made, when there is none yet; beside the text editor in front when it is not given */
  async show(shown: Shown, place?: vscode.ViewColumn): Promise<void> {
    this.shown = shown;
    this.head = null;
    if (this.panel) this.panel.reveal(undefined, false);
    else {
      const beside = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
      const column = place ?? beside;
      this.adopt(
        vscode.window.createWebviewPanel(viewType, vscode.l10n.t('Layer Diff'), column, this.options()),
      );
    }
    await this.load(true);
  }

  /** Called by VS Code with what the page had kept, when a window comes back. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const shown = typeof state === 'object' && state !== null && 'shown' in state ? state.shown : null;
    if (!isShown(shown) || this.panel) {
      panel.dispose();
      return;
    }
    this.shown = shown;
    panel.webview.options = this.options();
    this.adopt(panel);
    await this.load(true);
  }

  dispose(): void {
    this.panel?.dispose();
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private options(): vscode.WebviewOptions & vscode.WebviewPanelOptions {
    return { enableScripts: true, localResourceRoots: [this.resources()], enableFindWidget: false };
  }

  private resources(): vscode.Uri {
    return vscode.Uri.joinPath(this.extensionUri, 'dist', 'webview');
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    // Two files: tabs show pictures, in which currentColor means black.
    const icon = (theme: string) => vscode.Uri.joinPath(this.extensionUri, 'media', `panel-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    const listening = panel.webview.onDidReceiveMessage((message: unknown) => {
      if (isToPanel(message)) void this.receive(message);
    });
    panel.onDidDispose(() => {
      listening.dispose();
      this.panel = null;
      this.shown = null;
      this.head = null;
    });
    panel.webview.html = diffPageHtml(panel.webview, this.resources());
  }

  /** Asks for the head. Unless `anew`, the page is left alone when nothing about the layer changed. */
  private async load(anew: boolean): Promise<void> {
    const shown = this.shown;
    if (!shown) return;
    if (anew) {
      if (this.panel && !this.head) this.panel.title = vscode.l10n.t('Layer Diff');
      this.send({ type: 'loading', shown, texts: diffTexts() });
    }
    try {
      // After a restart no editor may hold the Dockerfile; the server learns of it when it is opened.
      await vscode.workspace.openTextDocument(vscode.Uri.parse(shown.uri, true));
      const head = await this.server.request('strata/diff', shown);
      if (shown !== this.shown) return;
      if (!anew && JSON.stringify(head) === JSON.stringify(this.head)) return;
      this.head = head;
      if (this.panel) this.panel.title = panelTitle(head);
      this.sendHead();
    } catch (error) {
      if (shown !== this.shown) return;
      this.head = null;
      this.send({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  }

  private async receive(message: ToPanel): Promise<void> {
    const shown = this.shown;
    if (!shown) return;
    switch (message.type) {
      case 'ready':
        // The page was made anew (shown again after it was hidden): it has forgotten everything but its state.
        this.send({ type: 'loading', shown, texts: diffTexts() });
        if (this.head) this.sendHead();
        else await this.load(true);
        return;
      case 'retry':
        return this.load(true);
      case 'rows':
        return this.sendRows(shown, message);
      case 'children':
        return this.sendChildren(shown, message);
      case 'map':
        return this.sendMap(shown, message);
      case 'changes':
        if (this.head) await openChanges(this.server, shown, this.head, message.query);
        return;
      case 'swap':
        return this.show({ uri: shown.uri, from: shown.to, to: shown.from });
      case 'line':
        if (this.head?.line) await showDockerfile(vscode.Uri.parse(shown.uri, true), this.head.line);
        return;
      case 'report':
        if (this.head) await openDiffReport(this.server, shown, this.head, message.query);
        return;
      case 'open': {
        const file = { ...shown, path: message.path, about: aboutOf(this.head) };
        const place = { viewColumn: this.otherColumn(), preserveFocus: !message.focus };
        if (message.how === 'compare') await compareLayerFile(this.files, file, place);
        else await openLayerFile(this.files, file, message.how, place);
        return;
      }
    }
  }

  private async sendRows(shown: Shown, message: ToPanel & { type: 'rows' }): Promise<void> {
    const { ask, query, offset } = message;
    await this.answer(shown, async () => {
      const params = { ...shown, ...query, offset, limit: Math.min(message.limit, largestPage) };
      return { type: 'rows', ask, offset, page: await this.server.request('strata/diffPage', params) };
    });
  }

  private async sendChildren(shown: Shown, message: ToPanel & { type: 'children' }): Promise<void> {
    const { ask, query, path } = message;
    const limit = Math.min(message.limit, largestPage);
    await this.answer(shown, async () => {
      const params = { ...shown, ...query, path, offset: 0, limit };
      return { type: 'children', ask, path, page: await this.server.request('strata/diffTree', params) };
    });
  }

  private async sendMap(shown: Shown, { ask, query }: ToPanel & { type: 'map' }): Promise<void> {
    await this.answer(shown, async () => {
      const params = { ...shown, filter: query.filter, kinds: query.kinds, path: query.mapPath };
      return { type: 'map', ask, map: await this.server.request('strata/diffMap', params) };
    });
  }

  /** Sends what was asked for, unless another diff is on show by then. */
  private async answer(shown: Shown, ask: () => Promise<ToPage>): Promise<void> {
    try {
      const message = await ask();
      if (shown === this.shown) this.send(message);
    } catch (error) {
      if (shown === this.shown)
        this.send({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Files open beside the list, not over it. */
  private otherColumn(): vscode.ViewColumn {
    return this.panel?.viewColumn === vscode.ViewColumn.One
      ? vscode.ViewColumn.Beside
      : vscode.ViewColumn.One;
  }

  private sendHead(): void {
    if (!this.head) return;
    const { units } = readSettings();
    this.send({ type: 'head', head: this.head, units, locale: vscode.env.language });
  }

  private send(message: ToPage): void {
    void this.panel?.webview.postMessage(message);
  }
}

function panelTitle(head: DiffHead): string {
  if (head.layer === null) return vscode.l10n.t('{0} ↔ {1}', head.against, head.title);
  return head.line === null
    ? vscode.l10n.t('Layer {0}', String(head.layer + 1))
    : vscode.l10n.t('Layer of Line {0}', String(head.line));
}

/** What the diff is about, inside another title. */
function aboutOf(head: DiffHead | null): string {
  if (!head || head.layer === null) return head?.title ?? '';
  return head.line === null
    ? vscode.l10n.t('layer {0}', String(head.layer + 1))
    : vscode.l10n.t('line {0}', String(head.line));
}
