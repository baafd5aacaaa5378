// The record that a build would have left of an image that was written without a builder: what benchmarks and e2e open.
// Decides no size: those are measured from the image, or given by who calls.
import type { BuildRecord } from '../server/src/build/model';
import { createRecordStore } from '../server/src/build/records';
import { createIndexer } from '../server/src/host/indexThreads';
import { createNodeHost } from '../server/src/host/nodeHost';
import type { MeasuredImage } from '../server/src/image/model';
import { openImage } from '../server/src/image/open';
import { measureImage } from '../server/src/layers/measureImage';
import { openIndexStore } from '../server/src/layers/store';

/** `storage`: the folder of what the server keeps. */
export interface RecordedDockerfile {
  dockerfile: string;
  text: string;
  storage: string;
}

/** Measures the image and keeps its indexes and its record. @param worker the bundled indexWorker.js */
export async function keepRecordOf(
  reference: string,
  { dockerfile, text, storage }: RecordedDockerfile,
  worker: string,
): Promise<void> {
  const host = createNodeHost();
  const indexer = createIndexer(host, worker);
  const image = await openImage(host, reference);
  const store = openIndexStore(host, storage);
  const { measured } = await measureImage(host, image, { indexer, store, trust: 'verified' });
  await image.close();
  await indexer.close();
  await createRecordStore(host, storage).add(dockerfile, keptRecord(text, measured, reference));
}

/** @param imageReference null when the image is nowhere to be opened again */
export function keptRecord(text: string, image: MeasuredImage, imageReference: string | null): BuildRecord {
  return {
    schema: 1,
    id: '20261124T070446975Z-460414',
    text,
    dockerfile: 'Dockerfile',
    choice: { target: null, platform: null, buildArgs: {} },
    builder: { kind: 'buildx', rules: 'buildkit', version: '', engine: '', instance: null, driver: 'remote' },
    started: '2026-11-24T07:04:46.975Z',
    durationMs: 1,
    outcome: 'built',
    steps: [],
    provenance: null,
    imageReference,
    imageId: image.id,
    image,
    failure: null,
    note: '',
  };
}
