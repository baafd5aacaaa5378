// A language client for tests and benchmarks: speaks the real protocol to a real server process over stdio.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  createMessageConnection,
  type InlayHint,
  type MessageConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';

export interface LanguageClient {
  connection: MessageConnection;
  process: ChildProcess;
  /** Sends didOpen with version 1. */
  open(uri: string, text: string): void;
  /** Replaces the whole text; returns the new version. */
  change(uri: string, text: string): number;
  /** Replaces a range: what a keystroke sends. */
  edit(uri: string, line: number, character: number, text: string): number;
  hints(uri: string, lines?: [number, number]): Promise<InlayHint[]>;
  /** The next diagnostics of a document that satisfy the condition, those already received included. */
  diagnostics(
    uri: string,
    matches?: (params: PublishDiagnosticsParams) => boolean,
  ): Promise<PublishDiagnosticsParams>;
  notifications: { method: string; params: unknown }[];
  /** Waits until a notification arrives, or has arrived, that satisfies the condition. */
  notified(method: string, matches?: (params: unknown) => boolean): Promise<unknown>;
  stop(): Promise<void>;
}

export interface LanguageClientOptions {
  /** Words after node; `[server.js, --stdio]`. */
  args: string[];
  initializationOptions?: unknown;
  rootUri?: string | null;
  env?: Record<string, string | undefined>;
  deadlineMs?: number;
}

/** Starts a server and initializes it. */
export async function startLanguageClient(options: LanguageClientOptions): Promise<LanguageClient> {
  const child = spawn(process.execPath, options.args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...options.env },
  });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const versions = new Map<string, number>();
  const notifications: { method: string; params: unknown }[] = [];
  const waiting = new Set<() => void>();
  const deadlineMs = options.deadlineMs ?? 20_000;
  connection.onNotification((method: string, params: unknown) => {
    notifications.push({ method, params });
    for (const wake of [...waiting]) wake();
  });
  // Requests of the server that have no bearing here (refreshes, registrations) are answered with null.
  connection.onRequest((method: string, params: unknown) => {
    notifications.push({ method, params });
    for (const wake of [...waiting]) wake();
    return null;
  });
  connection.onError(() => {});
  connection.listen();
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: options.rootUri ?? null,
    workspaceFolders: null,
    capabilities: {
      workspace: {
        applyEdit: true,
        didChangeWatchedFiles: { dynamicRegistration: true },
        workspaceEdit: { documentChanges: true },
        inlayHint: { refreshSupport: true },
        codeLens: { refreshSupport: true },
      },
      textDocument: {
        inlayHint: { resolveSupport: { properties: ['tooltip'] } },
        hover: { contentFormat: ['markdown'] },
        codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } } },
        publishDiagnostics: {},
      },
    },
    initializationOptions: options.initializationOptions,
  });
  await connection.sendNotification('initialized', {});

  /** Runs `find` now and after each message until it gives something. */
  function eventually<T>(what: string, find: () => T | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const attempt = () => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(attempt);
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => {
        waiting.delete(attempt);
        reject(new Error(`waited ${deadlineMs} ms for ${what}`));
      }, deadlineMs);
      waiting.add(attempt);
      attempt();
    });
  }

  function nextVersion(uri: string): number {
    const version = (versions.get(uri) ?? 0) + 1;
    versions.set(uri, version);
    return version;
  }

  return {
    connection,
    process: child,
    notifications,
    open(uri, text) {
      const textDocument = { uri, languageId: 'dockerfile', version: nextVersion(uri), text };
      void connection.sendNotification('textDocument/didOpen', { textDocument });
    },
    change(uri, text) {
      const version = nextVersion(uri);
      void connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      });
      return version;
    },
    edit(uri, line, character, text) {
      const version = nextVersion(uri);
      const at = { line, character };
      void connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ range: { start: at, end: at }, text }],
      });
      return version;
    },
    async hints(uri, [from, to] = [0, 1_000_000]) {
      const range = { start: { line: from, character: 0 }, end: { line: to, character: 0 } };
      return ((await connection.sendRequest('textDocument/inlayHint', { textDocument: { uri }, range })) ??
        []) as InlayHint[];
    },
    diagnostics(uri, matches = () => true) {
      return eventually(`diagnostics of ${uri}`, () =>
        notifications
          .filter((one) => one.method === 'textDocument/publishDiagnostics')
          .map((one) => one.params as PublishDiagnosticsParams)
          .findLast((params) => params.uri === uri && matches(params)),
      );
    },
    notified(method, matches = () => true) {
      return eventually(
        method,
        () =>
          notifications.findLast((one) => one.method === method && matches(one.params))?.params ?? undefined,
      );
    },
    async stop() {
      const gone = Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
      await Promise.race([connection.sendRequest('shutdown').catch(() => null), gone]);
      void connection.sendNotification('exit').catch(() => {});
      await gone;
      child.kill('SIGKILL');
      connection.dispose();
    },
  };
}
