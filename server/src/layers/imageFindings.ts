// What is found in an image beside its counts: left-overs of known kinds, secrets, contents stored twice. Gathered while
// the stack is built, then completed by reading the few bytes that decide. Whose fault it is, the rules say.
import type { Deposit, DuplicateContent, Image, SecretFile } from '../image/model';
import type { Host } from '../primitives/host';
import { type ContentSums, layersByIndex } from './contentSums';
import { DepositFinder } from './deposits';
import { findDuplicates } from './duplicates';
import type { LayerIndex } from './model';
import { readSecrets } from './secretContents';
import { type SecretCandidate, secretCandidates } from './secretNames';
import type { Stack } from './stack';

export interface ImageFindings {
  deposits: Deposit[];
  secrets: SecretFile[];
  duplicates: DuplicateContent[];
}

interface Candidate extends SecretCandidate {
  hiddenBy: number | null;
}

/** Gathers what one pass over a stack tells. */
export class FindingsCollector {
  private readonly depositFinder = new DepositFinder();
  /** By layer, then row; null for layers without any. */
  private readonly candidates: (Map<number, Candidate> | null)[] = [];

  /** Takes the layer that is pushed onto the stack. */
  push(index: LayerIndex): void {
    this.depositFinder.add(index);
    const found = secretCandidates(index);
    this.candidates.push(
      found.length === 0 ? null : new Map(found.map((one) => [one.row, { ...one, hiddenBy: null }])),
    );
  }

  /** Told of each row that the layer pushed last hides or replaces. */
  hide(layer: number, row: number): void {
    const candidate = this.candidates[layer]?.get(row);
    if (candidate) candidate.hiddenBy = this.candidates.length - 1;
  }

  deposits(stack: Stack, isLinked: (layer: number, row: number) => boolean): Deposit[] {
    return this.depositFinder.result(stack, isLinked);
  }

  /** Reads the candidates' first bytes, if it may. Throws as `readSecrets`. */
  async secrets(
    host: Host,
    { layers }: Image,
    indexes: readonly LayerIndex[],
    canRead: boolean,
    signal?: AbortSignal,
  ): Promise<SecretFile[]> {
    const secrets: SecretFile[] = [];
    for (const [layer, byRow] of this.candidates.entries()) {
      if (!byRow) continue;
      const all = [...byRow.values()];
      const read = canRead
        ? await readSecrets(host, layers[layer]!, indexes[layer]!, all, signal)
        : new Map<number, boolean>();
      for (const { row, path, kind, certain, hiddenBy } of all) {
        const isSecret = read.get(row) ?? certain;
        if (isSecret) secrets.push({ layer, path, kind, read: read.has(row), hiddenBy });
      }
    }
    return secrets;
  }
}

/** False for an image in a registry, and for one that its engine would have to save before a byte can be read. */
export function isAtHand({ remote, layers }: Image): boolean {
  return !remote && layers.some(({ blob }) => blob !== null && (!blob.settle || blob.region !== null));
}

/**
 * Completes what was collected. Throws StrataError('cancelled') or an abort only.
 * @param sums null where no content may be read
 */
export async function findInImage(
  host: Host,
  image: Image,
  { stack, collector, deposits }: { stack: Stack; collector: FindingsCollector | null; deposits: Deposit[] },
  sums: ContentSums | null,
  signal?: AbortSignal,
): Promise<ImageFindings> {
  const indexes = stack.layers;
  const secrets = !collector ? [] : await collector.secrets(host, image, indexes, sums !== null, signal);
  const duplicates = sums
    ? await findDuplicates(stack, sums, layersByIndex(image.layers, indexes), signal)
    : [];
  return { deposits, secrets, duplicates };
}
