// What a line takes from the build context, largest first: the answer to 'why is this COPY so big'.
import * as l10n from '@vscode/l10n';
import { instructionTitle } from '../describe/layerTitle';
import { translated } from '../describe/translate';
import { takeWith } from '../forecast/takes';
import type { TakenParams, TakenResult } from '../protocol';
import { documentOf } from './diffs';
import type { Session } from './session';

const mostEntries = 2000;

export function takenBy(session: Session, { uri, line }: TakenParams): TakenResult {
  const document = documentOf(session, uri);
  const snapshot = document.context?.walked ?? null;
  const inputs = document.forecastInputs();
  const nothing = { files: 0, bytes: 0, folders: 0, file: null };
  if (!snapshot || !inputs?.files) {
    const why = l10n.t('The build context has not been read yet.');
    return { title: null, entries: [], files: 0, bytes: null, ignored: nothing, root: null, why };
  }
  const { root, ignored, ignoreFile } = snapshot;
  const about = {
    ignored: {
      files: ignored.files,
      bytes: ignored.bytes,
      folders: ignored.folders.length,
      file: ignoreFile,
    },
    root,
  };
  const instruction = document.instructionAt(line);
  const copies = instruction?.keyword === 'COPY' || instruction?.keyword === 'ADD';
  if (!instruction || !copies) {
    const files = snapshot.entries.filter(({ type }) => type === 'file');
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    const why = snapshot.problems.map(translated).join(' ');
    return { title: null, entries: listed(files), files: files.length, bytes, ...about, why };
  }
  const { dockerfile } = document.parsed();
  const taken = takeWith(dockerfile, instruction, document.choice(), inputs.files);
  const files = taken.entries.map(({ entry }) => entry).filter(({ type }) => type !== 'directory');
  return {
    title: instructionTitle(instruction),
    entries: listed(files),
    files: files.length,
    bytes: taken.bytes,
    ...about,
    why: [translated(taken.why ?? ''), ...snapshot.problems.map(translated)].filter(Boolean).join(' '),
  };
}

function listed(files: readonly { path: string; size: number; type: string }[]): TakenResult['entries'] {
  return [...files]
    .sort((a, b) => b.size - a.size)
    .slice(0, mostEntries)
    .map(({ path, size, type }) => ({ path, bytes: size, type }));
}
