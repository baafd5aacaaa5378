// Notices builds that a person runs in a terminal while their Dockerfile is open, and offers to show their layers: once a
// build, quietly. Looks at command lines alone, as the shell integration tells them; what was built, docker is asked.
import * as vscode from 'vscode';
import { isDockerfile } from './activeDockerfile';
import { buildsImage } from './buildCommand';
import { importSource } from './importBuild';
import type { LayerServer } from './layerServer';

const setting = 'noticeTerminalBuilds';
/** Each is asked for by a process or two. */
const mostDockerfiles = 5;
const mostRemembered = 200;
/** A builder writes down the end of a build a little after docker has ended. */
const mostLooks = 5;
const lookAgainMs = 1_000;

export class TerminalBuilds implements vscode.Disposable {
  private readonly started = new WeakMap<vscode.TerminalShellExecution, number>();
  private readonly offered = new Set<string>();
  private readonly disposables: vscode.Disposable[];
  private readonly server: LayerServer;
  private readonly log: vscode.LogOutputChannel;

  constructor(server: LayerServer, log: vscode.LogOutputChannel) {
    this.server = server;
    this.log = log;
    this.disposables = [
      vscode.window.onDidStartTerminalShellExecution(({ execution }) => {
        if (buildsImage(execution.commandLine.value)) this.started.set(execution, Date.now());
      }),
      vscode.window.onDidEndTerminalShellExecution(({ execution }) => {
        const since = this.started.get(execution);
        if (since !== undefined) this.look(since).catch((error) => this.log.warn(`terminal build: ${error}`));
      }),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private async look(since: number, looks = 1): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    if (!vscode.workspace.getConfiguration('strata').get(setting, true)) return;
    let runs = false;
    const open = openDockerfiles().slice(0, mostDockerfiles);
    for (const { uri } of open) {
      if (uri.scheme !== 'file') continue;
      const { builds } = await this.server.request('strata/pastBuilds', { uri: uri.toString(), since });
      const build = builds.find(({ own, status }) => own === true && status === 'completed');
      runs ||= builds.some(({ own, status }) => own !== false && status === 'running');
      if (!build || this.offered.has(build.ref)) continue;
      if (this.offered.size >= mostRemembered) this.offered.clear();
      this.offered.add(build.ref);
      void this.offer(uri, build.ref);
    }
    if (!runs || looks >= mostLooks) return;
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    await this.look(since, looks + 1);
  }

  private async offer(uri: vscode.Uri, ref: string): Promise<void> {
    const show = vscode.l10n.t('Show Its Layers');
    const never = vscode.l10n.t('Do Not Notice Builds');
    const name = vscode.workspace.asRelativePath(uri);
    const choice = await vscode.window.showInformationMessage(
      vscode.l10n.t('{0} was built in the terminal.', name),
      show,
      never,
    );
    if (choice === show) await importSource(this.server, uri.toString(), { kind: 'history', value: ref });
    else if (choice === never) {
      const configuration = vscode.workspace.getConfiguration('strata');
      await configuration.update(setting, false, vscode.ConfigurationTarget.Global);
    }
  }
}

/** Those in sight first: VS Code keeps documents for a while whose tabs are closed. */
function openDockerfiles(): vscode.TextDocument[] {
  const seen = vscode.window.visibleTextEditors.map(({ document }) => document);
  return [...new Set([...seen, ...vscode.workspace.textDocuments.toReversed()])].filter(isDockerfile);
}
