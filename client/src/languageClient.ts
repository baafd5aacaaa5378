// The language client of the library, set up for Strata: which documents it speaks of, how the server is started, what
// links may do, that it keeps quiet. The only file that loads the library, on first need: loading it takes longer than
// all the rest of the activation.
import * as path from 'node:path';
import type * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from 'vscode-languageclient/node';
import { commands, type InitializationOptions } from '../../server/src/protocol';
import { dockerfileSelector } from './activeDockerfile';

/** What a link in a hover may run: nothing that starts a process, since file names of images stand beside the links. */
const linkCommands = [commands.showDiff, commands.showTree, commands.showLog];

export interface ClientSetup {
  /** The extension's folder. */
  folder: string;
  log: vscode.LogOutputChannel;
  initializationOptions(): InitializationOptions;
  /** The server's process ended; whether to start it again. */
  onDeath(): boolean;
  /** It answers, for the first time or again. */
  onRunning(): void;
}

/** The library pops up messages of its own for each death; here they go to the log, and the person is told once. */
export class StrataClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  get running(): boolean {
    return this.state === State.Running;
  }
}

export function createClient(setup: ClientSetup): StrataClient {
  const program = {
    module: path.join(setup.folder, 'dist', 'server.js'),
    transport: TransportKind.ipc,
    options: {
      // Not the workspace, the library's default: there Windows would find a program named docker before PATH.
      cwd: setup.folder,
      // glibc gives back at once what is larger than this many bytes, instead of keeping it for later: indexes of a million
      // files are large, few and short-lived (mallopt(3), M_MMAP_THRESHOLD). Other libraries do not know it.
      env: { MALLOC_MMAP_THRESHOLD_: '131072' },
    },
  };
  const client = new StrataClient(
    'strata',
    'Strata',
    { run: program, debug: program },
    {
      documentSelector: dockerfileSelector,
      outputChannel: setup.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: () => setup.initializationOptions(),
      initializationFailedHandler: () => false,
      markdown: { isTrusted: { enabledCommands: linkCommands }, supportThemeIcons: true },
      errorHandler: {
        // What is written to a server that has just died fails, often several times before its end is told. Shutting down
        // then, as the library does by default, would leave it unstarted for good; `closed` decides.
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => ({
          action: setup.onDeath() ? CloseAction.Restart : CloseAction.DoNotRestart,
          handled: true,
        }),
      },
    },
  );
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Running) setup.onRunning();
  });
  return client;
}
