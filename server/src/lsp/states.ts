// States of files that a person looks into or compares: the image of the last build up to a layer, another recorded
// build, any image by reference. Each is opened once and kept while it is among the newest. Nothing is opened in a
// workspace that is not trusted but what the record of the last build holds.
import * as l10n from '@vscode/l10n';
import { timeText } from '../describe/hover';
import { findContainer } from '../image/containers';
import type { Engine } from '../image/engines';
import type { LayerIndex } from '../layers/model';
import { type ContainerContents, contentsOfContainer } from '../measure/containerContents';
import type { Contents } from '../measure/contents';
import { contentsOfReference } from '../measure/referenceContents';
import { StrataError } from '../primitives/errors';
import type { StateRef } from '../protocol';
import type { DocumentState } from './documents';
import { contentsOf, filePath, measureTools, recordedBuilds } from './knowledge';
import { knownUpTo, rememberAnswer } from './layerTrees';
import type { Session } from './session';

export interface OpenState {
  contents: Contents;
  /** Last layer that counts; -1 for none. */
  upTo: number;
  /** The layers up to it. */
  indexes: LayerIndex[];
  /** What an image is called where it is not the Dockerfile's last build: `build of 12:41`, `debian:12`. */
  name: string | null;
  /** Bytes of files of the last layer, where it is a container's own and no image holds them. */
  readTop?: (path: string, maxBytes: number) => Promise<Uint8Array>;
  /** True where DiffIDs were verified by who made the image: the same DiffID is the same layer then. */
  verified: boolean;
}

/** Throws StrataError('not-found' | 'unsupported') with what a person can do, and what opening an image throws. */
export async function openState(
  session: Session,
  document: DocumentState,
  ref: StateRef,
): Promise<OpenState> {
  switch (ref.of) {
    case 'image':
      return stateOf(document.contents, ref.upTo, null, true, document);
    case 'build': {
      const { contents, name } = await buildContents(session, document, ref.id);
      return stateOf(contents, contents.indexes.length - 1, name, true, null);
    }
    case 'reference': {
      const contents = await imageContents(session, ref.reference);
      return stateOf(contents, ref.upTo ?? contents.indexes.length - 1, ref.reference, false, null);
    }
    case 'container': {
      const { contents, container, read } = await containerContents(session, document, ref.engine, ref.id);
      const top = contents.indexes.length - 1;
      const name = l10n.t('the container {0}', container.name);
      if (ref.below) return stateOf(contents, top - 1, l10n.t('the image of {0}', name), true, null);
      return { ...stateOf(contents, top, name, true, null), readTop: read };
    }
  }
}

function stateOf(
  contents: Contents,
  upTo: number,
  name: string | null,
  verified: boolean,
  document: DocumentState | null,
): OpenState {
  const indexes = upTo < 0 ? [] : knownUpTo(contents, upTo);
  if (indexes) return { contents, upTo, indexes, name, verified };
  if (document?.reading) {
    throw new StrataError(
      'not-found',
      l10n.t('The files of this image are still being read.'),
      l10n.t('Try again in a moment.'),
    );
  }
  throw new StrataError(
    'not-found',
    name === null
      ? l10n.t('The files of layer {0} are not known.', upTo + 1)
      : l10n.t('The files of {0} are not known any more.', name),
    l10n.t('Build the image again.'),
  );
}

interface BuildContents {
  contents: Contents;
  name: string;
}

const kept = new WeakMap<Session, Map<string, Promise<BuildContents>>>();
const keptImages = new WeakMap<Session, Map<string, Promise<Contents>>>();

function buildContents(session: Session, document: DocumentState, id: string): Promise<BuildContents> {
  const builds = ofSession(kept, session);
  return rememberAnswer(builds, `${document.uri} ${id}`, async () => {
    const file = filePath(document);
    const records = file === null ? [] : await recordedBuilds(session, file);
    const record = records.find((one) => one.id === id);
    if (file === null || !record) {
      throw new StrataError(
        'not-found',
        l10n.t('The record of that build is gone.'),
        l10n.t('Choose another build.'),
      );
    }
    const name = l10n.t('the build of {0}', timeText(record.started, session.style));
    return { contents: await contentsOf(session, file, record), name };
  });
}

function imageContents(session: Session, reference: string): Promise<Contents> {
  requireTrust(session);
  return rememberAnswer(ofSession(keptImages, session), reference, () =>
    contentsOfReference(measureTools(session, null), reference),
  );
}

/** Asked anew each time the panel asks for a head: containers go on writing. */
const containerKept = new WeakMap<Session, Map<string, Promise<ContainerContents>>>();

/** Forgets what a container held, so that the next question sees it as it is then. */
export function forgetContainers(session: Session): void {
  containerKept.delete(session);
}

function containerContents(
  session: Session,
  document: DocumentState,
  engine: Engine,
  id: string,
): Promise<ContainerContents> {
  requireTrust(session);
  return rememberAnswer(ofSession(containerKept, session), `${engine} ${id}`, async () => {
    const tools = measureTools(session, null);
    const found = await findContainer(session.host, engine, id, tools).catch((error: unknown) => {
      if (!(error instanceof StrataError) || error.code !== 'not-found') throw error;
      throw new StrataError('not-found', l10n.t('That container is gone.'), l10n.t('Choose another one.'));
    });
    return contentsOfContainer(tools, found, document.contents);
  });
}

function requireTrust(session: Session): void {
  if (session.trusted) return;
  throw new StrataError(
    'unsupported',
    l10n.t('Images are not opened in a workspace that is not trusted.'),
    l10n.t('Trust the workspace first.'),
  );
}

function ofSession<T>(map: WeakMap<Session, Map<string, T>>, session: Session): Map<string, T> {
  let found = map.get(session);
  if (!found) {
    found = new Map();
    map.set(session, found);
  }
  return found;
}
