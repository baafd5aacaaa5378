// A text file that a person names, whole and bounded: a log, a metadata file.
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';

export interface TextFile {
  text: string;
  /** Without folders. */
  name: string;
  /** ms since 1970. */
  writtenMs: number;
}

/**
 * @param longest bytes
 * @throws StrataError 'not-found' | 'unreadable' | 'unsupported' for one that is too long
 */
export async function readTextFile(host: Host, file: string, longest: number): Promise<TextFile> {
  const stat = await host.files.stat(file);
  if (!stat) throw new StrataError('not-found', `There is no file ${file}.`);
  if (stat.kind === 'directory')
    throw new StrataError('unreadable', `${file} is a folder, not a file.`, 'Name a file in it.');
  // To open a pipe would wait for whoever writes to it.
  if (stat.kind === 'other') {
    throw new StrataError('unreadable', `${file} is no plain file.`, 'Write it to a file first.');
  }
  const opened = await host.files.open(file);
  try {
    if (opened.size > longest) {
      throw new StrataError(
        'unsupported',
        `${file} has ${opened.size} bytes, more than the ${longest} that are read.`,
        'Cut the part of the build out of it.',
      );
    }
    const bytes = await opened.read(0, opened.size);
    return { text: decoded(bytes), name: file.split(/[\\/]/).at(-1) ?? file, writtenMs: stat.mtimeMs };
  } finally {
    await opened.close();
  }
}

/** PowerShell's `>` writes UTF-16. */
function decoded(bytes: Uint8Array): string {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isWide ? 'utf-16le' : 'utf-8').decode(bytes);
}
