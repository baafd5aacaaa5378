// 'Show Image as a Picture': what each line of the Dockerfile adds to its image, as one stacked bar, and the last builds as
// a timeline. Follows the Dockerfile it was opened for; drawing is client/webview/image.
import * as vscode from 'vscode';
import { commands } from '../../server/src/protocol';
import {
  type ImageTexts,
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

const page = { styles: ['page.css', 'image.css'], script: 'image.js', fonts: false };

export class ImagePanel implements vscode.Disposable {
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
    else this.adopt();
    await this.send();
  }

  dispose(): void {
    this.panel?.dispose();
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private adopt(): void {
    const column = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const panel = vscode.window.createWebviewPanel('strata.image', vscode.l10n.t('Image'), column, {
      enableScripts: true,
      localResourceRoots: [webviewResources(this.extensionUri)],
    });
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
    const { uri, panel } = this;
    if (uri === null || !panel) return;
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
    const message: ToImagePage = { type: 'picture', picture };
    await panel.webview.postMessage(message);
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
