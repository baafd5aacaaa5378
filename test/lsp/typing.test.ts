// Typing never starts a process, even in a trusted workspace: every program that Strata knows is replaced by one that
// leaves a mark, and everything that an editor asks while a person types is asked.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startLanguageClient } from '../support/languageClient';

const root = process.env.STRATA_ROOT ?? process.cwd();

test('opening, typing, hints, hovers, lenses and light bulbs start no program; asking for builders does', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-typing-'));
  const mark = path.join(folder, 'started');
  for (const name of ['docker', 'podman', 'buildah']) {
    writeFileSync(path.join(folder, name), `#!/bin/sh\necho "${name} $*" >> ${mark}\nexit 1\n`, {
      mode: 0o755,
    });
  }
  const env = {
    PATH: `${folder}${path.delimiter}${process.env.PATH}`,
    STRATA_DOCKER: path.join(folder, 'docker'),
    STRATA_PODMAN: path.join(folder, 'podman'),
    STRATA_BUILDAH: path.join(folder, 'buildah'),
  };
  const client = await startLanguageClient({
    args: [path.join(root, 'dist/server.js'), '--stdio'],
    env,
    initializationOptions: {
      trusted: true,
      storage: path.join(folder, 'storage'),
      locale: 'en',
      settings: {},
    },
  });
  try {
    const file = path.join(root, 'examples/layers/Dockerfile');
    const uri = pathToFileURL(file).href;
    client.open(uri, readFileSync(file, 'utf8'));
    await client.notified('strata/summary');
    for (let line = 1; line < 30; line++) {
      client.edit(uri, line, 0, ' ');
      const position = { line, character: 1 };
      const textDocument = { uri };
      await client.hints(uri);
      await client.connection.sendRequest('textDocument/hover', { textDocument, position });
      await client.connection.sendRequest('textDocument/codeLens', { textDocument });
      await client.connection.sendRequest('textDocument/codeAction', {
        textDocument,
        range: { start: position, end: position },
        context: { diagnostics: [] },
      });
      await client.connection.sendRequest('strata/tree', { uri, node: null, offset: 0, limit: 100 });
    }
    assert.equal(existsSync(mark), false);
    // The mark works: what a person asks for does start programs.
    await client.connection.sendRequest('strata/builders');
    assert.match(readFileSync(mark, 'utf8'), /^docker /m);
  } finally {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
