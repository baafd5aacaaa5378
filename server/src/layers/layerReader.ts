// Files of an image read one after the other, as an editor opens them: of a layer that has to be unpacked, small files
// that go by are kept, so that the next one of them costs nothing. What is read at all, readFile.ts decides.
import type { Layer } from '../image/model';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { type Body, type BodySink, bodyOf, type Piece, streamPieces, takeBodies } from './bodies';
import { rowPath } from './entry';
import { openPlainLayer } from './layerBytes';
import { type LayerIndex, rowTypes } from './model';
import { fileBody, type ReadOptions, readLayerFile } from './readFile';

export interface LayerReaderOptions {
  /** Bytes of files kept at most; unpacking goes on for half of it behind a file that was asked for. Default 32 MiB. */
  maxKeptBytes?: number;
}

const defaultMaxKeptBytes = 32 * 2 ** 20;

export class LayerReader {
  private readonly host: Host;
  private readonly maxKeptBytes: number;
  /** Larger files are not kept, so that one does not drive out all others. */
  private readonly maxFileBytes: number;
  /** By index and row; the least recently used first. */
  private readonly files = new Map<string, Uint8Array>();
  private readonly numbers = new Map<LayerIndex, number>();
  private keptBytes = 0;
  /** Layers that are being unpacked: whoever wants another file of one waits for what goes by. */
  private readonly unpacking = new Map<LayerIndex, Promise<unknown>>();

  constructor(host: Host, { maxKeptBytes = defaultMaxKeptBytes }: LayerReaderOptions = {}) {
    this.host = host;
    this.maxKeptBytes = maxKeptBytes;
    this.maxFileBytes = Math.floor(maxKeptBytes / 32);
  }

  /** The content of a file's row when it is kept, so that the image need not be opened; else null. */
  kept(index: LayerIndex, row: number): Uint8Array | null {
    const key = this.keyOf(index, row);
    const bytes = this.files.get(key);
    if (!bytes) return null;
    this.files.delete(key);
    this.files.set(key, bytes);
    return bytes;
  }

  /** As `readLayerFile`, and throws as that. The result may be shared: do not write to it. */
  async read(layer: Layer, index: LayerIndex, row: number, options: ReadOptions = {}): Promise<Uint8Array> {
    const body = fileBody(layer, index, row, options);
    for (let busy = this.unpacking.get(index); busy; busy = this.unpacking.get(index)) await busy;
    const kept = this.kept(index, body.row);
    if (kept) return kept;
    const unpacking = this.readUnkept(layer, index, body, options);
    const settled = unpacking.then(
      () => {},
      () => {},
    );
    this.unpacking.set(index, settled);
    try {
      return await unpacking;
    } finally {
      if (this.unpacking.get(index) === settled) this.unpacking.delete(index);
    }
  }

  private async readUnkept(
    layer: Layer,
    index: LayerIndex,
    body: Body,
    options: ReadOptions,
  ): Promise<Uint8Array> {
    if (body.end > body.offset && !index.listed && !index.sparse.includes(body.row)) {
      // What was unpacked for this time only is had at some cost, too.
      const isLasting = layer.blob!.origin === undefined;
      const plain = isLasting ? await openPlainLayer(this.host, layer.blob!, options.signal) : null;
      if (!plain) return this.unpack(layer, index, body, options);
      await plain.close();
    }
    return readLayerFile(this.host, layer, index, body.row, options);
  }

  private async unpack(
    layer: Layer,
    index: LayerIndex,
    wanted: Body,
    { signal }: ReadOptions,
  ): Promise<Uint8Array> {
    let found: Uint8Array | null = null;
    const sinkOf = (body: Body): BodySink => {
      const bytes = new Uint8Array(body.end - body.offset);
      let filled = 0;
      return {
        add: (part) => {
          bytes.set(part, filled);
          filled += part.length;
        },
        end: () => {
          if (body.row === wanted.row) found = bytes;
          if (bytes.length <= this.maxFileBytes) this.keep(index, body.row, bytes);
        },
      };
    };
    const pieces = streamPieces(layer.blob!, signal);
    try {
      await takeBodies(
        this.passing(index, wanted),
        until(wanted.end + this.maxKeptBytes / 2, pieces),
        sinkOf,
      );
    } catch (error) {
      // Behind the file, damage is no matter of this file.
      if (!found || !(error instanceof StrataError)) throw error;
    }
    if (!found) {
      throw new StrataError('unreadable', `Layer ${layer.index} ends inside ${rowPath(index, wanted.row)}.`);
    }
    return found;
  }

  /** The file that is wanted, and those to keep when they go by: the last of them before it, and some behind. */
  private passing(index: LayerIndex, wanted: Body): Body[] {
    const sparse = new Set(index.sparse);
    const bodies: Body[] = [];
    for (let row = 0; row < index.count; row++) {
      const size = index.size[row]!;
      if (index.type[row] !== rowTypes.file || size === 0 || size > this.maxFileBytes) continue;
      if (row !== wanted.row && !sparse.has(row)) bodies.push(bodyOf(index, row));
    }
    return [...bodies, wanted].sort((a, b) => a.offset - b.offset);
  }

  private keep(index: LayerIndex, row: number, bytes: Uint8Array): void {
    if (this.kept(index, row)) return;
    this.files.set(this.keyOf(index, row), bytes);
    this.keptBytes += bytes.length;
    for (const [key, oldest] of this.files) {
      if (this.keptBytes <= this.maxKeptBytes) break;
      this.files.delete(key);
      this.keptBytes -= oldest.length;
    }
  }

  private keyOf(index: LayerIndex, row: number): string {
    let number = this.numbers.get(index);
    if (number === undefined) {
      number = this.numbers.size;
      this.numbers.set(index, number);
    }
    return `${number}:${row}`;
  }
}

async function* until(end: number, pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  for await (const piece of pieces) {
    yield piece;
    if (piece.at + piece.bytes.length >= end) return;
  }
}
