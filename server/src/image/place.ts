// A place that holds an image's files by name: a folder, or a tar (archive.ts). What the files mean is for
// dockerArchive.ts and ociLayout.ts.

import { sniffBytes } from '../primitives/compression';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import type { LayerBlob } from './model';
import { type ImageChoice, pathCandidates } from './reference';

export interface StoredBlob {
  blob: LayerBlob;
  /** Bytes as stored. */
  size: number;
  /** Its first bytes, for sniffing; fewer than `sniffBytes` when there are no more. */
  head: Uint8Array;
}

export interface Place {
  /** A small file, whole; null when there is none. Throws StrataError('hostile') for one that is not small. */
  read(path: string): Promise<Uint8Array | null>;
  /** Null when there is none. */
  blob(path: string): Promise<StoredBlob | null>;
}

/** Configs and manifests: real ones stay far below (registries cap manifests at 4 MiB). */
export const maxDocumentBytes = 16 * 2 ** 20;
/** All that are read to find out which image is meant: links can make thousands of names for one file. */
export const maxDocumentsBytes = 64 * 2 ** 20;
/** Layers that a manifest may list; engines stop at 127. */
export const maxListedLayers = 10_000;

export function tooLarge(path: string, size: number): StrataError {
  return new StrataError(
    'hostile',
    `${path} of the image is ${size} bytes, too many for a manifest or a config (${maxDocumentBytes}).`,
  );
}

export function tooMany(what: string): StrataError {
  return new StrataError(
    'hostile',
    `${what} has more than ${maxDocumentsBytes} bytes of manifests and configs, too many for its images.`,
  );
}

export function tooManyLayers(what: string, count: number): StrataError {
  return new StrataError(
    'hostile',
    `A manifest of ${what} lists ${count} layers; the limit is ${maxListedLayers}.`,
  );
}

/** The first reading of a path and a choice that is there; null when none is. */
export async function findPath(
  host: Host,
  rest: string,
): Promise<{ path: string; choice: ImageChoice | null; isFolder: boolean } | null> {
  for (const { path, choice } of pathCandidates(rest)) {
    const stat = await host.files.stat(path);
    // An image's name may begin like a folder: `app:1` beside a folder `app`.
    if (!stat) continue;
    // Behind a link: `stat` does not follow the last part of a path, and so follows it here.
    const target = stat.kind === 'symlink' ? await host.files.stat(`${path}/.`) : stat;
    return { path, choice, isFolder: target?.kind === 'directory' };
  }
  return null;
}

/**
 * Reads by name below a folder. Names come from checked digests or are our own, never from the image as they are.
 * @param signal ends what is read of it while an image is opened; layers have signals of their own
 */
export function folderPlace(host: Host, folder: string, signal?: AbortSignal): Place {
  return {
    async read(path) {
      signal?.throwIfAborted();
      const full = `${folder}/${path}`;
      if (!(await isThere(host, full))) return null;
      // Not the size that stat tells: a blob may be a link into a store.
      const file = await host.files.open(full);
      try {
        if (file.size > maxDocumentBytes) throw tooLarge(path, file.size);
        return await file.read(0, file.size);
      } finally {
        await file.close();
      }
    },
    async blob(path) {
      signal?.throwIfAborted();
      const full = `${folder}/${path}`;
      if (!(await isThere(host, full))) return null;
      return storedBlob(host, full, 0, null);
    },
  };
}

/** Neither folders nor pipes and devices, which could be waited for in vain. */
async function isThere(host: Host, path: string): Promise<boolean> {
  const kind = (await host.files.stat(path))?.kind;
  return kind === 'file' || kind === 'symlink';
}

/**
 * A part of a plain file; `size` null for the whole of it.
 * @param origin the file of the person that `path` was unpacked from
 */
export async function storedBlob(
  host: Host,
  path: string,
  offset: number,
  size: number | null,
  origin?: string,
): Promise<StoredBlob> {
  const file = await host.files.open(path);
  try {
    const length = size ?? file.size;
    const head = await file.read(offset, Math.min(sniffBytes, length));
    return {
      size: length,
      head,
      blob: {
        region: { path, offset, length },
        ...(origin !== undefined && { origin }),
        open: (signal) => host.files.stream(path, { offset, length, signal }),
      },
    };
  } finally {
    await file.close();
  }
}
