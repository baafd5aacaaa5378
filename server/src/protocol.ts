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
  /** `cacheBreak`: a hint on the first line that the next build will run again. */
  forecast: { enabled: boolean; cacheBreak: boolean };
  /** The client's own: the layer tree follows the cursor. */
  tree: { followCursor: boolean };
  /** The client's own: a bar beside each line, as long as its share of the image. */
  heatMap: { enabled: boolean };
  rules: Record<string, 'off' | 'on'>;
  /** Limits by name, as in strata.yaml: `{ image: '400MB', layers: 30 }`. */
  budgets: Record<string, string | number>;
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
  forecast: { enabled: true, cacheBreak: true },
  tree: { followCursor: false },
  heatMap: { enabled: false },
  rules: {},
  budgets: {},
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
  choosePlatform: 'strata.choosePlatform',
} as const;

/** Kind of the server's quick fixes, followed by a dot and the rule: `quickfix.strata.MergeConsecutiveRuns`. */
export const fixKind = 'quickfix.strata';

// ---- requests (client to server)

/** `strata/build`: cancelled through the request's own cancellation. */
export interface BuildParams {
  uri: string;
  target: string | null;
  /** Several with commas between them: a record for each, this machine's shown first. */
  platform: string | null;
  buildArgs: Record<string, string>;
  /** Absolute folder; null: the Dockerfile's own. */
  context: string | null;
  noCache: boolean;
  /** A build of `strata/declaredBuilds`; what is null beside it is as declared. Null or absent: none. */
  declared?: DeclaredRef | null;
}
/** A build that the project declares. It is looked up anew for each build, so that the file's present words count. */
export interface DeclaredRef {
  source: 'compose' | 'bake' | 'devcontainer' | 'task' | 'default';
  /** Absolute path of the file that says so; null for the default. */
  file: string | null;
  /** Service, target, label. */
  name: string;
}
/** `strata/declaredBuilds`: how the project's own files build a Dockerfile, and what can be chosen of it. */
export interface DeclaredBuildView {
  ref: DeclaredRef;
  /** Absolute folder, or an address. */
  context: string;
  target: string | null;
  platforms: string[];
  /** Names alone; values stay with the server. */
  buildArgs: string[];
  /** Their ids. */
  secrets: string[];
  /** The same as `docker build` in the Dockerfile's folder. */
  plain: boolean;
  /** What it says that is not followed, a sentence each. */
  problems: string[];
}
export interface DeclaredBuildsResult {
  /** The default is the last one. */
  builds: DeclaredBuildView[];
  /** About files that could not be read. */
  problems: string[];
  /** Names of the Dockerfile's stages, or their numbers. */
  stages: string[];
  /** Names of its build arguments. */
  arguments: string[];
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
  /** Which files a layer shows; default `upper`. */
  view?: TreeView;
  sort?: 'size' | 'name';
  /** What the files have to be like; see layers/entryFilter.ts. */
  filter?: string;
}
/** Overlay's words: what the layer itself holds, all that lies below it, what a container sees. */
export type TreeView = 'upper' | 'lower' | 'merged';
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
  /** Of the layer that the row stands for; null for other rows, and for a line with several. */
  diffId: string | null;
  /** The layer with all below it, by which containerd names its snapshot. */
  chainId: string | null;
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

/**
 * A state of files that can be looked into: what a container made of it would see. `upTo` is the last layer that
 * counts; -1 is the empty state below the first one.
 */
export type StateRef =
  /** The image of the Dockerfile's last build. */
  | { of: 'image'; upTo: number }
  /** A recorded build of the Dockerfile, by its id. */
  | { of: 'build'; id: string }
  /** Any image, by a reference as the command line takes them; null: all its layers. */
  | { of: 'reference'; reference: string; upTo: number | null }
  /** A container as it is now: its image with what it wrote on top; `below` is its image alone. */
  | { of: 'container'; engine: 'docker' | 'podman'; id: string; below?: boolean };

/** `strata/diff`: head of the changes from one state to another. A layer against what lies below it: `layerDiff`. */
export interface DiffParams {
  /** Of the Dockerfile. */
  uri: string;
  from: StateRef;
  to: StateRef;
}

/** The changes that a layer of the Dockerfile's image makes. */
export function layerDiff(uri: string, layer: number): DiffParams {
  return { uri, from: { of: 'image', upTo: layer - 1 }, to: { of: 'image', upTo: layer } };
}

