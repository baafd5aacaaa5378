// Which file answers which request of ours; the compiler sees that none is left out. What is asked in another shape is
// refused here, and what goes wrong is answered as an error that the client shows: no request ends the server.
import {
  type CancellationToken,
  type Connection,
  ErrorCodes,
  type GenericRequestHandler,
  LSPErrorCodes,
  ResponseError,
} from 'vscode-languageserver/node';
import { translated } from '../describe/translate';
import { isCancelled, StrataError } from '../primitives/errors';
import { type RequestTypes, requests } from '../protocol';
import { blame, paths } from './blames';
import { listBuilders, runBuild } from './builds';
import { containerViews } from './containers';
import { declaredViews } from './declared';
import { diffExport } from './diffExports';
import { diffMap, diffPage, diffTree } from './diffRows';
import { diffHead, layerAt, layerChoices } from './diffs';
import { entriesOf } from './entries';
import { fileContent } from './files';
import { forecastOf } from './forecastLines';
import { describeError } from './guard';
import { imageViews } from './images';
import { importForDocument, pastBuilds } from './imports';
import { clearCache } from './knowledge';
import { lineWeights } from './lineWeights';
import { readParams } from './params';
import { platformViews } from './platforms';
import { recordViews } from './records';
import type { Session } from './session';
import { stageRows } from './stages';
import { takenBy } from './taken';
import { treeChildren } from './tree';
import { plainMessage } from './words';

type Answer<M extends keyof RequestTypes> = RequestTypes[M]['result'] | Promise<RequestTypes[M]['result']>;

type Handlers = {
  [M in keyof RequestTypes]: (
    session: Session,
    params: RequestTypes[M]['params'],
    token: CancellationToken,
  ) => Answer<M>;
};

const handlers: Handlers = {
  'strata/build': runBuild,
  'strata/builders': listBuilders,
  'strata/declaredBuilds': (session, { uri }, token) => declaredViews(session, uri, token),
  'strata/tree': treeChildren,
  'strata/layers': (session, { uri }) => layerChoices(session, uri),
  'strata/diff': diffHead,
  'strata/diffPage': diffPage,
  'strata/diffTree': diffTree,
  'strata/diffMap': diffMap,
  'strata/diffExport': diffExport,
  'strata/entries': entriesOf,
  'strata/paths': paths,
  'strata/blame': blame,
  'strata/file': fileContent,
  'strata/layerAt': layerAt,
  'strata/forecast': (session, { uri }) => forecastOf(session, uri),
  'strata/taken': takenBy,
  'strata/lines': (session, { uri }) => lineWeights(session, uri),
  'strata/images': (session, { uri }) => imageViews(session, uri),
  'strata/stages': (session, { uri }, token) => stageRows(session, uri, token),
  'strata/containers': (session, { uri }) => containerViews(session, uri),
  'strata/records': (session, { uri }) => recordViews(session, uri),
  'strata/platforms': platformViews,
  'strata/pastBuilds': pastBuilds,
  'strata/importBuild': importForDocument,
  'strata/clearCache': clearCache,
};

export function answerRequests(connection: Connection, session: Session): void {
  for (const method of Object.values(requests)) answer(connection, session, method);
}

function answer<M extends keyof RequestTypes>(connection: Connection, session: Session, method: M): void {
  // Parameters in an array arrive as so many arguments, the token behind them.
  const handler: GenericRequestHandler<unknown, void> = async (...given) => {
    const token = given.at(-1) as CancellationToken;
    const params = readParams(method, given.length === 2 ? given[0] : undefined);
    if (params === undefined)
      throw new ResponseError(ErrorCodes.InvalidParams, `${method}: its parameters have another shape.`);
    try {
      return await handlers[method](session, params, token);
    } catch (error) {
      throw answerOf(connection, method, error);
    }
  };
  connection.onRequest(method, handler);
}

function answerOf(connection: Connection, method: string, error: unknown): ResponseError<void> {
  const message = plainMessage(translated(error instanceof Error ? error.message : String(error)));
  if (isCancelled(error)) return new ResponseError(LSPErrorCodes.RequestCancelled, message);
  if (error instanceof StrataError)
    return new ResponseError(
      LSPErrorCodes.RequestFailed,
      [message, plainMessage(translated(error.hint))].filter(Boolean).join(' '),
    );
  connection.console.error(`${method}: ${describeError(error)}`);
  return new ResponseError(ErrorCodes.InternalError, `${method}: ${message}`);
}
