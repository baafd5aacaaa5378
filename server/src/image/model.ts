// What an image is, whatever it was read from. Layers are oldest first everywhere.
import type { Digest } from '../primitives/digest';

export interface HistoryEntry {
  createdBy: string;
  comment: string;
  emptyLayer: boolean;
  /** As written in the config; null when absent. */
  created: string | null;
}

export interface ImageConfig {
  os: string;
  architecture: string;
  variant: string | null;
  diffIds: Digest[];
  /** Empty when the config has none. */
  history: HistoryEntry[];
  workingDir: string;
  user: string;
  env: string[];
  /** Triggers that fire in a child build. */
  onBuild: string[];
}

/** The stored bytes of a layer, compressed or not. */
export interface LayerBlob {
  /** The part of a plain file that holds them, when one does: it can be scanned by position, in a worker thread. */
  readonly region: { path: string; offset: number; length: number } | null;
  /** The file of the person that `region` was unpacked from, where that is a temporary one of ours. */
  readonly origin?: string;
  open(signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /**
   * Has the source bring the bytes, where they are not at hand yet; `region` is known afterwards. Waiting may be given
   * up by the signal. Throws as the source's opening does.
   */
  settle?(signal?: AbortSignal): Promise<void>;
  /** A small part, where it can be had without the rest. Throws StrataError('unsupported') when it turns out not to. */
  range?(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * The table of contents that the layer carries, as JSON text of the digest that the manifest names; null where it
   * turns out not to be had. Absent where the manifest names none. Throws StrataError('unreadable') for another table.
   */
  listing?(signal?: AbortSignal): Promise<string | null>;
}

export interface Layer {
  /** Position in the image, 0 is the oldest. The same DiffID can occur twice; the index cannot. */
  index: number;
  diffId: Digest;
  chainId: Digest;
  /** Digest of the blob as stored; null when the source does not tell. */
  blobDigest: Digest | null;
  /** Bytes of the blob as a registry stores it; null when unknown (an uncompressed archive does not tell). */
  compressedBytes: number | null;
  mediaType: string | null;
  /** Null when the source knows the layer but holds no bytes of it. */
  blob: LayerBlob | null;
}

export interface Image {
  /** With its transport: `docker-archive:app.tar`, `docker-daemon:app:1`. */
  reference: string;
  /** Digest of the config. */
  id: Digest;
  /** `linux/amd64` or `linux/arm64/v8`. */
  platform: string;
  config: ImageConfig;
  layers: Layer[];
  problems: string[];
  /** True when each layer read is fetched over the network. */
  remote?: boolean;
  /** Frees files and temporary folders. The layers' blobs must not be read afterwards. */
  close(): Promise<void>;
}

/** What is known of a layer's content, as plain data that a record can keep. Unknown is null, never 0. */
export interface MeasuredLayer {
  index: number;
  diffId: Digest;
  chainId: Digest;
  blobDigest: Digest | null;
  compressedBytes: number | null;
  /** Sum of regular files' sizes in the layer; null until it has been indexed. */
  unpackedBytes: number | null;
  /** Bytes as the engine's history counts them (not the same measure); shown only until `unpackedBytes` is known. */
  engineBytes: number | null;
  added: number | null;
  modified: number | null;
  removed: number | null;
  wastedBytes: number | null;
}

export interface MeasuredImage {
  reference: string;
  id: Digest;
  platform: string;
  history: HistoryEntry[];
  layers: MeasuredLayer[];
  /** Visible bytes of the merged view; null until every layer has been indexed. */
  visibleBytes: number | null;
  /** Files wasted: who wrote them and who hid them; the largest first, bounded. */
  waste: WastedFile[];
  /** All of the waste by who wrote it and who hid it, the largest first; absent when it was not looked for. */
  hidden?: HiddenBytes[];
  /** Known kinds of left-overs; absent when they were not looked for. */
  deposits?: Deposit[];
  /** Contents that are in the image more than once; absent when they were not looked for. */
  duplicates?: DuplicateContent[];
  /** Files that look like secrets, in any layer; absent when they were not looked for. */
  secrets?: SecretFile[];
  problems: string[];
}

export interface WastedFile {
  path: string;
  bytes: number;
  /** Layer index that wrote it. */
  writtenBy: number;
  /** Layer index that hid it. */
  hiddenBy: number;
  how: 'overwritten' | 'deleted' | 'copied-up';
}

/** What one layer wrote and another one hid. */
export interface HiddenBytes {
  writtenBy: number;
  hiddenBy: number;
  how: WastedFile['how'];
  bytes: number;
  files: number;
  /** Whether a file among them has setuid, setgid or the sticky bit. */
  special: boolean;
  /** Up to three directories (or the one file) that hold most of it. */
  places: { path: string; bytes: number }[];
}

/** What a directory of a known name holds: a package manager's cache, the history of a repository, a compiler. */
export type DepositKind =
  | 'apt-lists'
  | 'apt-cache'
  | 'apk'
  | 'dnf'
  | 'yum'
  | 'zypper'
  | 'pip'
  | 'npm'
  | 'yarn'
  | 'pnpm'
  | 'go-build'
  | 'go-mod'
  | 'cargo'
  | 'maven'
  | 'gradle'
  | 'composer'
  | 'gem'
  | 'conda'
  | 'git'
  | 'compiler'
  | 'headers';

/** Files that a layer holds below one directory of a known kind. */
export interface Deposit {
  kind: DepositKind;
  layer: number;
  path: string;
  /** Of its files in this layer. */
  bytes: number;
  files: number;
  /** Of those that the merged view still shows and that no hard link elsewhere needs: what deleting them would free. */
  visibleBytes: number;
  /** Owner of its first file. */
  uid: number;
}

/** Files of the merged view with the same content, each stored on its own. */
export interface DuplicateContent {
  /** Of one copy. */
  bytes: number;
  /** How many there are, two at least. */
  count: number;
  /** The lowest layer first; bounded. */
  copies: { layer: number; path: string }[];
}

export interface SecretFile {
  layer: number;
  path: string;
  kind: 'private-key' | 'credentials' | 'environment';
  /** True when its content was looked at; else its name alone tells. */
  read: boolean;
  /** The layer that deletes or replaces it; null when the merged view shows it. */
  hiddenBy: number | null;
}
