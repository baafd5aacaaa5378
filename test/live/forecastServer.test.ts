// The forecast in the editor against a real builder: what hints, hovers and marks say of the next build while text and
// files change, and the build that confirms it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Diagnostic, Hover, InlayHint } from 'vscode-languageserver-protocol/node';
import type { RequestTypes, SummaryView } from '../../server/src/protocol';
import {
  type BuildkitDaemon,
  baseLayout,
  daemonsMissing,
  skipReason,
  startBuildkitd,
} from '../support/daemons';
import type { LanguageClient } from '../support/languageClient';
import { startLiveServer } from '../support/liveServer';

const missing = daemonsMissing();
const skip = skipReason(missing);

const text = [
  'FROM base',
  'COPY package.json /app/',
  'RUN cp /app/package.json /app/installed',
  'COPY src /app/src',
  'RUN ls /app/src > /app/list',
  '',
].join('\n');

describe('the forecast while a person types', { skip, timeout: 300_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-next-'));
  const context = path.join(folder, 'app');
  const file = path.join(context, 'Dockerfile');
  const uri = pathToFileURL(file).href;
  let daemon: BuildkitDaemon;
  let client: LanguageClient;

  function write(name: string, content: string): void {
    mkdirSync(path.dirname(path.join(context, name)), { recursive: true });
    writeFileSync(path.join(context, name), content);
  }

  /** What an editor tells when a file was written. */
  function tellChanged(...names: string[]): void {
    client.notifications.length = 0;
    const changes = names.map((name) => ({ uri: pathToFileURL(path.join(context, name)).href, type: 2 }));
    void client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  }

  async function build(): Promise<RequestTypes['strata/build']['result']> {
    const params = { uri, target: null, platform: null, buildArgs: {}, context: null, noCache: false };
    const result = await client.connection.sendRequest('strata/build', params);
    client.notifications.length = 0;
    return result as RequestTypes['strata/build']['result'];
  }

  /** Hints as soon as the status bar would say this of the next build. */
  async function foreseen(next: RegExp): Promise<string[]> {
    await client.notified('strata/summary', (params) => {
      const summary = params as SummaryView;
      return summary.uri === uri && summary.state === 'ready' && next.test(summary.next ?? '');
    });
    const hints: InlayHint[] = await client.hints(uri);
    return hints.map(({ position, label }) => `${position.line + 1}: ${String(label)}`);
  }

  async function hoverOf(line: number): Promise<string> {
    const position = { line: line - 1, character: 1 };
    const hover = await client.connection.sendRequest('textDocument/hover', {
      textDocument: { uri },
      position,
    });
    return ((hover as Hover).contents as { value: string }).value;
  }

  const marks = (diagnostics: readonly Diagnostic[]) =>
    diagnostics
      .filter(({ code }) => code === 'CacheBreak')
      .map(({ range, message }) => `${range.start.line + 1}: ${message}`);

  before(async () => {
    daemon = await startBuildkitd();
    write('Dockerfile', text);
    write('package.json', '{}\n');
    write('src/app.ts', 'one\n');
    const extraArguments = [`--build-context=base=${baseLayout(path.join(folder, 'base')).context}`];
    const settings = { builder: 'buildx', build: { extraArguments } };
    client = await startLiveServer(daemon.env, path.join(folder, 'storage'), settings);
    client.open(uri, text);
  });
  after(async () => {
    await client?.stop();
    await daemon?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('sizes of what COPY takes are told before any build', async () => {
    let hints: InlayHint[] = [];
    for (let tries = 0; tries < 100 && !hints.some(({ label }) => label === '~4 B'); tries++) {
      hints = await client.hints(uri);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual(
      hints
        .filter(({ label }) => String(label).startsWith('~'))
        .map(({ label, position }) => `${position.line + 1}: ${label}`),
      ['2: ~3 B', '4: ~4 B'],
    );
  });

  test('after a build every line is foreseen as cached, and a changed file breaks the cache where it is taken', async () => {
    assert.equal((await build()).outcome, 'built');
    await foreseen(/^next build: 4 cached$/);
    assert.match(await hoverOf(4), /Next build: cached/);
    write('src/app.ts', 'another\n');
    tellChanged('src/app.ts');
    const hints = await foreseen(/2 cached, 2 rerun/);
    assert.ok(
      hints.some((hint) => /^2: 3 B · ran/.test(hint)),
      hints.join('\n'),
    );
    assert.ok(hints.includes('4: ~8 B · reruns'), hints.join('\n'));
    assert.ok(
      hints.some((hint) => /^5: ~.* · reruns$/.test(hint)),
      hints.join('\n'),
    );
    assert.match(await hoverOf(4), /because .*app\\\.ts changed/);
    assert.match(await hoverOf(5), /because line 4 reruns/);
    const { diagnostics } = await client.diagnostics(uri, (params) => marks(params.diagnostics).length > 0);
    assert.match(marks(diagnostics).join(), /^4: the cache breaks here: .*app\.ts changed/);
  });

  test('the builder does what was foreseen, and the old content hits again', async () => {
    assert.equal((await build()).outcome, 'built');
    const hints = await foreseen(/^next build: 4 cached$/);
    assert.ok(
      hints.some((hint) => /^3: .*cached/.test(hint)),
      hints.join('\n'),
    );
    assert.ok(
      hints.some((hint) => /^4: 8 B · ran/.test(hint)),
      hints.join('\n'),
    );
    write('src/app.ts', 'one\n');
    tellChanged('src/app.ts');
    const again = await foreseen(/^next build: 4 cached$/);
    assert.ok(
      again.some((hint) => /^4: /.test(hint)),
      again.join('\n'),
    );
  });

  test('an edited line and what stands on it are foreseen before the text is saved', async () => {
    client.notifications.length = 0;
    client.change(uri, text.replace('installed', 'deployed'));
    const hints = await foreseen(/1 cached, 3 rerun/);
    assert.ok(
      hints.some((hint) => /^3: .*reruns$/.test(hint)),
      hints.join('\n'),
    );
    client.notifications.length = 0;
    client.change(uri, `# a comment changes nothing\n${text}`);
    await foreseen(/^next build: 4 cached$/);
  });
});
