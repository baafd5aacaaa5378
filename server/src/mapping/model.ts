// How layers and cache facts are tied to instructions. Made on the built text; carried onto an edited one.

export type Evidence = 'provenance' | 'steps' | 'history' | 'order' | 'none';
export type CacheFact = 'hit' | 'miss' | 'not-cacheable' | 'unknown';

export interface LineFacts {
  /** Index of the instruction in the text that was mapped. */
  instruction: number;
  /** Layer indexes in the image; more than one only for FROM with ONBUILD triggers. */
  layers: number[];
  evidence: Evidence;
  /** Why nothing is known, or what to keep in mind; null when there is nothing to say. */
  why: string | null;
  cache: CacheFact;
  durationMs: number | null;
  error: string | null;
  /** Of a line that can make a layer, in a stage that was built and does not ship. */
  unshipped?: UnshippedSize;
}

export interface UnshippedSize {
  /** As the cache stores it; null when the builder told of no layer. */
  compressedBytes: number | null;
  /** As `docker history` counts, of images that the classic builder left of each step; null where it is not known. */
  engineBytes: number | null;
  /** Of its tar, headers and padding too, as `podman history` counts images of steps; null where it is not known. */
  tarBytes: number | null;
  /** Why all are null, one sentence; null when one is not. */
  why: string | null;
}

export interface Mapping {
  /** One for each instruction of the built text, in order. */
  lines: LineFacts[];
  /** Layer indexes that come from the FROM image of the shipped chain. */
  baseLayers: number[];
  unmapped: { layer: number; why: string }[];
  /** Where two sources of evidence disagree, told in one sentence each; the stronger one won. */
  disagreements: string[];
}
