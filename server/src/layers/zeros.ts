// The columns of zeros of all indexes (xattrs nearly always, uid and gid often), which share one memory.
// Nobody writes to a column of a finished index.

let shared = new Uint8Array(0);
const shares = new WeakSet<ArrayBufferLike>();

/** A column of zeros. */
export function zeros(count: number): Uint8Array {
  if (count > shared.length) {
    shared = new Uint8Array(Math.max(count, 65_536));
    shares.add(shared.buffer);
  }
  return shared.subarray(0, count);
}

/** Whether an array is such a column: it must not be handed away to another thread. */
export function isShared(array: ArrayBufferView): boolean {
  return shares.has(array.buffer);
}
