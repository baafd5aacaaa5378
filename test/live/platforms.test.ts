// A build for two platforms with a real BuildKit, on the command line and in the editor's server: one record for each,
// both images kept and measured, a line of each with its own layer, cache fact and forecast. No emulator: what runs, runs
// on the builder's own platform.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CodeLens } from 'vscode-languageserver-protocol/node';
import type { PlatformsResult, RecordView, SummaryView } from '../../server/src/protocol';
import {
  type BuildkitDaemon,
  baseLayout,
  daemonsMissing,
  run,
  skipReason,
  startBuildkitd,
} from '../support/daemons';
import { imageFixture } from '../support/imageFixture';
import type { LanguageClient } from '../support/languageClient';
import { startLiveServer } from '../support/liveServer';
import { writePlatforms } from '../support/platformsLayout';

const root = process.env.STRATA_ROOT ?? process.cwd();
const dist = process.env.STRATA_DIST ?? path.join(root, 'dist');
const skip = skipReason(daemonsMissing());

const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
const other = own === 'arm64' ? 'amd64' : 'arm64';
/** Bytes that each platform's own file has. */
const bytes: Record<string, number> = { amd64: 1000, arm64: 3000 };

const text = [
  'FROM --platform=$BUILDPLATFORM tools AS build',
  'ARG TARGETARCH',
  'RUN echo for $TARGETARCH > /made',
  'FROM base',
  'ARG TARGETARCH',
  'COPY bin-$TARGETARCH /bin/own',
  'COPY --from=build /made /made',
  'COPY same /same',
  '',
].join('\n');

interface Instruction {
  line: number;
  evidence: string;
  cache: string;
  layers: { index: number; unpackedBytes: number }[];
  forecast: { cache: string; because: string };
}
interface Report {
  image: { platform: string; layers: number };
  stages: { base: { unpackedBytes: number }; instructions: Instruction[] }[];
  unmapped: unknown[];
}

/** A layout with an index of two images, whose base layers have 10 and 20 bytes; `oci-layout://…` of the index. */
async function twoPlatforms(folder: string): Promise<string> {
  const images = await Promise.all(
    (['amd64', 'arm64'] as const).map((architecture, at) =>
      imageFixture({ architecture, layers: [{ base: 'x'.repeat(10 * (at + 1)) }] }),
    ),
  );
  return `oci-layout://${folder}@${writePlatforms(folder, images, 'gzip')}`;
}

