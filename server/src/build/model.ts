// What one build told: the text it was given, its steps, its image, and what its provenance says. Plain data.
import type { ContentPart } from '../context/model';
import type { BuildChoice } from '../dockerfile/model';
import type { MeasuredImage } from '../image/model';
import type { Digest } from '../primitives/digest';
import type { StrataErrorCode } from '../primitives/errors';
import type { Host } from '../primitives/host';

export type BuilderKind = 'buildx' | 'docker' | 'podman' | 'buildah';
/** Which rules made layers and cache: BuildKit's, the classic builder's or buildah's. */
export type BuildRules = 'buildkit' | 'classic' | 'buildah';

export interface BuilderIdentity {
  kind: BuilderKind;
  rules: BuildRules;
  /** `0.36.1`, of the client program; null when it does not say. */
  version: string | null;
  /** What runs the build: `BuildKit 0.32.2`, `Docker Engine 20.10.24`; null when unknown. */
  engine: string | null;
  /** buildx only: builder instance and driver. */
  instance: string | null;
  driver: string | null;
}

/** One step as the builder's progress named it. */
export interface BuildStep {
  /** LLB vertex digest with BuildKit; null elsewhere. */
  digest: string | null;
  /** The builder's own text, unchanged. */
  name: string;
  /** From `[stage 2/5]`; with buildah `1/2` of `[1/2] STEP 3/7`; null when it has none. */
  stage: string | null;
  number: number | null;
  total: number | null;
  /** `linux/amd64`, or `linux/amd64->arm64` for a stage that runs on the builder's own; only if several were asked for. */
  platform?: string | null;
  /** Upper case; null for a step that is no instruction (`[internal] …`, `exporting to image`). */
  keyword: string | null;
  onBuild: boolean;
  /** The merge step of `COPY --link`. */
  linkMerge: boolean;
  /** Progress group id: steps of one instruction share it. */
  group: string | null;
  cached: boolean;
  /** ms since 1970; null when it never started. */
  startedMs: number | null;
  /** Sum of its running intervals, ms; null when it never ran to its end. */
  durationMs: number | null;
  error: string | null;
  /** The last lines that it printed, at most 40. */
  lastLines: string[];
  /** Classic builder and buildah: the image after this step, its id whole or its first digits. */
  imageId: string | null;
  /** The layers of that image, as the engine told after the build; null or absent when it was not asked. */
  imageLayers?: StepLayers | null;
}

/** What ties the image of a step to an image that was built on it. */
export interface StepLayers {
  count: number;
  /** DiffID of the newest; null when there is none. */
  top: Digest | null;
  /** Of all of them as `docker history` counts; absent where the engine counts otherwise or was not asked. */
  bytes?: number;
  /** Of their tars, headers and padding too, as `podman history` counts; absent where it was not asked. */
  tarBytes?: number;
}

/** One LLB step of a provenance document (SLSA v0.2 or v1), joined with its source lines and its layer chain. */
export interface ProvenanceStep {
  id: string;
  /** LLB vertex digest: joins `BuildStep.digest`. */
  digest: string | null;
  /** 1-based first and last line, over all ranges; null for an op without a location. */
  lines: [number, number] | null;
  op: 'source' | 'exec' | 'file' | 'merge' | 'diff' | 'build' | 'none';
  /** `docker-image://…`, `local://context`; null for other ops. */
  source: string | null;
  /** Ids of the steps it takes as inputs, in order. */
  inputs: string[];
  /**
   * The layers from the base up to this step, oldest first, as blobs; null when the builder kept none. An engine with a
   * graph driver keeps no blobs: it names each by its DiffID, and tells no bytes.
   */
  layers: { digest: Digest; bytes: number | null; mediaType: string }[] | null;
}

export interface Provenance {
  version: '0.2' | '1';
  /** Text of the Dockerfile as the builder read it; null when absent. */
  dockerfile: string | null;
  filename: string | null;
  steps: ProvenanceStep[];
}

export interface BuildFailure {
  /** What kind of refusal it was; absent in records of other tools: `build-failed`. */
  code?: StrataErrorCode;
  /** One or two sentences: what was tried, what happened. */
  message: string;
  /** 1-based line of the instruction that failed; null when it was none. */
  line: number | null;
  /** The builder's last lines. */
  lastLines: string[];
  hint: string;
}

