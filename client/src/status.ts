// The status bar item: the image's size and its change while a Dockerfile is in front, the build's progress while it
// runs. Shows what the server last told; asks nothing.
import * as vscode from 'vscode';
import { type BuildProgressView, commands, type SummaryView } from '../../server/src/protocol';
import type { ActiveDockerfile } from './activeDockerfile';
import type { LayerServer } from './layerServer';
import { readSettings } from './settings';
import { clockText, sizeText, type Units } from './sizes';

interface Running {
  view: BuildProgressView;
  /** When `view` arrived, to let the clock run between two of them. */
  received: number;
}

export class Status implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly summaries = new Map<string, SummaryView>();
  private readonly running = new Map<string, Running>();
  private readonly dockerfile: ActiveDockerfile;
  private readonly disposables: vscode.Disposable[];
  private clock: NodeJS.Timeout | undefined;

  constructor(server: LayerServer, dockerfile: ActiveDockerfile) {
    this.dockerfile = dockerfile;
    this.item = vscode.window.createStatusBarItem('strata.status', vscode.StatusBarAlignment.Left, 40);
    this.item.name = 'Strata';
    this.item.command = commands.showTree;
    this.disposables = [
      this.item,
      dockerfile.onDidChange(() => this.render()),
      server.onSummary((summary) => {
        this.summaries.set(summary.uri, summary);
        this.render();
      }),
      server.onBuildProgress((view) => {
        if (view.running) this.running.set(view.uri, { view, received: Date.now() });
        else this.running.delete(view.uri);
        this.render();
      }),
      server.onDidChangeRunning(() => {
        this.running.clear(); // a build ends with its server
        this.render();
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.summaries.delete(uri.toString())),
    ];
  }

  summary(uri: string): SummaryView | undefined {
    return this.summaries.get(uri);
  }

  /** What is on the screen; null when the item is hidden. */
  get text(): string | null {
    return this.dockerfile.editor ? this.item.text : null;
  }

  dispose(): void {
    clearInterval(this.clock);
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private render(): void {
    const { uri, editor } = this.dockerfile;
    const running = uri === null ? undefined : this.running.get(uri);
    this.setClock(running !== undefined && editor !== null);
    const summary = uri === null ? undefined : this.summaries.get(uri);
    if (!editor || (!running && !summary)) {
      this.item.hide();
      return;
    }
    if (running) this.renderRunning(running);
    else if (summary) this.renderSummary(summary, readSettings().units);
    this.item.show();
  }

  private renderRunning({ view, received }: Running): void {
    const time = clockText(view.elapsedMs + Date.now() - received);
    const steps = view.total > 0 ? `${view.done}/${view.total} · ` : '';
    this.item.text = `$(sync~spin) ${steps}${time}`;
    this.item.tooltip = vscode.l10n.t('Building: {0}', view.label);
    this.item.accessibilityInformation = {
      label: vscode.l10n.t('Strata: building, step {0} of {1}', String(view.done), String(view.total)),
    };
  }

  private renderSummary(summary: SummaryView, units: Units): void {
    const parts = [summary.imageBytes === null ? stateText(summary) : sizeText(summary.imageBytes, units)];
    if (summary.changeBytes) {
      parts.push(`${summary.changeBytes < 0 ? '↓' : '↑'}${sizeText(Math.abs(summary.changeBytes), units)}`);
    }
    this.item.text = `$(layers) ${parts.join(' ')}`;
    const lines = summaryLines(summary, units);
    this.item.tooltip = lines.join('\n');
    this.item.accessibilityInformation = { label: `Strata: ${lines.join(', ')}` };
  }

  private setClock(on: boolean): void {
    if (on && !this.clock) this.clock = setInterval(() => this.render(), 1000);
    if (!on) {
      clearInterval(this.clock);
      this.clock = undefined;
    }
  }
}

function stateText(summary: SummaryView): string {
  switch (summary.state) {
    case 'untrusted':
      return vscode.l10n.t('restricted');
    case 'building':
      return vscode.l10n.t('building');
    case 'reading':
      return vscode.l10n.t('reading layers');
    case 'neverBuilt':
    case 'notDockerfile':
    case 'noLayers':
    case 'ready':
      return vscode.l10n.t('not built');
  }
}

function summaryLines(summary: SummaryView, units: Units): string[] {
  const lines: string[] = [];
  const { imageBytes, changeBytes, wastedBytes, cachedSteps, cacheableSteps, layers, platform } = summary;
  if (imageBytes === null) lines.push(stateText(summary));
  else {
    const size = sizeText(imageBytes, units);
    lines.push(
      layers === null
        ? vscode.l10n.t('Image {0}', size)
        : vscode.l10n.t('Image {0}, layers: {1}', size, String(layers)),
    );
  }
  if (platform !== null) lines.push(vscode.l10n.t('Platform {0}, of several', platform));
  if (changeBytes) {
    const size = sizeText(Math.abs(changeBytes), units);
    lines.push(
      changeBytes < 0
        ? vscode.l10n.t('{0} less than the build before', size)
        : vscode.l10n.t('{0} more than the build before', size),
    );
  }
  if (wastedBytes) lines.push(vscode.l10n.t('{0} wasted', sizeText(wastedBytes, units)));
  if (cacheableSteps && cachedSteps !== null) {
    lines.push(vscode.l10n.t('{0} of {1} cached', String(cachedSteps), String(cacheableSteps)));
  }
  if (summary.next) lines.push(summary.next);
  if (summary.basis) lines.push(summary.basis);
  if (summary.note) lines.push(summary.note);
  return lines;
}
