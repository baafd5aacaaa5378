// The bytes of a file as a state shows it, for the read-only editors: from the kept image, without unpacking to disk.
import * as l10n from '@vscode/l10n';
import { findStateFile } from '../layers/readFile';
import { StrataError } from '../primitives/errors';
import type { FileParams, FileResult } from '../protocol';
import { layerReader } from './layerTrees';
import type { Session } from './session';
import { type OpenState, openState } from './states';

/** Editors refuse larger texts anyway; what is larger is told, not sent. */
const maxBytes = 16 * 1024 * 1024;

export async function fileContent(session: Session, params: FileParams): Promise<FileResult> {
  const document = session.documents.get(params.uri);
  if (!document) return unavailable(l10n.t('This Dockerfile is not open.'));
  let state: OpenState;
  try {
    state = await openState(session, document, params.state);
  } catch (error) {
    if (error instanceof StrataError) return unavailable(withHint(error));
    throw error;
  }
  const { contents, indexes, upTo } = state;
  if (upTo < 0) return { base64: null, bytes: 0, unavailable: null };
  const place = findStateFile(indexes, upTo, params.path);
  if (!place) return { base64: null, bytes: 0, unavailable: null };
  if (state.readTop && place.layer === indexes.length - 1) return topFile(state.readTop, params.path);
  const index = indexes[place.layer]!;
  const reader = layerReader(session.host, contents);
  const kept = reader.kept(index, place.row);
  if (kept) return sent(kept);
  if (!contents.open)
    return unavailable(l10n.t('Only the list of files was kept of this build, not their contents.'));
  if (!session.trusted && !contents.opensFromFiles) {
    return unavailable(
      l10n.t(
        'Strata starts no program in a workspace that is not trusted, and reading this image takes one.',
      ),
    );
  }
  let image: Awaited<ReturnType<typeof contents.open>> | null = null;
  try {
    image = await contents.open();
    return sent(await reader.read(image.layers[place.layer]!, index, place.row, { maxBytes }));
  } catch (error) {
    if (error instanceof StrataError) return unavailable(withHint(error));
    throw error;
  } finally {
    await image?.close();
  }
}

/** A file that a container wrote itself: it is copied out of it. */
async function topFile(read: NonNullable<OpenState['readTop']>, path: string): Promise<FileResult> {
  try {
    return sent(await read(path, maxBytes));
  } catch (error) {
    if (error instanceof StrataError) return unavailable(withHint(error));
    throw error;
  }
}

function withHint({ message, hint }: StrataError): string {
  return [message, hint].filter(Boolean).join(' ');
}

function unavailable(why: string): FileResult {
  return { base64: null, bytes: 0, unavailable: why };
}

function sent(bytes: Uint8Array): FileResult {
  return { base64: Buffer.from(bytes).toString('base64'), bytes: bytes.length, unavailable: null };
}
