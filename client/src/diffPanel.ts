// The diff panel: one webview that shows what changed between two states, retargeted when another diff is asked for,
// brought back after a restart. Answers the page's requests from the server; what the page looks like is client/webview/diff.
import * as vscode from 'vscode';
import type { DiffHead } from '../../server/src/protocol';
import {
  isShown,
  isToPanel,
  type Query,
  type Shown,
  type ToPage,
  type ToPanel,
  wholeList,
} from '../webview/diff/messages';
import { showDockerfile } from './activeDockerfile';
import { answerTo, type Question } from './diffAnswers';
import { exportDiff } from './diffExport';
import { diffTexts } from './diffTexts';
import type { LayerFiles } from './layerFiles';
import type { LayerServer } from './layerServer';
import { openChanges } from './openChanges';
import { aboutLayer, compareLayerFile, openLayerFile } from './openLayerFile';
import { readSettings } from './settings';
import { pageHtml, panelIcon, webviewResources } from './webviewPage';

const viewType = 'strata.diff';
const page = { styles: ['codicon.css', 'page.css', 'diff.css'], script: 'diff.js', fonts: true };

export class DiffPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private readonly server: LayerServer;
  private readonly files: LayerFiles;
  private readonly extensionUri: vscode.Uri;
  private readonly disposables: vscode.Disposable[];
  private panel: vscode.WebviewPanel | null = null;
  private shown: Shown | null = null;
  private head: DiffHead | null = null;
  /** What the page asked with last. */
  private query: Query = wholeList;
  /** The query whose answers the page waits for. */
  private asking: { ask: number; source: vscode.CancellationTokenSource } | null = null;

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
    this.setHead(null);
    this.query = wholeList;
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

  /** As text or a file, as a person chooses; the list is as the page has it. Nothing happens while none is on show. */
  async export(): Promise<void> {
    if (this.shown && this.head) await exportDiff(this.server, this.shown, this.head, this.query);
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
    return {
      enableScripts: true,
      localResourceRoots: [webviewResources(this.extensionUri)],
      enableFindWidget: false,
    };
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    panel.iconPath = panelIcon(this.extensionUri);
    const listening = panel.webview.onDidReceiveMessage((message: unknown) => {
      if (isToPanel(message)) void this.receive(message);
    });
    panel.onDidDispose(() => {
      listening.dispose();
      this.panel = null;
      this.shown = null;
      this.setHead(null);
    });
    panel.webview.html = pageHtml(panel.webview, webviewResources(this.extensionUri), page);
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
      this.setHead(head);
      if (this.panel) this.panel.title = panelTitle(head);
      this.sendHead();
    } catch (error) {
      if (shown !== this.shown) return;
      this.setHead(null);
      this.fail(error);
    }
  }

  private async receive(message: ToPanel): Promise<void> {
    const shown = this.shown;
    if (!shown) return;
    if (message.type === 'rows' || message.type === 'children') this.query = message.query;
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
      case 'children':
      case 'map':
        return this.answer(shown, message);
      case 'changes':
        if (this.head) await openChanges(this.server, shown, this.head, message.query);
        return;
      case 'swap':
        return this.show({ uri: shown.uri, from: shown.to, to: shown.from });
      case 'line':
        if (this.head?.line) await showDockerfile(vscode.Uri.parse(shown.uri, true), this.head.line);
        return;
      case 'export':
        this.query = message.query;
        return this.export();
      case 'open': {
        const file = { ...shown, path: message.path, about: aboutOf(this.head) };
        const place = { viewColumn: this.otherColumn(), preserveFocus: !message.focus };
        if (message.how === 'compare') await compareLayerFile(this.files, file, place);
        else await openLayerFile(this.files, file, message.how, place);
        return;
      }
    }
  }

  /** Sends what was asked for, unless another diff is on show by then. */
  private async answer(shown: Shown, question: Question): Promise<void> {
    const token = this.tokenOf(question.ask);
    try {
      const message = await answerTo(question, shown, (method, params) =>
        this.server.request(method, params, token),
      );
      if (shown === this.shown) this.send(message);
    } catch (error) {
      if (shown === this.shown && !token.isCancellationRequested) this.fail(error);
    }
  }

  /** Of the page's query with this number; what the ones before it asked for need not be answered any more. */
  private tokenOf(ask: number): vscode.CancellationToken {
    if (this.asking?.ask !== ask) {
      this.asking?.source.cancel();
      this.asking = { ask, source: new vscode.CancellationTokenSource() };
    }
    return this.asking.source.token;
  }

  /** Files open beside the list, not over it. */
  private otherColumn(): vscode.ViewColumn {
    return this.panel?.viewColumn === vscode.ViewColumn.One
      ? vscode.ViewColumn.Beside
      : vscode.ViewColumn.One;
  }

  private setHead(head: DiffHead | null): void {
    if ((head === null) !== (this.head === null))
      void vscode.commands.executeCommand('setContext', 'strata.diffShown', head !== null);
    this.head = head;
  }

  private sendHead(): void {
    if (!this.head) return;
    const { units } = readSettings();
    this.send({ type: 'head', head: this.head, units, locale: vscode.env.language });
  }

  private fail(error: unknown): void {
    this.send({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
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
  return !head || head.layer === null ? (head?.title ?? '') : aboutLayer(head.layer, head.line);
}
