// The result of analysing a Dockerfile: plain data, the shape of the command line's JSON (schema 1) with keys added.
// Sizes in bytes, times in ms, lines 1-based; unknown is null, never 0.
import type { TextEdit } from '../dockerfile/model';
import type { ForecastTotals } from '../forecast/cost';
import type { Cause } from '../forecast/missCause';
import type { Digest } from '../primitives/digest';

export interface LayerView {
  index: number;
  diffId: Digest;
  chainId: Digest;
  /** ChainID of the layer below; null for the first. containerd names snapshots by ChainID. */
  parent: Digest | null;
  unpackedBytes: number | null;
  compressedBytes: number | null;
  /** As the engine's history counts; another measure, shown only while `unpackedBytes` is null. */
  engineBytes: number | null;
  added: number | null;
  modified: number | null;
  removed: number | null;
  wastedBytes: number | null;
}

export interface ForecastView {
  bytes: number | null;
  /** Bounds of the next build's layer, both ends included, as the context is now; null where there are none. */
  least: number | null;
  most: number | null;
  /** Why the next build's bytes are not exact, a clause; null when they are. */
  sizeWhy: string | null;
  certainty: 'exact' | 'measured-before' | 'unknown';
  cache: 'cached' | 'reruns' | 'depends' | 'unknown';
  because: string;
  /** What makes it run again, as `strata forecast` tells it; null when nothing does or when it is not known. */
  cause: Cause | null;
}

/**
 * How the line stands to the build that was measured: `measured` (unchanged since), `stale` (it, or what it builds on,
 * was edited), `new` (not in that build), `none` (no build is known).
 */
export type LineStanding = 'measured' | 'stale' | 'new' | 'none';

export interface InstructionView {
  /** Index in the parsed Dockerfile. */
  index: number;
  line: number;
  endLine: number;
  keyword: string;
  text: string;
  effect: 'layer' | 'metadata' | 'base' | 'none';
  forecast: ForecastView;
  /** Layers as measured; empty when stale or unknown. */
  layers: LayerView[];
  cache: 'hit' | 'miss' | 'not-cacheable' | 'unknown';
  durationMs: number | null;
  evidence: 'provenance' | 'steps' | 'history' | 'order' | 'none';
  standing: LineStanding;
  /** 1-based line whose edit made this one stale; null when it was edited itself, or when no line is the reason. */
  dependsOn: number | null;
  /** Layers of the last build that a stale line had. */
  before: LayerView[];
  /** Why something is unknown or stale, for a person; null when there is nothing to say. */
  why: string | null;
  /** The builder's error when this line failed in the last build. */
  error: string | null;
  /**
   * What the line left in the builder's cache, of a stage that does not ship: compressed bytes, or bytes as the engine
   * counts, or those of its tar, or why none is known. Null for lines that ship, that make no layer, and where no build
   * is known.
   */
  unshipped: {
    compressedBytes: number | null;
    engineBytes: number | null;
    tarBytes: number | null;
    why: string | null;
  } | null;
}

export interface StageView {
  index: number;
  name: string | null;
  line: number;
  endLine: number;
  shipped: boolean;
  /** False when the target does not need it: BuildKit does not build it. */
  reachable: boolean;
  base: {
    kind: 'image' | 'stage' | 'scratch' | 'unknown';
    reference: string | null;
    layers: number | null;
    unpackedBytes: number | null;
  };
  /** FROM first. */
  instructions: InstructionView[];
}

export interface FixView {
  title: string;
  effect: 'same-result' | 'review';
  edits: TextEdit[];
  isPreferred: boolean;
  /** What to look at, one sentence; where `effect` is `review`. */
  note?: string;
  /** Bytes that the next build should not have any more; absent when that is not known. */
  saves?: number;
  /** True where nothing is known to be gained: the editor's 'fix all' leaves it. */
  isTaste?: boolean;
}

export interface FindingView {
  rule: string;
  severity: 'error' | 'warning' | 'info' | 'hint';
  line: number;
  endLine: number;
  start: number;
  end: number;
  message: string;
  bytes: number | null;
  fixes: FixView[];
  /** Other lines that it is about; absent when there are none. */
  related?: { line: number; start: number; end: number; message: string }[];
}

export interface Analysis {
  schema: 1;
  dockerfile: string;
  image: null | {
    reference: string;
    id: string;
    platform: string;
    layers: number;
    unpackedBytes: number | null;
    compressedBytes: number | null;
  };
  build: null | {
    builder: string;
    started: string;
    durationMs: number;
    cacheableSteps: number;
    cachedSteps: number;
    outcome: 'built' | 'failed' | 'cancelled';
    /** As it was asked for; null for the builder's own. */
    platform: string | null;
    note: string | null;
  };
  stages: StageView[];
  /** What the next build will do; null where nothing was asked of it or no build is recorded. */
  next: ForecastTotals | null;
  baseLayers: LayerView[];
  unmapped: { layer: LayerView; why: string }[];
  totals: {
    layers: number;
    unpackedBytes: number | null;
    compressedBytes: number | null;
    wastedBytes: number | null;
    efficiency: number | null;
  };
  findings: FindingView[];
  problems: { line: number | null; message: string }[];
}
