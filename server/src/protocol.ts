// Custom requests between client and server, and their plain types. Imports nothing; the client imports only this.
// Standard LSP carries hints, lenses, hovers, diagnostics and code actions; this is what it has no words for.

/** What the client tells the server at start. */
export interface InitializationOptions {
  trusted: boolean;
  /** Folder for records and indexes; null: nothing is kept on disk. */
  storage: string | null;
  locale: string;
  /** URI of the translation bundle for the server; null for English. */
  l10nUri: string | null;
  settings: Settings;
}

/** The `strata.*` settings; declared in package.json, compared by a test. */
export interface Settings {
  units: 'decimal' | 'binary';
  hints: { enabled: boolean; beforeBuild: 'layers' | 'sizesOnly'; metadataLines: boolean };
  codeLens: { enabled: boolean };
  hover: { enabled: boolean };
  /** The client's own: the layer tree follows the cursor. */
  tree: { followCursor: boolean };
  rules: Record<string, 'off' | 'on'>;
  builder: 'auto' | 'buildx' | 'docker' | 'podman' | 'buildah';
  docker: { path: string };
  podman: { path: string };
  buildah: { path: string };
  build: { extraArguments: string[] };
  cache: { maxBytes: number };
}

export const defaultSettings: Settings = {
  units: 'decimal',
  hints: { enabled: true, beforeBuild: 'layers', metadataLines: false },
  codeLens: { enabled: true },
  hover: { enabled: true },
  tree: { followCursor: false },
  rules: {},
  builder: 'auto',
  docker: { path: '' },
  podman: { path: '' },
  buildah: { path: '' },
  build: { extraArguments: [] },
  cache: { maxBytes: 2_000_000_000 },
};

/**
 * Client commands that the server's lenses, hovers and actions name. Arguments of each: the Dockerfile's URI; a layer
 * index, or null where the person is to be asked; the index of the stage. Without any, a command acts on the Dockerfile
 * and the cursor in front.
 */
export const commands = {
  build: 'strata.build',
  cancelBuild: 'strata.cancelBuild',
  showDiff: 'strata.showLayerDiff',
  showTree: 'strata.showInTree',
  showLog: 'strata.showLog',
} as const;

/** Kind of the server's quick fixes, followed by a dot and the rule: `quickfix.strata.MergeConsecutiveRuns`. */
export const fixKind = 'quickfix.strata';

// ---- requests (client to server)

/** `strata/build`: cancelled through the request's own cancellation. */
export interface BuildParams {
  uri: string;
  target: string | null;
  platform: string | null;
  buildArgs: Record<string, string>;
  /** Absolute folder; null: the Dockerfile's own. */
  context: string | null;
  noCache: boolean;
}
export interface BuildResult {
  outcome: 'built' | 'failed' | 'cancelled' | 'refused';
  /** For a person: what happened. */
  message: string;
  hint: string;
  /** 1-based line that failed. */
  line: number | null;
}

/** `strata/builders`. */
export interface BuilderView {
  kind: string;
  label: string;
  usable: boolean;
  /** Version and engine, or why it cannot be used. */
  detail: string;
}

/** `strata/tree`: the children of a node; the roots when `node` is null. */
export interface TreeParams {
  uri: string;
  node: string | null;
  offset: number;
  limit: number;
}
export type TreeNodeKind = 'stage' | 'base' | 'line' | 'layer' | 'directory' | 'file';
export interface TreeNode {
  /** Stable across refreshes. */
  id: string;
  kind: TreeNodeKind;
  label: string;
  description: string;
  /** Markdown. */
  tooltip: string;
  /** What a screen reader says. */
  accessibleLabel: string;
  children: boolean;
  /** 1-based; null when it belongs to no line. */
  line: number | null;
  /** Layer index in the image; null when it is no part of a layer. */
  layer: number | null;
  /** Path inside the image without a leading slash; null above the files. */
  path: string | null;
  change: 'added' | 'modified' | 'removed' | null;
  bytes: number | null;
}
export interface TreeResult {
  nodes: TreeNode[];
  /** Total number of children of the node. */
  total: number;
  /** Why there is nothing to show: drives the welcome text. */
  state: ViewState;
}
export type ViewState =
  | 'ready'
  | 'notDockerfile'
  | 'neverBuilt'
  | 'building'
  | 'reading'
  | 'untrusted'
  | 'noLayers';

/** `strata/layers`: the layers that a diff can be shown of. */
export interface LayerChoice {
  layer: number;
  line: number | null;
  label: string;
  description: string;
}