export interface BuildRecord {
  schema: 1;
  /** Unique within a Dockerfile's records, sorts by time. */
  id: string;
  /** The text that was built, exactly. */
  text: string;
  /** Name of the Dockerfile, without folders. */
  dockerfile: string;
  choice: BuildChoice;
  builder: BuilderIdentity;
  /** ISO 8601. */
  started: string;
  durationMs: number;
  outcome: 'built' | 'failed' | 'cancelled';
  steps: BuildStep[];
  provenance: Provenance | null;
  /** Where the image can be read again: `oci:DIR`, `docker-daemon:NAME`; null when it was not kept. */
  imageReference: string | null;
  /** As its engine calls it: digest of its config or, with containerd's image store, of its manifest or index. */
  imageId?: Digest | null;
  image: MeasuredImage | null;
  failure: BuildFailure | null;
  /** What a person must know of this record: `the base image was replaced by a stand-in`. */
  note: string | null;
  /** What the forecast of the next build goes by; null or absent in records of older versions and of other tools. */
  cache?: RecordedCache | null;
}

/**
 * What a builder's cache looked at beside the text and the choice, as it was while the build ran. What is not in it was
 * not known, or changed while the build ran.
 */
export interface RecordedCache {
  noCache: boolean;
  /** Words that the builder was given beside Strata's own, without the places of secrets. */
  extraArguments: string[];
  /** Folder of the context, from the Dockerfile's own, with slashes; null or absent: that one, or none on this disk. */
  context?: string | null;
  bases: RecordedBase[];
  contents: RecordedContent[];
}

/** An image that a stage stood on or copied from. */
export interface RecordedBase {
  /** As the text names it, variables put in. */
  reference: string;
  /** As the text or the choice names it; empty for the builder's own. */
  platform: string;
  digest: Digest | null;
  /** ChainID of its layers. */
  chain: Digest | null;
  /** `NAME=value` of its config, in order; null when not known. */
  environment: string[] | null;
  /** Names of which it may have another value, or none at all: lines of the build set them. */
  doubtful: string[];
  /** As its config has them, the shell as JSON; null when not known. */
  user: string | null;
  directory: string | null;
  shell: string | null;
}

/** What a COPY, an ADD or the bind mounts of a RUN took from the context. */
export interface RecordedContent {
  /** Index of the instruction in `BuildRecord.text`. */
  instruction: number;
  /** Equal keys: the same to the builder's cache. */
  key: Digest;
  /** Null when there were too many to keep. */
  parts: RecordedPart[] | null;
}

export interface RecordedPart extends ContentPart {
  /** Path in the context. */
  from: string;
  /** ms since 1970: BuildKit's client sends a file again only when its size, mode or time changed. */
  mtimeMs: number;
}

export type LineState = 'waiting' | 'building' | 'cached' | 'done' | 'failed';

/** Told while a build runs. */
export interface BuildProgress {
  /** All steps so far, in order of appearance. */
  steps: BuildStep[];
  elapsedMs: number;
}

export interface BuildRequest {
  /** Absolute path of the Dockerfile on disk. */
  dockerfile: string;
  /** Its text as on disk when the build starts. */
  text: string;
  context: string;
  choice: BuildChoice;
  /** All that it is built for, `choice.platform` first; absent for one. Only for `FoundBuilder.buildPlatforms`. */
  platforms?: readonly string[];
  tag: string | null;
  noCache: boolean;
  /**
   * Absolute folder of our own, one for each Dockerfile, in which the builder may leave the image (an OCI layout)
   * between builds. It holds the newest image only.
   */
  keep: string;
  /** Further arguments for the builder, as given. */
  extraArguments: readonly string[];
  /** Folder from which relative paths in them are read; the Dockerfile's own when absent. */
  workingDirectory?: string;
}

export interface BuildCallbacks {
  onProgress?: (progress: BuildProgress) => void;
  /** The builder's own output, a line at a time. */
  onLog?: (line: string) => void;
}

export interface FoundBuilder {
  identity: BuilderIdentity;
  /** Null when it can be used; otherwise one sentence that says why not. */
  unusable: string | null;
  build(
    host: Host,
    request: BuildRequest,
    callbacks: BuildCallbacks,
    signal: AbortSignal,
  ): Promise<BuildRecord>;
  /**
   * One build for all of `request.platforms`: a record for each, in that order; a single one of a build that failed or
   * was cancelled. Absent where the builder makes images for one platform at a time.
   */
  buildPlatforms?(
    host: Host,
    request: BuildRequest,
    callbacks: BuildCallbacks,
    signal: AbortSignal,
  ): Promise<BuildRecord[]>;
}
