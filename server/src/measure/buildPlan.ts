// What a build needs beside the person's choices: its context and the folder that keeps its image. Shared by the editor
// and the command line.
import path from 'node:path';
import { sha256 } from '../primitives/digest';

/** The Dockerfile's own folder, as `docker build` users expect. */
export function defaultContext(dockerfile: string): string {
  return path.dirname(dockerfile);
}

/** One folder for each Dockerfile, named by its path, so that the next build finds the blobs of the last. */
export function keepFolder(images: string, dockerfile: string): string {
  return path.join(images, sha256(path.resolve(dockerfile)).slice('sha256:'.length, 'sha256:'.length + 32));
}
