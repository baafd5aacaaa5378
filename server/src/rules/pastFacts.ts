// What several recorded builds tell of a line, for the rules that speak of more than the last one. Plain data; who works
// it out is analysis/pastLines.ts.
import type { Digest } from '../primitives/digest';

/** How often a line made itself and others run again, though its text and all above it stayed the same. */
export interface PastMisses {
  /** The last builds of which it is known, 10 at most; the first of all is none of them, its cache was empty. */
  builds: number;
  /** Those in which it was the reason. */
  missed: number;
  /** `files`: what it takes from the context changed. `argument`: the build argument that it declares had another value. */
  kind: 'files' | 'argument';
  /** Lines that ran again for nothing else, in order: the average of those builds, ms, as far as steps were timed. */
  below: readonly { instruction: number; ms: number }[];
}

/** How often the image that a FROM names by its tag was another than in the build before. */
export interface BaseMoves {
  /** The last builds of which that is known, 10 at most. */
  builds: number;
  /** Those in which lines ran again for nothing else. */
  moved: number;
  /** What then ran, the average of those builds; null when a step was not timed. */
  ms: number | null;
  /** Bytes of the layers that were made anew, the average of those builds; null when one was not measured. */
  bytes: number | null;
  /** Of the newest build. */
  digest: Digest;
}
