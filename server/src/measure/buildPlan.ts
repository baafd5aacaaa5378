// What a build needs beside the person's choices: its context and the folder that keeps its image. Shared by the editor
// and the command line.
import path from 'node:path';
import type { BuildRecord } from '../build/model';
import { sha256 } from '../primitives/digest';

/** The Dockerfile's own folder, as `docker build` users expect. */
export function defaultContext(dockerfile: string): string {
  return path.dirname(dockerfile);
}

/** Folders up: a record may be anybody's, and must not send us through a whole disk. */
const mostUp = 3;

/** What a record keeps of the context: its way from the Dockerfile's folder. Null for that folder, and for an address. */
export function contextToRecord(dockerfile: string, context: string): string | null {
  if (!path.isAbsolute(context)) return null;
  const way = path.relative(path.dirname(dockerfile), context).replaceAll('\\', '/');
  return way === '' || path.isAbsolute(way) ? null : way;
}

/** The context of a recorded build; the default where the record has none, or one that is too far away. */
export function recordedContext(dockerfile: string, record: BuildRecord | null | undefined): string {
  const way = record?.cache?.context ?? '';
  const up = way.split(/[\\/]/).filter((part) => part === '..').length;
  const folder = path.resolve(defaultContext(dockerfile), way);
  const isKept = way !== '' && !path.isAbsolute(way) && up <= mostUp && path.dirname(folder) !== folder;
  return isKept ? folder : defaultContext(dockerfile);
}

/** One folder for each Dockerfile, named by its path, so that the next build finds the blobs of the last. */
export function keepFolder(images: string, dockerfile: string): string {
  return path.join(images, sha256(path.resolve(dockerfile)).slice('sha256:'.length, 'sha256:'.length + 32));
}
