// Node's own decompressors, driven without waiting: what a worker thread needs to unpack and scan in one go. The handle
// behind a zlib stream is undocumented, so it is known by its shape and by the version of Node here, and by its
// behaviour in syncUnpack.ts, which also decides what is done with it. Nobody else may touch it.
import * as zlib from 'node:zlib';

/** As lib/zlib.js uses it; the same in Node 20 and 24. */
interface ZlibHandle {
  onerror: (message: string, errno: number, code: string) => void;
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputBytes: number,
    output: Uint8Array,
    outputAt: number,
    outputBytes: number,
  ): void;
}

interface ZlibStream {
  _handle?: Partial<ZlibHandle> | null;
  /** Output and input bytes left after a write. */
  _writeState?: unknown;
  destroy(): void;
}

export type SyncFormat = 'gzip' | 'zstd';

/**
 * Wrong arguments end the process, natively: a version whose call may have changed is not even tried. Raise it after
 * running the tests of syncUnpack.ts on a newer one.
 */
const newestKnownNode = 24;

const streams: Record<SyncFormat, (() => ZlibStream) | null> = {
  gzip: () => zlib.createGunzip() as unknown as ZlibStream,
  // Since Node 22.15; our type declarations are of Node 20.
  zstd: (zlib as unknown as { createZstdDecompress?: () => ZlibStream }).createZstdDecompress ?? null,
};

export interface SyncDecoder {
  /** Bytes of the input that the last write left. */
  inputLeft: number;
  /** Bytes of the output that the last write left free. */
  outputLeft: number;
  /** Unpacks `input` from `inputAt` on into `output` from `outputAt` on. Throws zlib's error, with its `code`. */
  write(input: Uint8Array, inputAt: number, output: Uint8Array, outputAt: number, last: boolean): void;
  close(): void;
}

/** Null where this Node has no such decompressor, or none of the known shape. */
export function openSyncDecoder(format: SyncFormat): SyncDecoder | null {
  const create = streams[format];
  const major = Number.parseInt(process.versions.node, 10);
  if (!create || !(major <= newestKnownNode)) return null;
  const stream = create();
  const { _handle: handle, _writeState: state } = stream;
  const known = typeof handle?.writeSync === 'function' && 'onerror' in handle;
  if (!known || !(state instanceof Uint32Array) || state.length !== 2) {
    stream.destroy();
    return null;
  }
  return decoderOf(stream, handle as ZlibHandle, state);
}

function decoderOf(stream: ZlibStream, handle: ZlibHandle, state: Uint32Array): SyncDecoder {
  let failure: Error | null = null;
  handle.onerror = (message, _errno, code) => {
    failure = Object.assign(new Error(message), { code });
  };
  return {
    inputLeft: 0,
    outputLeft: 0,
    write(input, inputAt, output, outputAt, last) {
      const inputBytes = input.length - inputAt;
      const outputBytes = output.length - outputAt;
      const flush = last ? zlib.constants.Z_FINISH : zlib.constants.Z_NO_FLUSH;
      handle.writeSync(flush, input, inputAt, inputBytes, output, outputAt, outputBytes);
      if (failure) throw failure;
      this.outputLeft = state[0]!;
      this.inputLeft = state[1]!;
    },
    close: () => stream.destroy(),
  };
}
