// The server as other editors start it: through the command line, with no options of ours.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { startLanguageClient } from '../support/languageClient';

const root = process.env.STRATA_ROOT ?? process.cwd();

test('strata server --stdio answers without any initialization options, and refuses to build', async () => {
  const client = await startLanguageClient({ args: [path.join(root, 'dist/cli.js'), 'server', '--stdio'] });
  const uri = 'file:///nowhere/Dockerfile';
  client.open(uri, 'FROM a\nRUN one\n');
  const hints = await client.hints(uri);
  assert.deepEqual(
    hints.map((hint) => hint.label),
    ['layer'],
  );
  const result = (await client.connection.sendRequest('strata/build', {
    uri,
    target: null,
    platform: null,
    buildArgs: {},
    context: null,
    noCache: false,
  })) as { outcome: string };
  assert.equal(result.outcome, 'refused');
  await client.stop();
});
