// Keeps indexes by key (indexKey.ts: the DiffID where it is verified): on disk below `<dir>/index/v<format>`, and the
// last used ones in memory. An index never goes stale; a damaged file is no file. A disk that refuses makes the store
// forgetful, not the analysis fail.
import { type Digest, sha256 } from '../primitives/digest';
import { filesByUse } from '../primitives/filesByUse';
import type { Host } from '../primitives/host';
import { decodeIndex, encodeIndex, indexBytes, indexFormatVersion } from './indexFormat';
import type { LayerIndex } from './model';

export interface IndexStore {
  /** Null when it is not kept, or when what lies under the key is of another layer. The key is the DiffID by default. */
  get(diffId: Digest, key?: Digest): Promise<LayerIndex | null>;
  /** Whether one is kept, without reading it: it may turn out to be damaged. */
  has(diffId: Digest, key?: Digest): Promise<boolean>;
  put(index: LayerIndex, key?: Digest): Promise<void>;
  /** A text that was made of indexes, kept on disk only; null when it is not kept or damaged. */
  getText(key: Digest): Promise<string | null>;
  putText(key: Digest, text: string): Promise<void>;
  /** Forgets everything, on disk too. */
  clear(): Promise<void>;
}

export interface StoreOptions {
  /** On disk, bytes. */
  maxBytes?: number;
  /** In memory, bytes. */
  memoryBytes?: number;
  /** Told once when the disk refused. */
  onRefused?: (error: unknown) => void;
}

const defaults = { maxBytes: 2_000_000_000, memoryBytes: 100_000_000 };

/** What eviction leaves, so that it does not run for each layer that comes. */
const evictTo = 0.9;

/** Of a digest as text. */
const digestLength = 'sha256:'.length + 64;

/** What stands behind its own digest; null when it is not what that says. */
function verifiedText(bytes: Uint8Array): string | null {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const text = whole.slice(digestLength + 1);
  return whole.slice(0, digestLength) === sha256(text) ? text : null;
}

/** @param dir null keeps in memory only */
export function openIndexStore(host: Host, dir: string | null, options: StoreOptions = {}): IndexStore {
  const { maxBytes, memoryBytes } = { ...defaults, ...options };
  const folder = dir === null ? null : `${dir}/index/v${indexFormatVersion}`;
  /** Least recently used first. */
  const memory = new Map<Digest, { index: LayerIndex; bytes: number }>();
  let inMemory = 0;
  let onDisk: number | null = null;
  let refused = false;

  const refuse = (error: unknown): void => {
    if (!refused) options.onRefused?.(error);
    refused = true;
  };

  const remember = (index: LayerIndex, key: Digest): void => {
    const bytes = indexBytes(index);
    forget(key);
    memory.set(key, { index, bytes });
    inMemory += bytes;
    for (const [oldest] of memory) {
      if (inMemory <= memoryBytes) break;
      forget(oldest);
    }
  };

  const forget = (key: Digest): void => {
    const kept = memory.get(key);
    if (!kept) return;
    memory.delete(key);
    inMemory -= kept.bytes;
  };

  const fileOf = (key: Digest): string => `${folder}/${key.slice('sha256:'.length)}.idx`;

  const textFileOf = (key: Digest): string => `${folder}/${key.slice('sha256:'.length)}.json`;

  const evict = async (): Promise<void> => {
    const files = await filesByUse(host.files, folder!, () => true);
    let total = files.reduce((sum, { size }) => sum + size, 0);
    if (total > maxBytes) {
      for (const { path, size } of files.reverse()) {
        if (total <= maxBytes * evictTo) break;
        await host.files.remove(path);
        total -= size;
      }
    }
    onDisk = total;
  };

  /** What a file holds; null when there is none, or none of ours: that one goes. */
  const readKept = async <T>(path: string, decode: (bytes: Uint8Array) => T | null): Promise<T | null> => {
    try {
      const bytes = await host.files.read(path);
      if (!bytes) return null;
      const found = decode(bytes);
      if (found === null) await host.files.remove(path);
      else await host.files.touch(path);
      return found;
    } catch (error) {
      refuse(error);
      return null;
    }
  };

  const writeKept = async (path: string, encode: () => Uint8Array): Promise<void> => {
    try {
      const bytes = encode();
      if (bytes.length > maxBytes) return;
      await host.files.writeWhole(path, bytes);
      if (onDisk !== null) onDisk += bytes.length;
      if (onDisk === null || onDisk > maxBytes) await evict();
    } catch (error) {
      refuse(error);
    }
  };

  return {
    async get(diffId, key = diffId) {
      const kept = memory.get(key);
      if (kept) {
        memory.delete(key);
        memory.set(key, kept);
        return kept.index.diffId === diffId ? kept.index : null;
      }
      if (folder === null) return null;
      const index = await readKept(fileOf(key), (bytes) => decodeIndex(bytes, diffId));
      if (index) remember(index, key);
      return index;
    },

    async has(diffId, key = diffId) {
      const inMemory = memory.get(key);
      if (inMemory) return inMemory.index.diffId === diffId;
      if (folder === null) return false;
      try {
        return (await host.files.stat(fileOf(key)))?.kind === 'file';
      } catch (error) {
        refuse(error);
        return false;
      }
    },

    async put(index, key = index.diffId) {
      remember(index, key);
      if (folder !== null) await writeKept(fileOf(key), () => encodeIndex(index));
    },

    async getText(key) {
      return folder === null ? null : readKept(textFileOf(key), verifiedText);
    },

    async putText(key, text) {
      if (folder !== null)
        await writeKept(textFileOf(key), () => Buffer.from(`${sha256(text)}\n${text}`, 'utf8'));
    },

    async clear() {
      memory.clear();
      inMemory = 0;
      onDisk = null;
      if (folder !== null) await host.files.remove(`${dir}/index`);
    },
  };
}
