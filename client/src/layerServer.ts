// The language server's life: started at the first need, told of trust and settings, started again when it dies, given
// up with one clear message when it keeps dying. Decides nothing about layers; features send their requests through it.
import * as vscode from 'vscode';
import {
  type BuildLogView,
  type BuildProgressView,
  type DocumentParams,
  type InitializationOptions,
  notifications,
  type RequestTypes,
  type SummaryView,
} from '../../server/src/protocol';
import type { StrataClient } from './languageClient';
import { changesSettings, readSettings } from './settings';

const deathsAllowed = 4;
const deathWindowMs = 3 * 60_000;

export class LayerServer implements vscode.Disposable {
  private readonly summaries = new vscode.EventEmitter<SummaryView>();
  private readonly treeChanges = new vscode.EventEmitter<DocumentParams>();
  private readonly progress = new vscode.EventEmitter<BuildProgressView>();
  private readonly logLines = new vscode.EventEmitter<BuildLogView>();
  private readonly runs = new vscode.EventEmitter<boolean>();
  private readonly disposables: vscode.Disposable[];
  private readonly deaths: number[] = [];
  private readonly context: vscode.ExtensionContext;
  private readonly log: vscode.LogOutputChannel;
  private client: StrataClient | null = null;
  private starting: Promise<StrataClient> | null = null;
  private givenUp = false;

  readonly onSummary = this.summaries.event;
  readonly onTreeChanged = this.treeChanges.event;
  readonly onBuildProgress = this.progress.event;
  readonly onBuildLog = this.logLines.event;
  /** True: it answers, for the first time or again. False: it was given up. */
  readonly onDidChangeRunning = this.runs.event;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.context = context;
    this.log = log;
    this.disposables = [
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.notify(notifications.trust)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (changesSettings(event)) this.notify(notifications.settings, readSettings());
      }),
    ];
  }

  get failed(): boolean {
    return this.givenUp;
  }

  /** The server's process id; undefined while none runs. */
  get processId(): number | undefined {
    return this.client?.running ? this.client.serverProcess?.pid : undefined;
  }

  /** Resolves when the server answers. Rejects at once after it was given up. */
  start(): Promise<StrataClient> {
    if (this.givenUp) return Promise.reject(new Error(givenUpMessage()));
    this.starting ??= this.launch();
    return this.starting;
  }

  /** For a person who wants to try again. */
  async restart(): Promise<void> {
    this.deaths.length = 0;
    this.givenUp = false;
    const client = this.client;
    if (client?.running) this.starting = client.restart().then(() => client);
    await this.start();
  }

  /** Rejects when the server answers with an error, or cannot be started. */
  async request<M extends keyof RequestTypes>(
    method: M,
    params: RequestTypes[M]['params'],
    token?: vscode.CancellationToken,
  ): Promise<RequestTypes[M]['result']> {
    const client = await this.start();
    // An absent token has to be left out: beside it, the parameters would travel as an array of two.
    type Result = RequestTypes[M]['result'];
    if (params === null)
      return token ? client.sendRequest<Result>(method, token) : client.sendRequest<Result>(method);
    return token
      ? client.sendRequest<Result>(method, params, token)
      : client.sendRequest<Result>(method, params);
  }

  async dispose(): Promise<void> {
    vscode.Disposable.from(...this.disposables).dispose();
    // A client that is still starting refuses to stop; the process ends with this one.
    await this.client?.stop().catch(() => {});
  }

  private async launch(): Promise<StrataClient> {
    try {
      this.client ??= await this.create();
      await this.client.start();
      return this.client;
    } catch (error) {
      // The next request tries again, unless it was given up meanwhile.
      this.starting = null;
      throw error;
    }
  }

  private async create(): Promise<StrataClient> {
    const { createClient } = await import('./languageClient');
    const client = createClient({
      folder: this.context.extensionPath,
      log: this.log,
      initializationOptions: () => this.initializationOptions(),
      onDeath: () => this.died(),
      onRunning: () => this.runs.fire(true),
    });
    this.disposables.push(
      client.onNotification(notifications.summary, (view: SummaryView) => this.summaries.fire(view)),
      client.onNotification(notifications.treeChanged, (view: DocumentParams) => this.treeChanges.fire(view)),
      client.onNotification(notifications.buildProgress, (view: BuildProgressView) =>
        this.progress.fire(view),
      ),
      client.onNotification(notifications.buildLog, (view: BuildLogView) => this.logLines.fire(view)),
    );
    return client;
  }

  private initializationOptions(): InitializationOptions {
    const { globalStorageUri } = this.context;
    return {
      trusted: vscode.workspace.isTrusted,
      storage: globalStorageUri.scheme === 'file' ? globalStorageUri.fsPath : null,
      locale: vscode.env.language,
      l10nUri: vscode.l10n.uri?.toString() ?? null,
      settings: readSettings(),
    };
  }

  /** Whether to start it again. */
  private died(): boolean {
    const now = Date.now();
    this.deaths.push(now);
    while (now - (this.deaths[0] ?? now) > deathWindowMs) this.deaths.shift();
    if (this.deaths.length <= deathsAllowed) {
      this.log.warn('The language server ended unexpectedly; starting it again.');
      return true;
    }
    this.givenUp = true;
    this.starting = null;
    this.runs.fire(false);
    void this.tellGivenUp();
    return false;
  }

  private async tellGivenUp(): Promise<void> {
    const restart = vscode.l10n.t('Restart Server');
    const showLog = vscode.l10n.t('Show Log');
    const choice = await vscode.window.showErrorMessage(givenUpMessage(), restart, showLog);
    if (choice === restart) await this.restart();
    if (choice === showLog) this.log.show();
  }

  private notify(method: string, params?: object): void {
    if (!this.client?.running) return; // it will read the present state when it starts
    const sent = params ? this.client.sendNotification(method, params) : this.client.sendNotification(method);
    sent.catch((error) => this.log.warn(`${method}: ${error}`));
  }
}

function givenUpMessage(): string {
  return vscode.l10n.t(
    'Strata’s language server stopped {0} times within 3 minutes and was not started again. Its last words are in the log.',
    deathsAllowed + 1,
  );
}
