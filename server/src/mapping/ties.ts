// What one source of evidence says of layers and lines: the common form that mapLayers weighs and merges.
import type { Evidence } from './model';

/** The image's part that mapping needs; layers oldest first. */
export interface MappedImage {
  history: readonly { createdBy: string; comment: string; emptyLayer: boolean }[];
  layers: readonly { index: number; diffId: string; blobDigest: string | null }[];
}

export interface Tie {
  /** Layer indexes, oldest first; none when the line is known to have made no layer. */
  layers: number[];
  evidence: Evidence;
  /** What to keep in mind; null when there is nothing to say. */
  note: string | null;
}

export interface Ties {
  /** By instruction index; a line that is absent is not known. */
  lines: ReadonlyMap<number, Tie>;
  /** How many layers lie below the first of the Dockerfile's own; null when unknown. */
  base: number | null;
  /** Why lines are unknown, one sentence; null when none is, or when there was nothing to read. */
  why: string | null;
}

export const noTies: Ties = { lines: new Map(), base: null, why: null };
