// Keeps indexes by key (indexKey.ts: the DiffID where it is verified): on disk below `<dir>/index/v<format>`, and the
// last used ones in memory. An index never goes stale; a damaged file is no file. A disk that refuses makes the store
// forgetful, not the analysis fail.
import { type Digest, sha256 } from '../primitives/digest';
import type { Host } from '../primitives/host';
import { decodeIndex, encodeIndex, indexBytes, indexFormatVersion } from './indexFormat';
import type { LayerIndex } from './model';

export interface IndexStore {
  /** Null when it is not kept, or when what lies under the key is of another layer. The key is the DiffID by default. */
  get(diffId: Digest, key?: Digest): Promise<LayerIndex | null>;
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
    const files: { path: string; size: number; mtimeMs: number }[] = [];
    for (const { name, kind } of await host.files.list(folder!)) {
      const path = `${folder}/${name}`;
      const stat = kind === 'file' ? await host.files.stat(path) : null;
      if (stat) files.push({ path, size: stat.size, mtimeMs: stat.mtimeMs });
    }
    let total = files.reduce((sum, { size }) => sum + size, 0);
    if (total > maxBytes) {
      files.sort((a, b) => a.mtimeMs - b.mtimeMs);
      for (const { path, size } of files) {
        if (total <= maxBytes * evictTo) break;
        await host.files.remove(path);
        total -= size;
      }
    }
    onDisk = total;
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
      try {
        const bytes = await host.files.read(fileOf(key));
        const index = bytes && decodeIndex(bytes, diffId);
        if (!index) {
          if (bytes) await host.files.remove(fileOf(key));
          return null;
        }
        remember(index, key);
        await host.files.touch(fileOf(key));
        return index;
      } catch (error) {
        refuse(error);
        return null;
      }
    },

    async put(index, key = index.diffId) {
      remember(index, key);
      if (folder === null) return;
      try {
        const bytes = encodeIndex(index);
        if (bytes.length > maxBytes) return;
        await host.files.writeWhole(fileOf(key), bytes);
        if (onDisk !== null) onDisk += bytes.length;
        if (onDisk === null || onDisk > maxBytes) await evict();
      } catch (error) {
        refuse(error);
      }
    },

    async getText(key) {
      if (folder === null) return null;
      try {
        const bytes = await host.files.read(textFileOf(key));
        if (!bytes) return null;
        const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
        const text = whole.slice(digestLength + 1);
        if (whole.slice(0, digestLength) !== sha256(text)) {
          await host.files.remove(textFileOf(key));
          return null;
        }
        await host.files.touch(textFileOf(key));
        return text;
      } catch (error) {
        refuse(error);
        return null;
      }
    },

    async putText(key, text) {
      if (folder === null) return;
      try {
        // Counted with the rest when the next index is put.
        await host.files.writeWhole(textFileOf(key), `${sha256(text)}\n${text}`);
      } catch (error) {
        refuse(error);
      }
    },

    async clear() {
      memory.clear();
      inMemory = 0;
      onDisk = null;
      if (folder !== null) await host.files.remove(`${dir}/index`);
    },
  };
}