/** `strata/diff`: head of a layer's diff against what lies below it. */
export interface DiffParams {
  uri: string;
  layer: number;
}
export interface DiffHead {
  layer: number;
  line: number | null;
  /** `RUN apt-get install -y git`. */
  title: string;
  /** `lines 1 to 6`, `the base image`. */
  against: string;
  added: number;
  modified: number;
  removed: number;
  bytesAdded: number;
  bytesModified: number;
  bytesRemoved: number;
  wastedBytes: number | null;
  /** `built 12:41 by buildx`. */
  basis: string;
  reference: string;
}
/** `strata/diffPage`. */
export interface DiffPageParams extends DiffParams {
  filter: string;
  kinds: ('added' | 'modified' | 'removed')[];
  sort: 'size' | 'path';
  offset: number;
  limit: number;
}
export interface DiffRow {
  path: string;
  type: string;
  change: 'added' | 'modified' | 'removed';
  before: number | null;
  after: number | null;
  what: string[];
  /** Link target after the change (before, when removed); null when it is no link. */
  link: string | null;
}
export interface DiffPage {
  rows: DiffRow[];
  total: number;
}

/** `strata/file`: bytes of a file as a layer's state shows it (`merged` up to and including the layer). */
export interface FileParams {
  uri: string;
  layer: number;
  path: string;
  /** `upper`: the state after the layer; `lower`: the state below it. */
  side: 'upper' | 'lower';
}
export interface FileResult {
  /** Null when the state has no such file. */
  base64: string | null;
  bytes: number;
  /** Why the content cannot be had; null when it can. */
  unavailable: string | null;
}

/** `strata/layerAt`: which layer a 1-based line made. */
export interface LayerAtParams {
  uri: string;
  line: number;
}
export interface LayerAtResult {
  layer: number | null;
  /** Why there is none, for a person. */
  why: string;
}

// ---- notifications

/** `strata/trust` (client to server): the workspace has been trusted. */
/** `strata/settings` (client to server): Settings. */
/** `strata/buildProgress` (server to client). */
export interface BuildProgressView {
  uri: string;
  running: boolean;
  done: number;
  total: number;
  elapsedMs: number;
  /** What runs now. */
  label: string;
}
/** `strata/buildLog` (server to client): one line of the builder's output. */
export interface BuildLogView {
  uri: string;
  line: string;
}
/** `strata/summary` (server to client): what the status bar shows; sent whenever it changes. */
export interface SummaryView {
  uri: string;
  state: ViewState;
  imageBytes: number | null;
  /** Against the build before; null without one. */
  changeBytes: number | null;
  wastedBytes: number | null;
  cachedSteps: number | null;
  cacheableSteps: number | null;
  layers: number | null;
  /** `built 12:41 by buildx 0.36.1`; empty when never built. */
  basis: string;
  note: string | null;
}

export const requests = {
  build: 'strata/build',
  builders: 'strata/builders',
  tree: 'strata/tree',
  layers: 'strata/layers',
  diff: 'strata/diff',
  diffPage: 'strata/diffPage',
  file: 'strata/file',
  layerAt: 'strata/layerAt',
  clearCache: 'strata/clearCache',
} as const;

export const notifications = {
  trust: 'strata/trust',
  settings: 'strata/settings',
  buildProgress: 'strata/buildProgress',
  buildLog: 'strata/buildLog',
  summary: 'strata/summary',
  treeChanged: 'strata/treeChanged',
} as const;

/** A Dockerfile, as parameters: of `strata/layers`, and of `strata/treeChanged`. */
export interface DocumentParams {
  uri: string;
}

/** What each request takes and answers. */
export interface RequestTypes {
  'strata/build': { params: BuildParams; result: BuildResult };
  'strata/builders': { params: null; result: BuilderView[] };
  'strata/tree': { params: TreeParams; result: TreeResult };
  'strata/layers': { params: DocumentParams; result: LayerChoice[] };
  'strata/diff': { params: DiffParams; result: DiffHead };
  'strata/diffPage': { params: DiffPageParams; result: DiffPage };
  'strata/file': { params: FileParams; result: FileResult };
  'strata/layerAt': { params: LayerAtParams; result: LayerAtResult };
  'strata/clearCache': { params: null; result: null };
}

/** What each notification carries. */
export interface NotificationTypes {
  'strata/trust': null;
  'strata/settings': Settings;
  'strata/buildProgress': BuildProgressView;
  'strata/buildLog': BuildLogView;
  'strata/summary': SummaryView;
  'strata/treeChanged': DocumentParams;
}
