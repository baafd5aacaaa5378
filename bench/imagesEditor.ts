// The language server while the image of many files that its Dockerfile made is open: resident memory, and how soon
// hints follow a keystroke. The build record is written by hand, as a build of the image would have left it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { startLanguageClient } from '../test/support/languageClient';
import { keepRecordOf } from './keptRecord';
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
  if (archive !== null) {
    const worker = path.join(dist, 'indexWorker.js');
    await keepRecordOf(`docker-archive:${archive}`, { dockerfile, text, storage }, worker);
  }
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
