// The provenance attached to an image as a part of a record. It is the builder's own word only as far as whoever pushed
// the image can be believed; mapping compares it with the image's layers and history and tells where they differ.
import { type Attestation, readAttestation } from '../image/attestations';
import type { Image } from '../image/model';
import type { Host } from '../primitives/host';
import { type ImportedPart, unknownBuilder } from './importedPart';
import { parseProvenance } from './provenance';
import { readProvenanceRequest } from './provenanceRequest';

/**
 * Null when nothing is attached to the image.
 * @throws StrataError as readAttestation
 */
export async function importAttestation(
  host: Host,
  image: Pick<Image, 'reference' | 'id'>,
  signal?: AbortSignal,
): Promise<ImportedPart | null> {
  const attestation = await readAttestation(host, image, signal);
  return attestation && partOfAttestation(attestation, image);
}

/** What an attestation says; pure, never throws. */
export function partOfAttestation(
  { statement, manifest }: Attestation,
  { reference, id }: Pick<Image, 'reference' | 'id'>,
): ImportedPart {
  const provenance = parseProvenance(statement);
  const request = readProvenanceRequest(statement);
  const name = `the provenance attached to ${reference}`;
  return {
    source: 'attestation',
    name,
    builder: unknownBuilder('buildkit'),
    rules: 'buildkit',
    provenance,
    request,
    platforms: [],
    steps: null,
    started: request.started,
    durationMs: request.durationMs,
    outcome: 'built',
    words: [],
    image: { ids: [id], manifests: [manifest], references: [reference] },
    notes:
      provenance === null
        ? ['The provenance attached to it has no steps: build with --provenance=mode=max for them.']
        : [],
  };
}
