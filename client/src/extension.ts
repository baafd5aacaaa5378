// The extension's entry: builds the parts and connects them. Activation does no work of its own; the language server
// starts when the first Dockerfile is open.
import { performance } from 'node:perf_hooks';
import * as vscode from 'vscode';
import type { SummaryView } from '../../server/src/protocol';
import { ActiveDockerfile, isDockerfile } from './activeDockerfile';
import { BuildChoices } from './buildChoices';
import { Builds } from './builds';
import { BuildsView } from './buildsView';
import { registerCommands } from './commands';
import { DiffPanel } from './diffPanel';
import { HeatMap } from './heatMap';
import { ImagePanel } from './imagePanel';
import { ImagesView } from './imagesView';
import { LayerFiles } from './layerFiles';
import { LayerServer } from './layerServer';
import { LayersView } from './layersView';
import { ShownFiles } from './shownFiles';
import { Status } from './status';
import { TerminalBuilds } from './terminalBuilds';
import { registerWalkthrough } from './walkthrough';

/** For tests inside VS Code. No other extension should build on it. */
export interface StrataApi {
  /** Resolves when the language server answers. */
  ready(): Promise<void>;
  readonly serverProcessId: number | undefined;
  /** How long activate() took, in ms. */
  readonly activationMs: number;
  summary(uri: vscode.Uri): SummaryView | undefined;
  readonly status: Pick<Status, 'text'>;
  readonly view: Pick<LayersView, 'tree' | 'welcome' | 'message'>;
  readonly panel: Pick<DiffPanel, 'current' | 'show' | 'deserializeWebviewPanel'>;
  readonly picture: Pick<ImagePanel, 'deserializeWebviewPanel'>;
}

let running: LayerServer | null = null;

export function activate(context: vscode.ExtensionContext): StrataApi {
  const started = performance.now();
  const log = vscode.window.createOutputChannel('Strata', { log: true });
  const server = new LayerServer(context, log);
  running = server;
  const dockerfile = new ActiveDockerfile();
  const choices = new BuildChoices(context.workspaceState);
  const builds = new Builds(server, log, choices);
  const files = new LayerFiles(server);
  const panel = new DiffPanel(server, files, context.extensionUri);
  const view = new LayersView(server, dockerfile, builds);
  const status = new Status(server, dockerfile);
  const recorded = new BuildsView(server, dockerfile);
  const images = new ImagesView(server, dockerfile);
  const heatMap = new HeatMap(server);
  const picture = new ImagePanel(server, panel, context.extensionUri);
  const commands = registerCommands({
    server,
    log,
    dockerfile,
    choices,
    builds,
    files,
    panel,
    view,
    recorded,
    images,
    heatMap,
    picture,
  });
  const startForDockerfiles = () => {
    if (!vscode.workspace.textDocuments.some(isDockerfile)) return;
    opening.dispose();
    server.start().catch((error) => log.error(error));
  };
  const opening = vscode.workspace.onDidOpenTextDocument(startForDockerfiles);
  const terminals = new TerminalBuilds(server, log);
  const walkthrough = registerWalkthrough(context, { server, panel, view });
  context.subscriptions.push(
    terminals,
    log,
    dockerfile,
    builds,
    files,
    new ShownFiles(files),
    panel,
    view,
    recorded,
    images,
    heatMap,
    picture,
    status,
    commands,
    walkthrough,
    opening,
  );
  startForDockerfiles();
  const activationMs = performance.now() - started;
  return {
    async ready() {
      await server.start();
    },
    get serverProcessId() {
      return server.processId;
    },
    activationMs,
    summary: (uri) => status.summary(uri.toString()),
    status,
    view,
    panel,
    picture,
  };
}

/** VS Code waits for this: the server gets the time to end in order. */
export async function deactivate(): Promise<void> {
  await running?.dispose();
}
