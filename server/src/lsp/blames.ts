// Which line put a file into the image: the history of a path through the layers, with the lines that made them, and the
// paths that can be asked about.
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-languageserver/node';
import { layerTitle, lineOfLayer } from '../describe/layerTitle';
import { blameInSteps } from '../layers/blame';
import { searchPaths } from '../layers/pathSearch';
import type { BlameParams, BlameView, PathsParams } from '../protocol';
import { abortOf } from './cancellation';
import { documentOf } from './diffs';
import type { Session } from './session';
import { inSlices } from './slices';
import { openState } from './states';
import { trieOf } from './tries';

const mostPaths = 200;

export async function blame(
  session: Session,
  { uri, state, path }: BlameParams,
  token?: CancellationToken,
): Promise<BlameView> {
  const document = documentOf(session, uri);
  const { contents, indexes, name } = await openState(session, document, state);
  const analysis = document.analysis();
  const asker = token && abortOf(token).signal;
  const history = await inSlices(blameInSteps(indexes, path, await trieOf(contents)), asker);
  // Layers of another image than the last build's are of no line here.
  const owned = name === null;
  return {
    path,
    history: history.map(({ layer, action, bytes }) => ({
      layer,
      line: (owned ? lineOfLayer(analysis, layer)?.view.line : null) ?? null,
      title: owned ? layerTitle(analysis, layer) : l10n.t('layer {0}', layer + 1),
      action,
      bytes,
    })),
  };
}

export async function paths(
  session: Session,
  { uri, state, text, limit }: PathsParams,
  token?: CancellationToken,
): Promise<string[]> {
  const asker = token && abortOf(token).signal;
  const { indexes } = await openState(session, documentOf(session, uri), state);
  return inSlices(searchPaths(indexes, text, Math.min(limit, mostPaths)), asker);
}
