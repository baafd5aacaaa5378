// Chunks of bytes to lines of text, with a bound on how long a line may grow.
import { StringDecoder } from 'node:string_decoder';

export interface LineSplitter {
  take(chunk: Uint8Array): void;
  /** Hands on a last line without a line end. */
  end(): void;
}

/**
 * Lines end with LF or CR LF, and are handed on without it. UTF-8 may be cut anywhere between chunks.
 * @param longest in UTF-16 units; what a line has beyond is dropped
 */
export function splitLines(onLine: (line: string) => void, longest: number): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let length = 0;
  const add = (text: string) => {
    const kept = text.slice(0, longest - length);
    if (kept === '') return;
    parts.push(kept);
    length += kept.length;
  };
  const flush = () => {
    const line = parts.join('');
    parts = [];
    length = 0;
    onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  };
  const takeText = (text: string) => {
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      add(text.slice(from, at));
      flush();
      from = at + 1;
    }
    add(text.slice(from));
  };
  return {
    take: (chunk) => takeText(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end() {
      takeText(decoder.end());
      if (length > 0) flush();
    },
  };
}