describe('a build for two platforms', { skip }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-platforms-'));
  const file = path.join(folder, 'app', 'Dockerfile');
  let buildkit: BuildkitDaemon;
  let contexts: string[];

  before(async () => {
    buildkit = await startBuildkitd();
    mkdirSync(path.dirname(file));
    writeFileSync(file, text);
    for (const [name, size] of Object.entries(bytes))
      writeFileSync(path.join(folder, 'app', `bin-${name}`), 'x'.repeat(size));
    writeFileSync(path.join(folder, 'app', 'same'), 'same');
    contexts = [
      `--build-context=base=${await twoPlatforms(path.join(folder, 'base'))}`,
      `--build-context=tools=${baseLayout(path.join(folder, 'tools')).context}`,
    ];
  });
  after(async () => {
    await buildkit?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const strata = (...args: string[]) =>
    run(process.execPath, [path.join(dist, 'cli.js'), ...args, '--no-progress'], {
      cwd: path.dirname(file),
      env: { ...buildkit.env, STRATA_CACHE: path.join(folder, 'cache') },
    });
  const words = () => contexts.map((word) => `--builder-arg=${word}`);

  async function reported(...args: string[]): Promise<Report> {
    const { code, stdout, stderr } = await strata(...args, '--format', 'json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Report;
  }

  const lines = ({ stages }: Report) =>
    stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ layers, cache }) => layers.length > 0 || cache !== 'not-cacheable')
      .map(({ line, cache, evidence, layers }) =>
        [line, cache, evidence, ...layers.map((layer) => layer.unpackedBytes)].join(' '),
      );

  function check(report: Report, arch: string, cache: string) {
    assert.equal(report.image.platform, `linux/${arch}`);
    assert.equal(report.image.layers, 4);
    assert.deepEqual(report.unmapped, []);
    assert.equal(report.stages[1]?.base.unpackedBytes, arch === 'amd64' ? 10 : 20);
    assert.deepEqual(
      lines(report).filter((line) => !/^[14] /.test(line)),
      [
        `3 ${cache} none`,
        `6 ${cache} provenance ${bytes[arch]}`,
        `7 ${cache} provenance ${'for \n'.length + arch.length}`,
        `8 ${cache} provenance 4`,
      ],
    );
  }

  describe('on the command line', () => {
    test('shows this machine’s first, and says how to see the other', async () => {
      const given = ['--platform', `linux/${other},linux/${own}`, '--builder', 'buildx', ...words()];
      const { code, stdout, stderr } = await strata('build', ...given, '--format', 'json');
      assert.equal(code, 0, stderr);
      check(JSON.parse(stdout) as Report, own, 'miss');
      assert.match(stderr, new RegExp(`built for linux/${other} too`));
    });

    test('keeps a record of each, with its own measures', async () => {
      check(await reported('analyze'), own, 'miss');
      check(await reported('analyze', '--platform', `linux/${own}`), own, 'miss');
      check(await reported('analyze', '--platform', `linux/${other}`), other, 'miss');
    });

    test('a second build takes both from the cache', async () => {
      const given = ['--platform', `linux/${own},linux/${other}`, '--builder', 'buildx', ...words()];
      check(await reported('build', ...given), own, 'hit');
      check(await reported('analyze', '--platform', `linux/${other}`), other, 'hit');
    });

    test('the forecast of each is by its own files', async () => {
      const changed = path.join(folder, 'app', `bin-${other}`);
      writeFileSync(changed, 'y'.repeat(bytes[other]!));
      try {
        const said = async (arch: string) => {
          const { stages } = await reported('analyze', '--platform', `linux/${arch}`);
          const told = stages.flatMap(({ instructions }) => instructions).filter(({ line }) => line > 5);
          return told.map(({ forecast }) => `${forecast.cache} ${forecast.because}`.trim());
        };
        assert.deepEqual(await said(own), ['cached', 'cached', 'cached']);
        assert.deepEqual(await said(other), [
          `reruns bin-${other} changed (content)`,
          'reruns line 6 reruns',
          'reruns line 6 reruns',
        ]);
      } finally {
        writeFileSync(changed, 'x'.repeat(bytes[other]!));
      }
    });

    test('a platform that was not built shows no measures', async () => {
      const report = await reported('analyze', '--platform', 'linux/s390x');
      assert.equal(report.image, null);
    });
  });

  describe('in the editor', () => {
    const uri = pathToFileURL(file).href;
    let client: LanguageClient;

    async function start(): Promise<LanguageClient> {
      const settings = { builder: 'buildx', build: { extraArguments: contexts } };
      const started = await startLiveServer(buildkit.env, path.join(folder, 'storage'), settings);
      started.open(uri, text);
      return started;
    }
    before(async () => {
      client = await start();
    });
    after(() => client?.stop());

    const platforms = async (choose: string | null = null) => {
      const result = await client.connection.sendRequest('strata/platforms', { uri, choose });
      return (result as PlatformsResult).platforms;
    };
    const build = async (platform: string | null) => {
      const params = { uri, target: null, platform, buildArgs: {}, context: null, noCache: false };
      const result = (await client.connection.sendRequest('strata/build', params)) as { outcome: string };
      assert.equal(result.outcome, 'built', JSON.stringify(result));
    };
    const summary = (platform: string | null, changeBytes?: number) =>
      client.notified('strata/summary', (params) => {
        const told = params as SummaryView;
        const isThis = told.platform === platform && told.state === 'ready' && told.imageBytes !== null;
        return isThis && (changeBytes === undefined || told.changeBytes === changeBytes);
      }) as Promise<SummaryView>;
    const hint = async (line: number) => {
      const found = (await client.hints(uri)).find(({ position }) => position.line + 1 === line);
      return String(found?.label).split(' · ')[0];
    };
    const lenses = async () => {
      const textDocument = { uri };
      const found = (await client.connection.sendRequest('textDocument/codeLens', {
        textDocument,
      })) as CodeLens[];
      return found.map(({ command }) => command?.title ?? '');
    };
    /** Both are read one after the other; the lines need the first alone. */
    const bothMeasured = async () => {
      const deadline = Date.now() + 60_000;
      for (;;) {
        const found = await platforms();
        if (found.length === 2 && found.every((one) => one.bytes !== null)) return found;
        assert.ok(Date.now() < deadline, JSON.stringify(found));
      }
    };

    test('the lines show this machine’s first; both can be chosen', async () => {
      await build(`linux/amd64,linux/arm64`);
      const { imageBytes } = await summary(`linux/${own}`);
      assert.equal(await hint(6), own === 'amd64' ? '1.00 kB' : '3.00 kB');
      assert.ok((await lenses()).includes(`linux/${own}`));
      const found = await bothMeasured();
      assert.deepEqual(
        found.map(({ platform, shown }) => [platform, shown]),
        [
          [`linux/${own}`, true],
          [`linux/${other}`, false],
        ],
      );
      assert.equal(found[0]?.bytes, imageBytes);
    });

    test('another platform is shown when it is chosen, its files too', async () => {
      client.notifications.length = 0;
      assert.equal(
        (await platforms(`linux/${other}`)).find(({ shown }) => shown)?.platform,
        `linux/${other}`,
      );
      const { changeBytes } = await summary(`linux/${other}`);
      assert.equal(changeBytes, null, 'there is no build before it, only the other platform');
      assert.equal(await hint(6), other === 'amd64' ? '1.00 kB' : '3.00 kB');
      assert.ok((await lenses()).includes(`linux/${other}`));
      const content = (await client.connection.sendRequest('strata/file', {
        uri,
        state: { of: 'image', upTo: 3 },
        path: 'made',
      })) as { base64: string };
      assert.equal(Buffer.from(content.base64, 'base64').toString(), `for ${other}\n`);
    });

    test('it stays chosen for the next build, which is compared with its own last one', async () => {
      client.notifications.length = 0;
      await build(`linux/amd64,linux/arm64`);
      await summary(`linux/${other}`, 0);
      await bothMeasured();
      const records = (await client.connection.sendRequest('strata/records', { uri })) as RecordView[];
      assert.deepEqual(
        records.map(({ platform, shown }) => `${platform} ${shown}`),
        [`linux/${own} false`, `linux/${other} true`, `linux/${own} false`, `linux/${other} false`],
      );
    });

    test('after a restart the first is shown again', async () => {
      await client.stop();
      client = await start();
      await summary(`linux/${own}`);
      assert.equal((await platforms()).length, 2);
    });

    test('a build for one platform names none', async () => {
      client.notifications.length = 0;
      await build(null);
      await summary(null);
      assert.deepEqual(await platforms(), []);
      assert.ok(!(await lenses()).some((title) => title.startsWith('linux/')));
    });
  });
});
