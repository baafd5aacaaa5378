// The language server's life: started at the first need, told of trust and settings, started again when it dies, given
// up with one clear message when it keeps dying. Decides nothing about layers; features send their requests through it.
import * as path from 'node:path';
import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  type ErrorHandler,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from 'vscode-languageclient/node';
import {
  type BuildLogView,
  type BuildProgressView,
  commands,
  type DocumentParams,
  type InitializationOptions,
  notifications,
  type RequestTypes,
  type SummaryView,
} from '../../server/src/protocol';
import { dockerfileSelector } from './activeDockerfile';
import { changesSettings, readSettings } from './settings';

const deathsAllowed = 4;
const deathWindowMs = 3 * 60_000;

/** What a link in a hover may run: nothing that starts a process, since file names of images stand beside the links. */
const linkCommands = [commands.showDiff, commands.showTree, commands.showLog];

export class LayerServer implements vscode.Disposable {
  private readonly summaries = new vscode.EventEmitter<SummaryView>();
  private readonly treeChanges = new vscode.EventEmitter<DocumentParams>();
  private readonly progress = new vscode.EventEmitter<BuildProgressView>();
  private readonly logLines = new vscode.EventEmitter<BuildLogView>();
  private readonly runs = new vscode.EventEmitter<boolean>();
  private readonly disposables: vscode.Disposable[] = [];
  private readonly deaths: number[] = [];
  private readonly context: vscode.ExtensionContext;
  private readonly log: vscode.LogOutputChannel;
  private client: LanguageClient | null = null;
  private starting: Promise<LanguageClient> | null = null;
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
    this.disposables.push(
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.notify(notifications.trust)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (changesSettings(event)) this.notify(notifications.settings, readSettings());
      }),
    );
  }

  get failed(): boolean {
    return this.givenUp;
  }

  /** The server's process id; undefined while none runs. */
  get processId(): number | undefined {
    return this.client?.state === State.Running ? this.client.serverProcess?.pid : undefined;
  }

  /** Resolves when the server answers. Rejects at once after it was given up. */
  start(): Promise<LanguageClient> {
    if (this.givenUp) return Promise.reject(new Error(givenUpMessage()));
    this.starting ??= this.launch();
    return this.starting;
  }

  /** For a person who wants to try again. */
  async restart(): Promise<void> {
    this.deaths.length = 0;
    this.givenUp = false;
    const client = this.client;
    if (!client) {
      await this.start();
      return;
    }
    this.starting = (client.state === State.Running ? client.restart() : client.start()).then(() => client);
    await this.starting;
  }

  /** Rejects when the server answers with an error, or cannot be started. */
  async request<M extends keyof RequestTypes>(
    method: M,
    params: RequestTypes[M]['params'],
    token?: vscode.CancellationToken,
  ): Promise<RequestTypes[M]['result']> {
    const client = await this.start();
    return params === null
      ? client.sendRequest<RequestTypes[M]['result']>(method, token)
      : client.sendRequest<RequestTypes[M]['result']>(method, params, token);
  }

  async dispose(): Promise<void> {
    vscode.Disposable.from(...this.disposables).dispose();
    // A client that is still starting refuses to stop; the process ends with this one.
    await this.client?.stop().catch(() => {});
  }

  private async launch(): Promise<LanguageClient> {
    const client = this.client ?? this.create();
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      // The next request tries again, unless closed() gave it up meanwhile.
      this.starting = null;
      throw error;
    }
    return client;
  }

  private create(): LanguageClient {
    const program = {
      module: path.join(this.context.extensionPath, 'dist', 'server.js'),
      transport: TransportKind.ipc,
      // Not the workspace, the library's default: there Windows would find a program named docker before PATH.
      options: { cwd: this.context.extensionPath },
    };
    const client = new LanguageClient(
      'strata',
      'Strata',
      { run: program, debug: program },
      {
        documentSelector: dockerfileSelector,
        outputChannel: this.log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: () => this.initializationOptions(),
        errorHandler: this.errorHandler(),
        initializationFailedHandler: () => false,
        markdown: { isTrusted: { enabledCommands: linkCommands }, supportThemeIcons: true },
      },
    );
    this.disposables.push(
      client.onNotification(notifications.summary, (view: SummaryView) => this.summaries.fire(view)),
      client.onNotification(notifications.treeChanged, (view: DocumentParams) => this.treeChanges.fire(view)),
      client.onNotification(notifications.buildProgress, (view: BuildProgressView) =>
        this.progress.fire(view),
      ),
      client.onNotification(notifications.buildLog, (view: BuildLogView) => this.logLines.fire(view)),
      client.onDidChangeState(({ newState }) => {
        if (newState === State.Running) this.runs.fire(true);
      }),
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

  private errorHandler(): ErrorHandler {
    return {
      error: (_error, _message, count) => ({
        action: count !== undefined && count <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown,
        handled: true,
      }),
      closed: () => {
        const now = Date.now();
        this.deaths.push(now);
        while (now - (this.deaths[0] ?? now) > deathWindowMs) this.deaths.shift();
        if (this.deaths.length <= deathsAllowed) {
          this.log.warn('The language server ended unexpectedly; starting it again.');
          return { action: CloseAction.Restart, handled: true };
        }
        this.giveUp();
        return { action: CloseAction.DoNotRestart, handled: true, message: givenUpMessage() };
      },
    };
  }

  private async giveUp(): Promise<void> {
    this.givenUp = true;
    this.starting = null;
    this.runs.fire(false);
    const restart = vscode.l10n.t('Restart Server');
    const showLog = vscode.l10n.t('Show Log');
    const choice = await vscode.window.showErrorMessage(givenUpMessage(), restart, showLog);
    if (choice === restart) await vscode.commands.executeCommand('strata.restartServer');
    if (choice === showLog) this.log.show();
  }

  private notify(method: string, params?: object): void {
    if (this.client?.state !== State.Running) return; // it will read the present state when it starts
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
