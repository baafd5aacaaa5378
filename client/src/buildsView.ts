// The Builds view: the recorded builds of the Dockerfile in front, newest first, each with its size against the one before,
// its time and its share of cached steps. Two selected are compared.
import * as vscode from 'vscode';
import type { RecordView, StateRef } from '../../server/src/protocol';
import type { ActiveDockerfile } from './activeDockerfile';
import type { DiffPanel } from './diffPanel';
import { FirstRows } from './firstRows';
import type { LayerServer } from './layerServer';
import { readSettings } from './settings';
import { shownState } from './shownState';
import { durationText, sizeText, whenText } from './sizes';

export interface BuildRow {
  uri: string;
  record: RecordView;
  /** Bytes of the image of the build before; null when unknown. */
  before: number | null;
  /** Longest of the builds shown, ms: what bars are drawn against. */
  longestMs: number;
  /** Others are for another platform. */
  isOneOfSeveral: boolean;
}

export class BuildsView implements vscode.TreeDataProvider<BuildRow>, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<BuildRow | undefined>();
  private readonly view: vscode.TreeView<BuildRow>;
  private readonly server: LayerServer;
  private readonly dockerfile: ActiveDockerfile;
  private readonly disposables: vscode.Disposable[];
  private shownUri: string | null = null;
  private readonly first = new FirstRows<BuildRow>(() => this.changes.fire(undefined));

  readonly onDidChangeTreeData = this.changes.event;

  constructor(server: LayerServer, dockerfile: ActiveDockerfile) {
    this.server = server;
    this.dockerfile = dockerfile;
    this.view = vscode.window.createTreeView('strata.builds', {
      treeDataProvider: this,
      canSelectMany: true,
    });
    this.disposables = [
      this.changes,
      this.view,
      dockerfile.onDidChange(() => {
        if (dockerfile.uri === this.shownUri) return;
        this.shownUri = dockerfile.uri;
        this.changes.fire(undefined);
      }),
      // A record is kept when a build ends, and again when its image has been measured. Not at each keystroke, as summaries
      // come: for its records the server reads files.
      server.onTreeChanged(({ uri }) => {
        if (uri === dockerfile.uri) this.changes.fire(undefined);
      }),
    ];
  }

  async getChildren(row?: BuildRow): Promise<BuildRow[]> {
    const { uri } = this.dockerfile;
    if (row || uri === null) return [];
    return this.first.of(uri, () => this.dockerfile.uri, this.load(uri));
  }

  private async load(uri: string): Promise<BuildRow[]> {
    try {
      const records = await this.server.request('strata/records', { uri });
      if (uri === this.dockerfile.uri) this.view.message = undefined;
      const longestMs = Math.max(1, ...records.map(({ durationMs }) => durationMs));
      const isOneOfSeveral = new Set(records.flatMap(({ platform }) => platform ?? [])).size > 1;
      return records.map((record, at) => {
        const earlier = records
          .slice(at + 1)
          .find(({ imageBytes, platform }) => imageBytes !== null && platform === record.platform);
        return { uri, record, before: earlier?.imageBytes ?? null, longestMs, isOneOfSeveral };
      });
    } catch (error) {
      // A server that was given up has a text of its own in the Layers view.
      if (uri === this.dockerfile.uri && !this.server.failed) {
        this.view.message = error instanceof Error ? error.message : String(error);
      }
      return [];
    }
  }

  getTreeItem({ uri, record, before, longestMs, isOneOfSeveral }: BuildRow): vscode.TreeItem {
    const item = new vscode.TreeItem(whenText(record.started, vscode.env.language));
    item.id = `${uri} ${record.id}`;
    const { units } = readSettings();
    const { outcome, imageBytes, cachedSteps, cacheableSteps, durationMs } = record;
    const size = imageBytes === null ? '' : `${sizeText(imageBytes, units)}${changeText(imageBytes, before)}`;
    const cached = cacheableSteps
      ? vscode.l10n.t('{0} of {1} cached', String(cachedSteps ?? 0), String(cacheableSteps))
      : '';
    const failed = outcome === 'built' ? '' : vscode.l10n.t('failed');
    const platform = isOneOfSeveral ? record.platform : null;
    item.description = [bar(durationMs / longestMs), durationText(durationMs), platform, size, cached, failed]
      .filter(Boolean)
      .join(' · ');
    item.iconPath = new vscode.ThemeIcon(
      record.shown ? 'pass-filled' : outcome === 'built' ? 'pass' : 'error',
    );
    item.tooltip = [
      record.builder,
      record.shown ? vscode.l10n.t('shown on the lines') : '',
      record.note ?? '',
    ]
      .filter(Boolean)
      .join('\n');
    item.accessibilityInformation = {
      label: [item.label, durationText(durationMs), platform, size, cached, failed]
        .filter(Boolean)
        .join(', '),
    };
    item.contextValue = record.comparable ? 'build comparable' : 'build';
    return item;
  }

  /** Two selected builds, or one against the build on show; the older one is the state before. */
  async compare(panel: DiffPanel, row: BuildRow | undefined): Promise<void> {
    const given = typeof row?.record?.started === 'string' ? [row] : [];
    const selected = this.view.selection.length > 1 ? [...this.view.selection] : given;
    const [first, second] = selected.sort((a, b) => a.record.started.localeCompare(b.record.started));
    if (!first || selected.some(({ record }) => !record.comparable)) {
      const gone = vscode.l10n.t('The files of that build are not known any more.');
      await vscode.window.showInformationMessage(gone);
      return;
    }
    const to = second ? stateOf(second) : await shownState(this.server, first.uri);
    if (to) await panel.show({ uri: first.uri, from: stateOf(first), to });
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }
}

function stateOf({ record }: BuildRow): StateRef {
  return { of: 'build', id: record.id };
}

/** A bar of eight steps: how long a build took beside the others. */
function bar(share: number): string {
  const eighths = Math.max(1, Math.round(share * 8));
  return '▏▎▍▌▋▊▉█'[eighths - 1] ?? '█';
}

function changeText(now: number, before: number | null): string {
  if (before === null || before === now) return '';
  const { units } = readSettings();
  return ` ${now < before ? '↓' : '↑'}${sizeText(Math.abs(now - before), units)}`;
}
