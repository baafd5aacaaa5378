// 'Show Image as a Picture': what each line of the Dockerfile adds to its image, as one stacked bar, and the last builds as
// a timeline. Follows the Dockerfile it was opened for, and comes back with the window; drawing is client/webview/image.
import * as vscode from 'vscode';
import { commands } from '../../server/src/protocol';
import {
  type ImageTexts,
  isKeptImage,
  isToImagePanel,
  type ToImagePage,
  type ToImagePanel,
} from '../webview/image/messages';
import { showDockerfile } from './activeDockerfile';
import type { DiffPanel } from './diffPanel';
import type { LayerServer } from './layerServer';
import { readSettings } from './settings';
import { shownState } from './shownState';
import { pageHtml, panelIcon, webviewResources } from './webviewPage';

const viewType = 'strata.image';
const page = { styles: ['page.css', 'image.css'], script: 'image.js', fonts: false };

export class ImagePanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private readonly server: LayerServer;
  private readonly diffs: DiffPanel;
  private readonly extensionUri: vscode.Uri;
  private readonly disposables: vscode.Disposable[];
  private panel: vscode.WebviewPanel | null = null;
  private uri: string | null = null;

  constructor(server: LayerServer, diffs: DiffPanel, extensionUri: vscode.Uri) {
    this.server = server;
    this.diffs = diffs;
    this.extensionUri = extensionUri;
    this.disposables = [
      vscode.window.registerWebviewPanelSerializer(viewType, this),
      server.onTreeChanged(({ uri }) => {
        if (uri === this.uri) void this.send();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('strata.units')) void this.send();
      }),
    ];
  }

  async show(uri: string): Promise<void> {
    this.uri = uri;
    if (this.panel) this.panel.reveal(undefined, false);
    else {
      const column = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
      this.adopt(vscode.window.createWebviewPanel(viewType, vscode.l10n.t('Image'), column, this.options()));
    }
    await this.send();
  }

  /** Called by VS Code with what the page had kept, when a window comes back. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    if (!isKeptImage(state) || this.panel) {
      panel.dispose();
      return;
    }
    this.uri = state.uri;
    panel.webview.options = this.options();
    this.adopt(panel);
    await this.send();
  }

  dispose(): void {
    this.panel?.dispose();
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private options(): vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [webviewResources(this.extensionUri)] };
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    panel.iconPath = panelIcon(this.extensionUri);
    panel.webview.onDidReceiveMessage((message: unknown) => {
      if (isToImagePanel(message)) void this.receive(message);
    });
    panel.onDidDispose(() => {
      this.panel = null;
      this.uri = null;
    });
    panel.webview.html = pageHtml(panel.webview, webviewResources(this.extensionUri), page);
  }

  private async receive(message: ToImagePanel): Promise<void> {
    const { uri } = this;
    if (uri === null) return;
    switch (message.type) {
      case 'ready':
      case 'retry':
        return this.send();
      case 'build':
        await vscode.commands.executeCommand(commands.build, uri);
        return;
      case 'line':
        return showDockerfile(vscode.Uri.parse(uri, true), message.line);
      case 'compare': {
        const to = await shownState(this.server, uri);
        if (to) await this.diffs.show({ uri, from: { of: 'build', id: message.id }, to });
        return;
      }
    }
  }

  private async send(): Promise<void> {
    try {
      await this.sendPicture();
    } catch (error) {
      await this.post({
        type: 'failed',
        title: vscode.l10n.t('The image could not be read'),
        message: error instanceof Error ? error.message : String(error),
        retry: vscode.l10n.t('Try Again'),
      });
    }
  }

  private async sendPicture(): Promise<void> {
    const { uri, panel } = this;
    if (uri === null || !panel) return;
    // After a restart no editor may hold the Dockerfile; the server learns of it when it is opened.
    await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true));
    const [weights, all] = await Promise.all([
      this.server.request('strata/lines', { uri }),
      this.server.request('strata/records', { uri }),
    ]);
    if (uri !== this.uri) return;
    const name = vscode.workspace.asRelativePath(vscode.Uri.parse(uri, true));
    panel.title = vscode.l10n.t('Image of {0}', name.slice(name.lastIndexOf('/') + 1));
    const { units } = readSettings();
    // Images for two platforms are not one image that grew; of a build that failed none is known.
    const shown = all.find((record) => record.shown);
    const records = shown
      ? all.filter(({ platform }) => platform === null || platform === shown.platform)
      : all;
    const picture = { name, weights, records, units, locale: vscode.env.language, texts: imageTexts() };
    await this.post({ type: 'picture', uri, picture });
  }

  private async post(message: ToImagePage): Promise<void> {
    await this.panel?.webview.postMessage(message);
  }
}

function imageTexts(): ImageTexts {
  return {
    title: vscode.l10n.t('The image of {0}', '{0}'),
    empty: vscode.l10n.t('Nothing is measured yet: a build shows what each line adds to the image.'),
    build: vscode.l10n.t('Build and Analyze Layers'),
    bar: vscode.l10n.t('The image as one bar, a part for each line. The table below has the same as text.'),
    base: vscode.l10n.t('base'),
    own: vscode.l10n.t('own'),
    wasted: vscode.l10n.t('wasted'),
    wastedHead: vscode.l10n.t('Wasted'),
    line: vscode.l10n.t('Line'),
    lineNumber: vscode.l10n.t('line {0}', '{0}'),
    size: vscode.l10n.t('Size'),
    share: vscode.l10n.t('Share'),
    timeline: vscode.l10n.t('The last builds'),
    when: vscode.l10n.t('When'),
    time: vscode.l10n.t('Time'),
    cached: vscode.l10n.t('Cached'),
    failed: vscode.l10n.t('failed'),
    shown: vscode.l10n.t('shown on the lines'),
    compare: vscode.l10n.t('Compare with the build on show'),
  };
}
