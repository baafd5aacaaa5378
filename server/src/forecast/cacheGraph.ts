// What a builder's cache looks at, as data: one vertex for each step, with what its key is made of and what it stands on.
// Shared by the rules of the builders; who is in the cache is cacheModel.ts.
import type { ContentPart } from '../context/model';
import type { Digest } from '../primitives/digest';
import { compareEnvironments, type Item } from './runEnvironment';
import { compareTold, type Likeness, type Told } from './told';

/** An image that a stage stands on or copies from. */
export interface BaseKey {
  /** As the text names it. */
  name: string;
  /** What that stands for; another where `--build-context` puts something else in its place. */
  reference: string;
  platform: string;
  /** Null: not known; it is taken for the one that the newest record names. */
  digest: Digest | null;
  /** ChainID of its layers; null when not known. */
  chain: Digest | null;
}

export interface StepOp {
  /** RUN, COPY, ADD, WORKDIR, MERGE; with linear builders every keyword. */
  kind: string;
  /** Named pieces, for comparing and for telling which one changed; the same names in the same order for a kind. */
  pieces: readonly (readonly [name: string, value: Told])[];
  /** Null where variables are no part of the key. */
  environment: readonly Item[] | null;
}

export interface KnownContent {
  key: Digest;
  /**
   * How the files were asked for, where a builder looks at them alone: of files that were asked for in another way the
   * keys tell nothing.
   */
  asked?: string;
  /** For telling what changed; null when they were too many. */
  parts: readonly ContentPart[] | null;
  /** Paths in the context whose edit BuildKit's client does not see. */
  missed?: readonly string[];
}

/** What a step stands on. */
export type StepSource =
  | { kind: 'vertex'; vertex: number }
  | { kind: 'base'; base: BaseKey }
  | { kind: 'scratch' }
  /** The context, a URL, a repository: nothing but its content is ever compared. */
  | { kind: 'files'; what: 'context' | 'remote' | 'unknown'; why: string };

export interface StepInput {
  source: StepSource;
  /** The paths taken from it; empty for a base. */
  selector: string;
  /** `never`: only where it comes from counts. Null: its content counts and is not known here. */
  content: KnownContent | null | 'never';
}

export interface Vertex {
  /** Index of the instruction. */
  instruction: number;
  part: 'step' | 'merge';
  op: StepOp;
  /** The base first. */
  inputs: readonly StepInput[];
  /** Why nothing can be said of it, whatever the records tell; null most often. */
  unknown: string | null;
}

export function compareOps(a: StepOp, b: StepOp): Likeness {
  if (a.kind !== b.kind || a.pieces.length !== b.pieces.length) return 'different';
  let all: Likeness = 'same';
  for (let at = 0; at < a.pieces.length; at++) {
    const likeness = compareTold(a.pieces[at]![1], b.pieces[at]![1]);
    if (likeness === 'different') return 'different';
    if (likeness === 'open') all = 'open';
  }
  if (!a.environment || !b.environment) return all;
  const likeness = compareEnvironments(a.environment, b.environment);
  return likeness === 'same' ? all : likeness;
}

/**
 * Other layers are another base. Equal ones under another digest may hit (source/containerimage/pull.go,
 * cacheKeyFromConfig) and need not: of an OCI layout they do not [T: BuildKit 0.34].
 */
export function compareBases(a: BaseKey, b: BaseKey): Likeness {
  const isSamePlatform = a.platform === b.platform;
  if (a.digest !== null && b.digest !== null && a.digest === b.digest && isSamePlatform) return 'same';
  if (a.chain !== null && b.chain !== null && a.chain !== b.chain) return 'different';
  if (a.digest !== null && b.digest !== null) return 'open';
  return a.reference === b.reference && isSamePlatform ? 'same' : 'open';
}
