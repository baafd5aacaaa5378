// A bar in the gutter beside each line that makes a layer, as long and as strong as the line's share of the image's own
// bytes. Off unless a person turns it on; the hint beside it says the size in words.
import * as vscode from 'vscode';
import type { LineWeight } from '../../server/src/protocol';
import { isDockerfile } from './activeDockerfile';
import type { LayerServer } from './layerServer';
import { readSettings } from './settings';

const steps = 8;
const settleMs = 200;

export class HeatMap implements vscode.Disposable {
  private readonly server: LayerServer;
  private readonly disposables: vscode.Disposable[];
  /** By step; none until they are wanted. */
  private bars: vscode.TextEditorDecorationType[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(server: LayerServer) {
    this.server = server;
    this.disposables = [
      server.onTreeChanged(() => this.drawSoon()),
      server.onSummary(() => this.drawSoon()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.drawSoon()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('strata.heatMap')) this.drawSoon();
      }),
    ];
  }

  async toggle(): Promise<void> {
    const configuration = vscode.workspace.getConfiguration('strata');
    const target = vscode.ConfigurationTarget.Global;
    await configuration.update('heatMap.enabled', !readSettings().heatMap.enabled, target);
  }

  dispose(): void {
    clearTimeout(this.timer);
    vscode.Disposable.from(...this.disposables, ...this.bars).dispose();
  }

  private drawSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.draw(), settleMs);
  }

  private async draw(): Promise<void> {
    const { enabled } = readSettings().heatMap;
    if (enabled && this.bars.length === 0)
      this.bars = Array.from({ length: steps }, (_, step) => bar(step + 1));
    if (this.bars.length === 0) return;
    for (const editor of vscode.window.visibleTextEditors) {
      if (!isDockerfile(editor.document)) continue;
      const uri = editor.document.uri.toString();
      const weights = enabled ? await this.server.request('strata/lines', { uri }).catch(() => []) : [];
      const lines = linesByStep(weights);
      this.bars.forEach((type, step) => {
        editor.setDecorations(
          type,
          lines[step]!.map((line) => new vscode.Range(line - 1, 0, line - 1, 0)),
        );
      });
    }
  }
}

/** Lines of what a person wrote, by the step of their share; the base image would dwarf them and has its hint. */
function linesByStep(weights: readonly LineWeight[]): number[][] {
  const own = weights.filter(({ kind, shipped }) => kind === 'own' && shipped);
  const most = Math.max(...own.map(({ bytes }) => bytes), 1);
  const lines: number[][] = Array.from({ length: steps }, () => []);
  for (const { line, bytes } of own) {
    if (bytes > 0) lines[Math.max(0, Math.ceil((bytes / most) * steps) - 1)]!.push(line);
  }
  return lines;
}

/** Pictures cannot take theme colours; this orange reads on dark and light alike. */
function bar(step: number): vscode.TextEditorDecorationType {
  const width = Math.round((step / steps) * 14);
  const shape = `<rect x="1" y="5" width="${width}" height="6" rx="1" fill="#d18616" fill-opacity="${0.45 + (0.55 * step) / steps}"/>`;
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16">${shape}</svg>`;
  return vscode.window.createTextEditorDecorationType({
    gutterIconPath: vscode.Uri.parse(`data:image/svg+xml;utf8,${encodeURIComponent(picture)}`, true),
    gutterIconSize: 'contain',
    overviewRulerColor: step > steps / 2 ? '#d18616' : undefined,
    overviewRulerLane: vscode.OverviewRulerLane.Left,
  });
}
