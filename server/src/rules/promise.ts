// What a fix saved, after the rebuild, against what it promised: the bytes of all layers before and after. Other edits
// of the same build count too, and a base image that changed makes the comparison void.
import type { MeasuredImage } from '../image/model';
import { formatBytes } from '../primitives/bytes';
import { sum } from '../primitives/sum';

export interface PromiseResult {
  promisedBytes: number;
  /** Negative when the image grew; null when it is not known. */
  savedBytes: number | null;
  /** One sentence for a person, with a full stop. */
  sentence: string;
}

/**
 * @param promisedBytes sum of the `saves` of the fixes that were applied between the two builds
 * @param baseLayers how many of the lowest layers came with the base image
 */
export function comparePromise(
  before: MeasuredImage,
  after: MeasuredImage,
  promisedBytes: number,
  baseLayers = 0,
): PromiseResult {
  const promised = formatBytes(promisedBytes);
  const [was, is] = [bytesOf(before), bytesOf(after)];
  if (was === null || is === null) {
    const sentence = `Whether the promised ${promised} were saved is not known: not all layers were measured.`;
    return { promisedBytes, savedBytes: null, sentence };
  }
  const isSameBase = before.layers
    .slice(0, baseLayers)
    .every(({ diffId }, i) => diffId === after.layers[i]?.diffId);
  if (!isSameBase) {
    const sentence = `Whether the promised ${promised} were saved cannot be told: the base image changed too.`;
    return { promisedBytes, savedBytes: null, sentence };
  }
  const savedBytes = was - is;
  return { promisedBytes, savedBytes, sentence: sentenceOf(savedBytes, promised) };
}

function sentenceOf(savedBytes: number, promised: string): string {
  const saved = formatBytes(Math.abs(savedBytes));
  if (savedBytes < 0) return `The image grew by ${saved}, though ${promised} were to be saved.`;
  if (savedBytes === 0) return `Nothing was saved, though ${promised} were promised.`;
  return saved === promised
    ? `${saved} saved, as promised.`
    : `${saved} saved, where ${promised} were promised.`;
}

/** Null when a layer was not measured. */
function bytesOf({ layers }: MeasuredImage): number | null {
  return sum(layers.map(({ unpackedBytes }) => unpackedBytes));
}
