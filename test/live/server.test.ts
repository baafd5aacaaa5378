// The language server with a real builder behind it: a build over the protocol, the measures of which survive a restart
// of the server; an edit; a build that fails; one that is cancelled.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  CancellationToken,
  CancellationTokenSource,
  type InlayHint,
} from 'vscode-languageserver-protocol/node';
import {
  type BuildkitDaemon,
  baseLayout,
  daemonsMissing,
  skipReason,
  startBuildkitd,
} from '../support/daemons';
import type { LanguageClient } from '../support/languageClient';
import { startLiveServer } from '../support/liveServer';

const skip = skipReason(daemonsMissing());

const text = [
  'FROM base AS build',
  'RUN echo built > /out.txt',
  'FROM base',
  'COPY --from=build /out.txt /srv/out.txt',
  'RUN head -c 100000 /dev/urandom > /srv/noise',
  'CMD ["cat", "/srv/out.txt"]',
  '',
].join('\n');

interface Result {
  outcome: string;
  message: string;
  line: number | null;
}

describe('the server builds for real', { skip }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-server-'));
  const file = path.join(folder, 'Dockerfile');
  const uri = pathToFileURL(file).href;
  let daemon: BuildkitDaemon;
  let client: LanguageClient;

  async function start(): Promise<LanguageClient> {
    const extraArguments = [`--build-context=base=${baseLayout(path.join(folder, 'base')).context}`];
    const settings = { builder: 'buildx', build: { extraArguments } };
    return startLiveServer(daemon.env, path.join(folder, 'storage'), settings);
  }

  const build = async (token = CancellationToken.None): Promise<Result> => {
    const params = { uri, target: null, platform: null, buildArgs: {}, context: null, noCache: false };
    const result = (await client.connection.sendRequest('strata/build', params, token)) as Result;
    // What is told from now on is of this build.
    client.notifications.length = 0;
    return result;
  };

  const drawn = (hints: InlayHint[]) =>
    hints.map((hint) => `${hint.position.line + 1}: ${String(hint.label)}`);

  /** Until the files are read too, so that every size is the unpacked one. */
  const measured = () =>
    client.notified('strata/summary', (params) => {
      const summary = params as { uri: string; state: string; imageBytes: number | null };
      return summary.uri === uri && summary.state === 'ready' && summary.imageBytes !== null;
    });

  before(async () => {
    daemon = await startBuildkitd();
    writeFileSync(file, text);
    client = await start();
    client.open(uri, text);
  });
  after(async () => {
    await client?.stop();
    await daemon?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('each line shows its measured size and whether it ran', async () => {
    const result = await build();
    assert.equal(result.outcome, 'built', result.message);
    await measured();
    const hints = drawn(await client.hints(uri));
    assert.match(hints.find((hint) => hint.startsWith('2: ')) ?? '', /^2: ran /);
    assert.match(hints.find((hint) => hint.startsWith('3: ')) ?? '', /^3: base .* · 1 layer$/);
    assert.match(hints.find((hint) => hint.startsWith('4: ')) ?? '', /^4: 6 B · ran /);
    assert.match(hints.find((hint) => hint.startsWith('5: ')) ?? '', /^5: 100 kB · ran /);
  });

  test('a second build takes every line from the cache', async () => {
    assert.equal((await build()).outcome, 'built');
    await measured();
    const hints = drawn(await client.hints(uri));
    assert.ok(hints.includes('4: 6 B · cached'), hints.join('\n'));
    assert.ok(hints.includes('5: 100 kB · cached'), hints.join('\n'));
  });

  test('the layer of a line can be looked into, down to a file of it', async () => {
    const { layer } = (await client.connection.sendRequest('strata/layerAt', { uri, line: 4 })) as {
      layer: number;
    };
    const content = (await client.connection.sendRequest('strata/file', {
      uri,
      state: { of: 'image', upTo: layer },
      path: 'srv/out.txt',
    })) as { base64: string };
    assert.equal(Buffer.from(content.base64, 'base64').toString(), 'built\n');
  });

  test('measures survive the death of the server', async () => {
    client.process.kill('SIGKILL');
    client.connection.dispose();
    client = await start();
    client.open(uri, text);
    await measured();
    assert.ok(drawn(await client.hints(uri)).includes('5: 100 kB · cached'));
  });

  test('a build that fails marks its line and keeps what was measured', async () => {
    const broken = text.replace('RUN head', 'RUN echo no such thing >&2; exit 7; head');
    writeFileSync(file, broken);
    client.change(uri, broken);
    const result = await build();
    assert.equal(result.outcome, 'failed');
    assert.equal(result.line, 5);
    const { diagnostics } = await client.diagnostics(uri, (params) =>
      params.diagnostics.some((one) => one.code === 'BuildFailed'),
    );
    const failed = diagnostics.find((one) => one.code === 'BuildFailed')!;
    assert.equal(failed.range.start.line, 4);
    assert.match(String(failed.message), /no such thing/);
    assert.ok(drawn(await client.hints(uri)).includes('4: 6 B · cached'));
  });

  test('a build that is cancelled ends its processes and leaves no half of anything', async () => {
    const slow = text.replace('RUN head', 'RUN sleep 300; head');
    writeFileSync(file, slow);
    client.change(uri, slow);
    const source = new CancellationTokenSource();
    const building = build(source.token);
    await client.notified('strata/buildProgress', (params) => {
      const progress = params as { running: boolean; label: string };
      return progress.running && progress.label.includes('sleep 300');
    });
    source.cancel();
    assert.equal((await building).outcome, 'cancelled');
    const clients = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => commandLine(pid).includes(folder) && !commandLine(pid).includes('server.js'));
    assert.deepEqual(clients, []);
  });
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
