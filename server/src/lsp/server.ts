// The language server: what it can do, and which file answers which request of the editor; requests of our own are
// requests.ts. No judgement lives here.
import {
  CodeActionKind,
  type Connection,
  DidChangeWatchedFilesNotification,
  type DidChangeWatchedFilesParams,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { notifications } from '../protocol';
import { codeActions } from './actions';
import { diagnosticsOf } from './diagnostics';
import { DocumentState } from './documents';
import { fixAllKind } from './fixAllAction';
import { Forecaster } from './forecasts';
import { describeError, guarded } from './guard';
import { inlayHints, resolveInlayHint } from './hints';
import { hover } from './hovers';
import { loadKnowledge, openStores } from './knowledge';
import { speak } from './language';
import { codeLenses } from './lenses';
import { applySettings, loadProject, projectFilesChanged, projectGlob } from './projects';
import { fixApplied, noteFix } from './promises';
import { answerRequests } from './requests';
import { readInitialization, readSettings, rulesOff, type ServerWorld, type Session } from './session';
import { needShell } from './shellReader';
import { summaryOf } from './summary';
import { WatchedFolders } from './watchedFolders';

/** Editors ask again for every hint after a refresh, so at most one is sent in this time, ms. */
const refreshEveryMs = 250;

/** Wires a connection; the caller listens. */
export function createServer(connection: Connection, world: ServerWorld): Session {
  const open = new TextDocuments(TextDocument);
  const stale = new Set<DocumentState>();
  let canRefresh = { hints: false, lenses: false };
  const folders = new WatchedFolders(connection.client);
  /** Set while a refresh is due. */
  const due: { timer?: NodeJS.Timeout } = {};
  const session: Session = {
    ...world,
    connection,
    settings: readSettings(null),
    style: { units: 'decimal', locale: 'en' },
    trusted: false,
    documents: new Map(),
    shownPlatform: new Map(),
    stores: null,
    changed(document) {
      stale.add(document);
      due.timer ??= setTimeout(flush, refreshEveryMs);
    },
  };

  function flush(): void {
    due.timer = undefined;
    for (const document of stale) {
      if (session.documents.get(document.uri) !== document) continue;
      publish(document);
      void connection.sendNotification(notifications.treeChanged, { uri: document.uri });
    }
    stale.clear();
    if (canRefresh.hints) connection.languages.inlayHint.refresh().catch(() => {});
    if (canRefresh.lenses) void connection.sendRequest('workspace/codeLens/refresh').catch(() => {});
  }

  /** Also called from a timer, where nobody else would catch a bug of ours. */
  function publish(document: DocumentState): void {
    try {
      void connection.sendDiagnostics({
        uri: document.uri,
        version: document.version,
        diagnostics: diagnosticsOf(document, session.settings),
      });
      void connection.sendNotification(notifications.summary, summaryOf(session, document));
    } catch (error) {
      connection.console.error(`publish: ${describeError(error)}`);
    }
  }

  const guard = <Args extends unknown[], Result>(
    name: string,
    fallback: Result,
    handler: (...args: Args) => Result | Promise<Result>,
  ) => guarded(connection.console, name, fallback, handler);

  connection.onInitialize(async (params): Promise<InitializeResult> => {
    const options = readInitialization(params.initializationOptions);
    session.settings = options.settings;
    session.trusted = options.trusted;
    session.style = { units: options.settings.units, locale: options.locale };
    session.stores = options.storage ? openStores(session, options.storage) : null;
    await speak(connection.console, options.l10nUri);
    canRefresh = {
      hints: params.capabilities.workspace?.inlayHint?.refreshSupport === true,
      lenses: params.capabilities.workspace?.codeLens?.refreshSupport === true,
    };
    folders.canWatch = params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    return {
      serverInfo: { name: 'Strata', version: world.version },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        inlayHintProvider: { resolveProvider: true },
        codeLensProvider: { resolveProvider: false },
        hoverProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
        executeCommandProvider: { commands: [fixApplied] },
      },
    };
  });

  connection.onInitialized(() => {
    if (!folders.canWatch) return;
    const watchers = [{ globPattern: projectGlob }];
    connection.client.register(DidChangeWatchedFilesNotification.type, { watchers }).catch(() => {});
  });
  const watched = guard('watched', undefined, async ({ changes }: DidChangeWatchedFilesParams) => {
    const uris = changes.map(({ uri }) => uri);
    for (const document of session.documents.values()) document.forecaster?.filesChanged(uris);
    await projectFilesChanged(session, changes);
  });
  connection.onDidChangeWatchedFiles((params) => void watched(params));

  const opened = guard('open', undefined, async (document: TextDocument) => {
    const state = new DocumentState(document, rulesOff(session.settings));
    state.forecaster = new Forecaster(session, state, folders);
    session.documents.set(document.uri, state);
    applySettings(session, state);
    publish(state);
    await loadProject(session, state);
    await loadKnowledge(session, state);
    state.setShell(await needShell(session.host));
    session.changed(state);
  });
  open.onDidOpen(({ document }) => void opened(document));
  const edited = guard('change', undefined, (document: TextDocument) => {
    const state = session.documents.get(document.uri);
    if (!state || state.version > document.version) return;
    state.update(document);
    publish(state);
    state.forecaster?.edited();
  });
  open.onDidChangeContent(({ document }) => void edited(document));
  open.onDidClose(({ document }) => {
    const state = session.documents.get(document.uri);
    state?.building?.abort.abort();
    state?.forecaster?.close();
    session.documents.delete(document.uri);
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });

  connection.languages.inlayHint.on(
    guard('hints', [], (params) => inlayHints(session, params.textDocument.uri, params.range)),
  );
  connection.languages.inlayHint.resolve(async (hint) => {
    const resolved = guard('hint', hint, () => resolveInlayHint(session, hint));
    return resolved();
  });
  connection.onCodeLens(guard('lenses', [], (params) => codeLenses(session, params.textDocument.uri)));
  connection.onHover(
    guard('hover', null, (params) => hover(session, params.textDocument.uri, params.position)),
  );
  connection.onCodeAction(
    guard('actions', [], (params) =>
      codeActions(session, params.textDocument.uri, params.range, params.context),
    ),
  );

  connection.onExecuteCommand(({ command, arguments: given = [] }) => {
    if (command === fixApplied) noteFix(session, given);
  });

  answerRequests(connection, session);

  connection.onNotification(notifications.trust, () => {
    session.trusted = true;
    for (const document of session.documents.values()) session.changed(document);
  });
  connection.onNotification(notifications.settings, (given: unknown) => {
    session.settings = readSettings(given);
    session.style = { ...session.style, units: session.settings.units };
    for (const document of session.documents.values()) {
      applySettings(session, document);
      document.forecaster?.settingsChanged();
      session.changed(document);
    }
  });
  connection.onShutdown(() => {
    for (const document of session.documents.values()) document.building?.abort.abort();
  });
  open.listen(connection);
  return session;
}