export interface DiffHead {
  /** Index of the layer whose changes these are; null when the states are further apart. */
  layer: number | null;
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

/** `strata/diffExport`: a diff as a document, a piece at a time; those of one document, joined, are the whole file. */
export interface DiffExportParams extends Omit<DiffPageParams, 'limit'> {
  format: 'markdown' | 'json' | 'html';
}
export interface DiffExportPiece {
  /** Half a million characters or so. */
  text: string;
  /** The offset of the next piece; null behind the last one. */
  next: number | null;
  /** Changes in the list, not all of which every format holds. */
  total: number;
  /** Pieces of different states do not belong to one document: the image was built anew meanwhile. */
  state: string;
}

/** `strata/diffTree`: what stands in a directory of a diff, or in a group of its changes, the root being `''`. */
export interface DiffTreeParams extends DiffPageParams {
  path: string;
  /** `directory` when it is not given. */
  by?: 'directory' | 'package' | 'layer';
}
export interface DiffTreeRow {
  /** Of a group of changes its key, which is given back to ask what stands in it. */
  path: string;
  /** What a group is called, and of what; null for directories and changes. */
  group: { label: string; detail: string } | null;
  directory: boolean;
  /** The entry's own change; null for a directory that is the same on both sides. */
  row: DiffRow | null;
  /** Entries that changed in a directory, by kind; null for what is no directory. */
  added: number | null;
  modified: number | null;
  removed: number | null;
  /** Bytes of all changes in it. */
  bytes: number;
}
export interface DiffTreePage {
  rows: DiffTreeRow[];
  total: number;
}

/** `strata/diffMap`: what a treemap shows of a directory of a diff; null when no bytes changed in it. */
export interface DiffMapParams extends DiffParams {
  filter: string;
  kinds: ('added' | 'modified' | 'removed')[];
  path: string;
}
export interface DiffMapNode {
  /** Null for what is too small to be shown apart. */
  path: string | null;
  bytes: number;
  kind: 'added' | 'modified' | 'removed' | 'mixed';
  directory: boolean;
  /** Changes in it. */
  count: number;
  children: DiffMapNode[];
}

/** `strata/entries`: a path as a state has it, and what stands in it when it is a directory; the root is `''`. */
export interface EntriesParams {
  uri: string;
  state: StateRef;
  path: string;
}
export interface EntryView {
  name: string;
  type: 'file' | 'directory' | 'symlink' | 'other';
  /** Of a file; of a directory, of all in it. */
  bytes: number;
  /** seconds since 1970 */
  mtime: number;
  /** Target of a symbolic link. */
  link: string | null;
}
export interface EntriesResult {
  /** Null when the state has no such path. */
  entry: EntryView | null;
  /** Null for what is no directory; the first 100,000 by name otherwise. */
  children: EntryView[] | null;
}

/** `strata/paths`: paths that match what a person types, over all that the layers ever held. */
export interface PathsParams {
  uri: string;
  state: StateRef;
  text: string;
  limit: number;
}

/** `strata/blame`: which layers, and lines, wrote, changed, hid or deleted a path; oldest first. */
export interface BlameParams {
  uri: string;
  state: StateRef;
  path: string;
}
export interface BlameView {
  path: string;
  history: BlameStep[];
}
export interface BlameStep {
  layer: number;
  /** 1-based; null when no line is known to have made the layer. */
  line: number | null;
  /** `RUN apt-get install -y git`, `base layer 1`. */
  title: string;
  action: 'added' | 'modified' | 'deleted' | 'hidden';
  /** Of what it stores or hides. */
  bytes: number;
}

/** `strata/records`: the recorded builds of a Dockerfile, newest first. */
export interface RecordView {
  id: string;
  /** ISO 8601. */
  started: string;
  outcome: 'built' | 'failed' | 'cancelled';
  /** `buildx 0.38.2`. */
  builder: string;
  /** `linux/arm64`, of its image; null when unknown. Sizes of two are not compared. */
  platform: string | null;
  durationMs: number;
  imageBytes: number | null;
  layers: number | null;
  cacheableSteps: number | null;
  cachedSteps: number | null;
  /** True for the build whose measures the Dockerfile shows. */
  shown: boolean;
  /** Whether its files are still known, so that it can be compared. */
  comparable: boolean;
  note: string | null;
}

/** `strata/platforms`: what the build that is shown was for, if it was for several; else none. */
export interface PlatformsParams {
  uri: string;
  /** The lines show this one from now on, as long as the server runs; null only asks. */
  choose: string | null;
}
export interface PlatformView {
  /** `linux/arm64`. */
  platform: string;
  /** Of its image, unpacked; null while it is not measured. */
  bytes: number | null;
  shown: boolean;
}
export interface PlatformsResult {
  platforms: PlatformView[];
}

/** `strata/forecast`: what the next build will do with each line that it can take from its cache. */
export interface ForecastLine {
  /** 1-based. */
  line: number;
  title: string;
  cache: 'cached' | 'reruns' | 'depends' | 'unknown';
  /** A clause; empty when there is nothing to say. */
  because: string;
  bytes: number | null;
}
export interface ForecastResult {
  lines: ForecastLine[];
  /** `next build: 5 cached, 2 rerun`; null without a recorded build. */
  totals: string | null;
  /** What the forecast cannot know, for a person. */
  note: string;
}

/** `strata/taken`: what a COPY or ADD takes from the build context, as it is now; the whole context for other lines. */
export interface TakenParams {
  uri: string;
  /** 1-based. */
  line: number;
}
export interface TakenResult {
  /** `COPY . /app`; null for the whole context. */
  title: string | null;
  /** Largest first, at most 2,000. */
  entries: { path: string; bytes: number; type: string }[];
  files: number;
  bytes: number | null;
  /** What the ignore file keeps out. */
  ignored: { files: number; bytes: number; folders: number; file: string | null };
  /** Absolute folder of the context; null when there is none. */
  root: string | null;
  /** Why something is unknown, for a person; empty when nothing is to be said. */
  why: string;
}

/** `strata/lines`: what each line that makes layers weighs, for pictures of the Dockerfile. */
export interface LineWeight {
  /** 1-based, inclusive. */
  line: number;
  endLine: number;
  /** `base`: the image of FROM. */
  kind: 'base' | 'own';
  bytes: number;
  wastedBytes: number;
  /** `RUN apt-get install -y git`. */
  title: string;
  /** Whether the measure is of the line as it stands. */
  measured: boolean;
  shipped: boolean;
}

/** `strata/images`: the layers of all local images as one tree; each node is a snapshot, stored once. */
export interface SnapshotView {
  /** ChainID: the layer with all below it. */
  chainId: string;
  diffId: string;
  /** Null at the bottom. */
  parent: string | null;
  /** Of this layer alone, unpacked; null when it was never read. */
  bytes: number | null;
  /** Images that hold it. */
  images: string[];
  /** Images that end with it. */
  tops: string[];
  /** True for layers of the Dockerfile's last build. */
  ofThisImage: boolean;
}
export interface ImagesResult {
  /** Parents before children. */
  snapshots: SnapshotView[];
  storedBytes: number | null;
  /** What as many images would take without sharing. */
  apartBytes: number | null;
  /** Why there is nothing: no engine answered, or the workspace is not trusted. */
  why: string;
}

/** `strata/containers`: the containers of the local engines; those of the Dockerfile's last build first. */
export interface ContainerView {
  engine: 'docker' | 'podman';
  id: string;
  name: string;
  image: string;
  state: string;
  /** True when it was made of the image of the Dockerfile's last build: the layers are the same. */
  ofThisImage: boolean;
}
export interface ContainersResult {
  containers: ContainerView[];
  /** Why an engine did not answer, where none did. */
  why: string;
}

/** `strata/file`: bytes of a file as a state shows it. */
export interface FileParams {
  /** Of the Dockerfile. */
  uri: string;
  state: StateRef;
  path: string;
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

/** `strata/pastBuilds`: the builds that docker buildx remembers, newest first. Asks docker. */
export interface PastBuildsParams {
  /** Of the Dockerfile. */
  uri: string;
  /** ms since 1970: only builds that began then or later; null for all. */
  since: number | null;
}
export interface PastBuildView {
  /** For `strata/importBuild`. */
  ref: string;
  /** As buildx names it: `web/api.Dockerfile (prod)`. */
  name: string;
  status: 'completed' | 'failed' | 'cancelled' | 'running';
  /** ISO 8601. */
  started: string;
  durationMs: number | null;
  steps: number;
  cachedSteps: number;
  /** Whether it was of this Dockerfile; null when that is not known. */
  own: boolean | null;
}
export interface PastBuildsResult {
  builds: PastBuildView[];
  /** For a person: why there is no list; empty when there is one. */
  why: string;
}

/** `strata/importBuild`: what a build that was made elsewhere tells is shown as if it had been built here. */
export interface ImportBuildParams {
  uri: string;
  source: /** A `ref` of `strata/pastBuilds`. */
    | { kind: 'history'; value: string }
    /** Absolute paths. */
    | { kind: 'metadata' | 'log'; value: string }
    /** A reference as the command line takes them. */
    | { kind: 'image'; value: string };
  /** Which one of several; null: this machine's. */
  platform: string | null;
  /** Which target of bake or service of compose; null: the only one. */
  bakeTarget: string | null;
}
export interface ImportBuildResult {
  outcome: 'imported' | 'cancelled' | 'refused';
  /** For a person: what happened. */
  message: string;
  hint: string;
  /** The one that is shown, and all that it was built for, if they are several; else null and none. */
  platform: string | null;
  platforms: string[];
  /** Refused since it is not clear which of these is meant: `bakeTarget` names one. Else none. */
  bakeTargets: string[];
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
  /** Of a build for several platforms, the one that is shown; null for a build for one. */
  platform: string | null;
  /** `built 12:41 by buildx 0.36.1`; empty when never built. */
  basis: string;
  note: string | null;
  /** `next build: 5 cached, 2 rerun`; null without a forecast. */
  next: string | null;
}

/** `strata/stages`: what the stages of the workspace's Dockerfiles share; rows of a tree, in the words of the editor. */
export interface StageRow {
  /**
   * `base`: an image that several stages stand on. `group`: stages that go on together. `step`: a line that they have in
   * common, `place`: where it stands. `stage`, `parting`: one that ends there, or goes on alone. `hints`, `hint`,
   * `variable`: what could be shared.
   */
  kind: 'base' | 'group' | 'step' | 'place' | 'stage' | 'parting' | 'hints' | 'hint' | 'variable';
  label: string;
  description: string;
  /** Plain text. */
  tooltip: string;
  /** Of the Dockerfile to go to; null for none. */
  uri: string | null;
  /** 1-based. */
  line: number | null;
  children: StageRow[];
}

export interface StagesResult {
  rows: StageRow[];
  /** How many Dockerfiles were found. */
  dockerfiles: number;
  /** False where a bound was reached: there is more than is told. */
  complete: boolean;
}

export const requests = {
  build: 'strata/build',
  builders: 'strata/builders',
  declaredBuilds: 'strata/declaredBuilds',
  tree: 'strata/tree',
  layers: 'strata/layers',
  diff: 'strata/diff',
  diffPage: 'strata/diffPage',
  diffTree: 'strata/diffTree',
  diffMap: 'strata/diffMap',
  diffExport: 'strata/diffExport',
  entries: 'strata/entries',
  paths: 'strata/paths',
  blame: 'strata/blame',
  file: 'strata/file',
  layerAt: 'strata/layerAt',
  records: 'strata/records',
  platforms: 'strata/platforms',
  pastBuilds: 'strata/pastBuilds',
  importBuild: 'strata/importBuild',
  containers: 'strata/containers',
  images: 'strata/images',
  stages: 'strata/stages',
  lines: 'strata/lines',
  taken: 'strata/taken',
  forecast: 'strata/forecast',
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
  'strata/declaredBuilds': { params: DocumentParams; result: DeclaredBuildsResult };
  'strata/tree': { params: TreeParams; result: TreeResult };
  'strata/layers': { params: DocumentParams; result: LayerChoice[] };
  'strata/diff': { params: DiffParams; result: DiffHead };
  'strata/diffPage': { params: DiffPageParams; result: DiffPage };
  'strata/diffTree': { params: DiffTreeParams; result: DiffTreePage };
  'strata/diffMap': { params: DiffMapParams; result: DiffMapNode | null };
  'strata/diffExport': { params: DiffExportParams; result: DiffExportPiece };
  'strata/entries': { params: EntriesParams; result: EntriesResult };
  'strata/paths': { params: PathsParams; result: string[] };
  'strata/blame': { params: BlameParams; result: BlameView };
  'strata/file': { params: FileParams; result: FileResult };
  'strata/layerAt': { params: LayerAtParams; result: LayerAtResult };
  'strata/forecast': { params: DocumentParams; result: ForecastResult };
  'strata/taken': { params: TakenParams; result: TakenResult };
  'strata/lines': { params: DocumentParams; result: LineWeight[] };
  'strata/images': { params: { uri: string | null }; result: ImagesResult };
  'strata/stages': { params: { uri: string | null }; result: StagesResult };
  'strata/containers': { params: DocumentParams; result: ContainersResult };
  'strata/records': { params: DocumentParams; result: RecordView[] };
  'strata/platforms': { params: PlatformsParams; result: PlatformsResult };
  'strata/pastBuilds': { params: PastBuildsParams; result: PastBuildsResult };
  'strata/importBuild': { params: ImportBuildParams; result: ImportBuildResult };
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
