// The language server while the image of many files that its Dockerfile made is open: resident memory, and how soon
// hints follow a keystroke. The build record is written by hand, as a build of the image would have left it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildRecord } from '../server/src/build/model';
import { createRecordStore } from '../server/src/build/records';
import { createIndexer } from '../server/src/host/indexThreads';
import { createNodeHost } from '../server/src/host/nodeHost';
import { openImage } from '../server/src/image/open';
import { measureImage } from '../server/src/layers/measureImage';
import { openIndexStore } from '../server/src/layers/store';
import { startLanguageClient } from '../test/support/languageClient';
import { median, resident, timedAsync } from './measure';

export interface EditorFigures {
  residentBytes: number;
  hintsMs: number;
  diffMs: number;
}

/** @param archive null: the same Dockerfile, never built */
export async function editorFigures(archive: string | null, dist: string): Promise<EditorFigures> {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-bench-'));
  const dockerfile = path.join(folder, 'Dockerfile');
  const storage = path.join(folder, 'storage');
  const uri = pathToFileURL(dockerfile).href;
  const text = `FROM scratch\n${[0, 1, 2, 3, 4].map((i) => `COPY layer${i} /\n`).join('')}`;
  writeFileSync(dockerfile, text);
  if (archive !== null) await keepRecord(archive, dist, dockerfile, storage, text);
  const client = await startLanguageClient({
    args: [path.join(dist, 'server.js'), '--stdio'],
    initializationOptions: { trusted: true, storage, locale: 'en', l10nUri: null, settings: {} },
    deadlineMs: 60_000,
  });
  try {
    client.open(uri, text);
    let diffMs = Number.NaN;
    if (archive !== null) {
      await client.notified('strata/summary', (params) => {
        const summary = params as { uri: string; imageBytes: number | null };
        return summary.uri === uri && summary.imageBytes !== null;
      });
      // The layer of changes: its diff needs all that lies below it.
      const [from, to] = [2, 3].map((upTo) => ({ of: 'image', upTo }));
      diffMs = await timedAsync(() => client.connection.sendRequest('strata/diff', { uri, from, to }));
    }
    const times: number[] = [];
    for (let round = 0; round < 60; round++) {
      const ms = await timedAsync(async () => {
        client.edit(uri, 5, 0, '#');
        await client.hints(uri, [0, 10]);
      });
      if (round >= 10) times.push(ms);
    }
    return { residentBytes: resident(client.process.pid!), hintsMs: median(times), diffMs };
  } finally {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function keepRecord(
  archive: string,
  dist: string,
  dockerfile: string,
  storage: string,
  text: string,
): Promise<void> {
  const host = createNodeHost();
  const indexer = createIndexer(host, path.join(dist, 'indexWorker.js'));
  const image = await openImage(host, archive);
  const store = openIndexStore(host, storage);
  const { measured } = await measureImage(host, image, { indexer, store, trust: 'verified' });
  await image.close();
  await indexer.close();
  const record: BuildRecord = {
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
    imageReference: `docker-archive:${archive}`,
    imageId: measured.id,
    image: measured,
    failure: null,
    note: '',
  };
  await createRecordStore(host, storage).add(dockerfile, record);
}
