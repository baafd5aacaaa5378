// A diff as a document, piece by piece: the list as the panel shows it, in the format that is asked for. Each piece says of
// what state of things it is, so that whoever joins them sees when a build came between. What is written is describe/diff….
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-languageserver/node';
import type { DiffDocument } from '../describe/diffDocument';
import { diffPiece, diffWriters } from '../describe/diffPieces';
import { sha256 } from '../primitives/digest';
import type { DiffExportParams, DiffExportPiece, StateRef } from '../protocol';
import { abortOf } from './cancellation';
import { listOf } from './diffRows';
import { diffHead, diffOf, documentOf } from './diffs';
import type { Session } from './session';
import { inSlices } from './slices';
import { openState } from './states';

export async function diffExport(
  session: Session,
  params: DiffExportParams,
  token?: CancellationToken,
): Promise<DiffExportPiece> {
  const { filter, kinds, sort, offset } = params;
  const document = documentOf(session, params.uri);
  const signal = token && abortOf(token).signal;
  const { diff, notCompared } = await diffOf(session, document, params);
  const list = await listOf(diff, params, sort, signal);
  const { title, against, line, layer, basis } = await diffHead(session, params);
  const analysis = document.analysis();
  const about: DiffDocument = {
    from: nameOf(params.from, analysis.image?.reference),
    to: nameOf(params.to, analysis.image?.reference),
    words: { title, against, line },
    totals: diff,
    query: { filter, kinds, sort },
    listed: list.length,
    basis,
    built: layer === null ? null : (analysis.build?.started ?? null),
    problems: [],
    style: session.style,
  };
  const read = diff.rows.reader(false);
  const work = diffPiece(diffWriters[params.format], about, (at) => read(list[at]!), offset);
  const piece = await inSlices(work, signal);
  const states = await Promise.all([params.from, params.to].map((ref) => openState(session, document, ref)));
  const layers = states.map(({ indexes }) => indexes.map(({ diffId }) => diffId));
  return { ...piece, total: list.length, state: sha256(JSON.stringify([list.length, notCompared, layers])) };
}

/** As the command line names states: `app:1@3`. */
function nameOf(ref: StateRef, image: string | undefined): string {
  switch (ref.of) {
    case 'image':
      return ref.upTo < 0 ? 'nothing' : `${image ?? l10n.t('the last build')}@${ref.upTo}`;
    case 'build':
      return l10n.t('build {0}', ref.id);
    case 'reference':
      return ref.upTo === null ? ref.reference : `${ref.reference}@${ref.upTo}`;
    case 'container':
      return `${ref.below ? l10n.t('the image of {0}', ref.id) : ref.id} (${ref.engine})`;
  }
}
