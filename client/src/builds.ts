// Runs builds that a person asks for: saves first, shows progress with a cancel button, tells how it ended. One build
// per Dockerfile at a time; none in an untrusted workspace. How to build is the server's to decide.
import * as vscode from 'vscode';
import type { BuildProgressView, BuildResult } from '../../server/src/protocol';
import { showDockerfile } from './activeDockerfile';
import { type BuildChoices, type BuildSettings, buildParams, nothingChosen } from './buildChoices';
import type { CommandTarget } from './commandTarget';
import { chosenBuild } from './configureBuild';
import type { LayerServer } from './layerServer';
import { plainMessage } from './plainText';
import { clockText } from './sizes';

export class Builds implements vscode.Disposable {
  private readonly running = new Map<string, vscode.CancellationTokenSource>();
  private readonly changes = new vscode.EventEmitter<string>();
  private readonly refusals = new vscode.EventEmitter<boolean>();
  private readonly server: LayerServer;
  private readonly log: vscode.LogOutputChannel;
  private readonly choices: BuildChoices;
  private readonly logging: vscode.Disposable;

  /** The URI of a Dockerfile whose build began or ended. */
  readonly onDidChange = this.changes.event;
  /** Whether no builder can be used: learnt when a build was refused, taken back when one ran. */
  readonly onDidLearnNoBuilder = this.refusals.event;

  constructor(server: LayerServer, log: vscode.LogOutputChannel, choices: BuildChoices) {
    this.server = server;
    this.log = log;
    this.choices = choices;
    this.logging = server.onBuildLog(({ line }) => log.info(line));
  }

  isRunning(uri: string | null): boolean {
    return uri !== null && this.running.has(uri);
  }

  cancel(uri: string): void {
    this.running.get(uri)?.cancel();
  }

  dispose(): void {
    for (const source of this.running.values()) source.cancel();
    vscode.Disposable.from(this.logging, this.changes, this.refusals).dispose();
  }

  /** Null when it was not begun. */
  async build(target: CommandTarget): Promise<BuildResult | null> {
    const uri = vscode.Uri.parse(target.uri, true);
    if (!vscode.workspace.isTrusted) {
      await tellUntrusted();
      return null;
    }
    if (this.running.has(target.uri)) return null;
    if (uri.scheme !== 'file') {
      await vscode.window.showWarningMessage(
        vscode.l10n.t('A build needs the Dockerfile in a folder on disk. Save it there first.'),
      );
      return null;
    }
    const source = new vscode.CancellationTokenSource();
    this.running.set(target.uri, source);
    this.changes.fire(target.uri);
    try {
      const document = await vscode.workspace.openTextDocument(uri);
      if (document.isDirty && !(await document.save())) return null;
      const settings = await this.choose(target.uri);
      if (!settings) return null;
      const { declared } = settings;
      const as = declared && declared.source !== 'default' ? ` (${declared.source}:${declared.name})` : '';
      this.log.info(`--- ${vscode.workspace.asRelativePath(uri)}${as}`);
      const result = await this.run(uri, target, settings, source);
      await this.learn(result);
      void this.tell(uri, result);
      return result;
    } finally {
      this.running.delete(target.uri);
      source.dispose();
      this.changes.fire(target.uri);
    }
  }

  /** Null when the person was asked and gave up. That nothing can be looked up is no reason not to build. */
  private async choose(uri: string): Promise<BuildSettings | null> {
    try {
      return await chosenBuild(this.server, this.choices, uri);
    } catch (error) {
      this.log.warn(`declared builds: ${error}`);
      return nothingChosen;
    }
  }

  private run(
    uri: vscode.Uri,
    target: CommandTarget,
    settings: BuildSettings,
    source: vscode.CancellationTokenSource,
  ): Thenable<BuildResult> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Building {0}', vscode.workspace.asRelativePath(uri)),
      cancellable: true,
    };
    return vscode.window.withProgress(options, async (progress, token) => {
      let shown = 0;
      const listening = vscode.Disposable.from(
        token.onCancellationRequested(() => source.cancel()),
        this.server.onBuildProgress((view) => {
          if (view.uri !== target.uri) return;
          const share = view.total > 0 ? (100 * view.done) / view.total : 0;
          progress.report({ message: progressText(view), increment: Math.max(0, share - shown) });
          shown = Math.max(shown, share);
        }),
      );
      try {
        return await this.server.request('strata/build', buildParams(target.uri, settings), source.token);
      } catch (error) {
        return source.token.isCancellationRequested ? cancelled() : broken(error);
      } finally {
        listening.dispose();
      }
    });
  }

  /** Asks for the builders only after a build has said that something is amiss: looking starts processes. */
  private async learn(result: BuildResult): Promise<void> {
    if (result.outcome === 'refused') {
      const builders = await this.server.request('strata/builders', null).catch(() => null);
      if (builders) this.refusals.fire(builders.every((builder) => !builder.usable));
    } else if (result.outcome === 'built') this.refusals.fire(false);
  }

  private async tell(uri: vscode.Uri, result: BuildResult): Promise<void> {
    const text = plainMessage([result.message, result.hint].filter(Boolean).join(' '));
    if (result.outcome === 'built' || result.outcome === 'cancelled') {
      vscode.window.setStatusBarMessage(result.message, 8000); // the lines themselves show the rest
      return;
    }
    this.log.error(text);
    const showLog = vscode.l10n.t('Show Log');
    const other =
      result.line === null
        ? vscode.l10n.t('Choose Builder…')
        : vscode.l10n.t('Go to Line {0}', String(result.line));
    const configure = vscode.l10n.t('Configure Build…');
    const isChosen = this.choices.of(uri.toString()) !== null;
    const choice =
      result.outcome === 'refused'
        ? await vscode.window.showWarningMessage(text, other, ...(isChosen ? [configure] : []), showLog)
        : await vscode.window.showErrorMessage(text, other, showLog);
    if (choice === showLog) this.log.show();
    else if (choice === configure) await vscode.commands.executeCommand('strata.configureBuild', uri);
    else if (choice === other && result.line !== null) await showDockerfile(uri, result.line);
    else if (choice === other) await vscode.commands.executeCommand('strata.chooseBuilder');
  }
}

async function tellUntrusted(): Promise<void> {
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'Strata does not build in Restricted Mode: a build runs code of this folder. Forecasts go on working.',
    ),
    manage,
  );
  if (choice === manage) await vscode.commands.executeCommand('workbench.trust.manage');
}

/** `4 of 8 · 31 s · RUN apt-get install`. */
function progressText(view: BuildProgressView): string {
  const steps = view.total > 0 ? vscode.l10n.t('{0} of {1}', String(view.done), String(view.total)) : '';
  return [steps, clockText(view.elapsedMs), view.label].filter(Boolean).join(' · ');
}

function cancelled(): BuildResult {
  return { outcome: 'cancelled', message: vscode.l10n.t('The build was cancelled.'), hint: '', line: null };
}

function broken(error: unknown): BuildResult {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    outcome: 'failed',
    message: vscode.l10n.t('The build could not be carried out: {0}', reason),
    hint: '',
    line: null,
  };
}
