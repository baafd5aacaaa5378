// Names from archives made harmless: cleaned of `./`, `//`, `..` and leading slashes. Bytes in, bytes out.

const slash = 0x2f;
const dot = 0x2e;

/** True when a path has nothing to clean, which is nearly always. */
export function isClean(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return true;
  let partStart = start;
  for (let at = start; at <= end; at++) {
    if (at < end && bytes[at] !== slash) continue;
    if (isNothing(bytes, partStart, at)) return false;
    partStart = at + 1;
  }
  return true;
}

/** Empty, `.` or `..`. */
export function isNothing(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length > 2) return false;
  for (let i = start; i < end; i++) if (bytes[i] !== dot) return false;
  return true;
}

export interface CleanPath {
  bytes: Uint8Array;
  /** It climbed above the root and was held there. */
  escaped: boolean;
}

/** As Go's filepath.Clean("/" + path) without the slash, which is what engines do with names in layers. */
export function cleanPath(bytes: Uint8Array, start: number, end: number): CleanPath {
  const parts: Uint8Array[] = [];
  let escaped = false;
  let partStart = start;
  for (let at = start; at <= end; at++) {
    if (at < end && bytes[at] !== slash) continue;
    const length = at - partStart;
    if (!isNothing(bytes, partStart, at)) parts.push(bytes.subarray(partStart, at));
    else if (length === 2 && parts.pop() === undefined) escaped = true;
    partStart = at + 1;
  }
  const total = parts.reduce((sum, part) => sum + part.length + 1, -1);
  const clean = new Uint8Array(Math.max(0, total));
  let to = 0;
  for (const part of parts) {
    if (to > 0) clean[to++] = slash;
    clean.set(part, to);
    to += part.length;
  }
  return { bytes: clean, escaped };
}
