// What a file of an image is shown as, by its bytes alone: names in images are anybody's. Text is what an editor shows as
// it is; an image what VS Code's preview draws; all else is binary. Knows neither vscode nor the DOM.

export type FileKind = 'text' | 'image' | 'binary';

/** Text: UTF-8 without NUL, or UTF-16 by its byte order mark. A text in an older encoding counts as binary. */
export function fileKind(bytes: Uint8Array): FileKind {
  if (encodingOf(bytes) !== null) return 'text';
  return isImage(bytes) ? 'image' : 'binary';
}

/** How a text is encoded; null for what is no text. */
export function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | null {
  const [first, second, third, fourth] = bytes;
  if (bytes.length % 2 === 0) {
    // FF FE 00 00 is UTF-32, which VS Code does not know.
    if (first === 0xff && second === 0xfe && !(third === 0 && fourth === 0)) return 'utf-16le';
    if (first === 0xfe && second === 0xff) return 'utf-16be';
  }
  if (bytes.includes(0)) return null;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return 'utf-8';
  } catch {
    return null;
  }
}

/** The formats that VS Code's image preview draws, by their first bytes. */
function isImage(bytes: Uint8Array): boolean {
  const at = (offset: number, text: string): boolean =>
    bytes.length >= offset + text.length &&
    [...text].every((char, i) => bytes[offset + i] === char.charCodeAt(0));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (
    at(0, '\x89PNG\r\n\x1a\n') ||
    at(0, '\xff\xd8\xff') ||
    at(0, 'GIF87a') ||
    at(0, 'GIF89a') ||
    (at(0, 'RIFF') && at(8, 'WEBP')) ||
    (at(4, 'ftyp') && (at(8, 'avif') || at(8, 'avis'))) ||
    // Two letters prove little: the header behind the file header has one of its known lengths.
    (at(0, 'BM') && bytes.length > 18 && bitmapHeaders.has(view.getUint32(14, true))) ||
    isIcon(view)
  );
}

/** BITMAPCOREHEADER, BITMAPINFOHEADER, its later versions. */
const bitmapHeaders = new Set([12, 40, 52, 56, 64, 108, 124]);

/** A directory of at least one picture, the first of which lies within the file. */
function isIcon(view: DataView): boolean {
  if (view.byteLength < 22 || view.getUint32(0, true) !== 0x10000) return false;
  const size = view.getUint32(14, true);
  const offset = view.getUint32(18, true);
  const pictures = view.getUint16(4, true);
  return pictures > 0 && offset >= 6 + 16 * pictures && size > 0 && offset + size <= view.byteLength;
}

/** Whether the editor takes a file of this name for an image, whatever it holds. */
export function isNamedAsImage(path: string): boolean {
  return /\.(?:png|jpe?g|jpe|gif|webp|bmp|ico|avif)$/i.test(path);
}
