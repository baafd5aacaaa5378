// The editor's cancellation of a request as the signal that the core takes.
import type { CancellationToken } from 'vscode-languageserver/node';

/** Aborted when the request is cancelled; who owns it may abort it too. */
export function abortOf(token: CancellationToken): AbortController {
  const abort = new AbortController();
  if (token.isCancellationRequested) abort.abort();
  token.onCancellationRequested(() => abort.abort());
  return abort;
}
