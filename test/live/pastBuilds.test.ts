// Rules that speak of several builds, on real ones: a tag that moves in a registry, files and arguments that change from
// build to build. What is told must be what BuildKit did, and the fix must make it do less.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { analyze } from '../../server/src/analysis/analyze';
import { knowledgeOfRecord } from '../../server/src/analysis/knowledge';
import type { FindingView } from '../../server/src/analysis/model';
import { pastBuilds } from '../../server/src/analysis/pastBuilds';
import { detectBuilders } from '../../server/src/build/detect';
import type { BuildRecord, FoundBuilder } from '../../server/src/build/model';
import { applyEdits } from '../../server/src/dockerfile/edit';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { cacheHistory } from '../../server/src/forecast/cacheHistory';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { createInlineIndexer } from '../../server/src/layers/indexer';
import { withCacheInputs } from '../../server/src/measure/cacheInputs';
import { measureRecord } from '../../server/src/measure/measureRecord';
import type { Host } from '../../server/src/primitives/host';
import { loadedBash } from '../support/bashParser';
import {
  type BuildkitDaemon,
  baseLayout,
  daemonsMissing,
  skipReason,
  startBuildkitd,
} from '../support/daemons';
import { layerTar } from '../support/imageFixture';
import { registryMissing, startRegistry, type TestRegistry } from '../support/registry';

const skip = skipReason([...daemonsMissing(), ...registryMissing()]);
const signal = new AbortController().signal;

describe('rules about recorded builds', { skip }, () => {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-past-'));
  const digests: string[] = [];
  let daemon: BuildkitDaemon;
  let registry: TestRegistry;
  let host: Host;
  let builder: FoundBuilder;

  before(async () => {
    registry = await startRegistry();
    daemon = await startBuildkitd();
    host = createNodeHost({ ...process.env, ...daemon.env });
    [builder] = (await detectBuilders(host, { prefer: 'buildx', programs: {}, signal })) as [FoundBuilder];
    for (const note of ['first', 'second']) {
      const layout = path.join(folder, note);
      fs.mkdirSync(layout);
      baseLayout(layout);
      digests.push(await withLayer(layout, { [`etc/${note}`]: note }));
    }
  });
  after(async () => {
    await daemon?.stop();
    await registry?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const publish = (note: string) => registry.fill(path.join(folder, note), 'base:1');

  /** Builds of one Dockerfile in a context of its own, newest record first. */
  function project(name: string) {
    const context = path.join(folder, name);
    const dockerfile = path.join(context, 'Dockerfile');
    const records: BuildRecord[] = [];
    fs.mkdirSync(context);
    return {
      write: (file: string, text: string) => fs.writeFileSync(path.join(context, file), text),
      async build(text: string, buildArgs: Record<string, string> = {}) {
        fs.writeFileSync(dockerfile, text);
        const choice = { target: null, platform: null, buildArgs };
        const keep = path.join(folder, 'keep', name);
        const asked = { path: dockerfile, context, choice, noCache: false, extraArguments: [], records };
        const request = { ...asked, dockerfile, text, tag: null, keep };
        const built = await withCacheInputs(
          host,
          { ...asked, dockerfile: parseDockerfile(text), builder: builder.identity },
          () => builder.build(host, request, {}, signal),
        );
        assert.equal(built.outcome, 'built', JSON.stringify(built.failure));
        records.unshift(
          await measureRecord({ host, indexer: createInlineIndexer(host), store: null }, built),
        );
        return built;
      },
      async findings(text: string): Promise<FindingView[]> {
        const history = cacheHistory(pastBuilds(records));
        const options = { history, shell: await loadedBash() };
        const { findings } = analyze(text, knowledgeOfRecord(records[0]!), options);
        return findings.filter(({ rule }) => rule === 'MutableBaseTag' || rule === 'OftenMisses');
      },
    };
  }

  const fixed = (text: string, { fixes }: FindingView) => applyEdits(text, fixes[0]!.edits);
  const cached = ({ steps }: BuildRecord) =>
    steps
      .filter(({ keyword }) => keyword !== null && keyword !== 'FROM')
      .sort((a, b) => a.number! - b.number!)
      .map((step) => step.cached);

  test('a tag that moved is told with what it took, and pinned to the digest that the build used', async () => {
    const { build, findings } = project('moved');
    const name = `${registry.host}/base:1`;
    const text = `FROM  ${name} AS app\nRUN head -c 300000 /dev/zero > /big\nRUN sleep 1\n`;
    publish('first');
    await build(text);
    await build(text);
    assert.deepEqual(await findings(text), []);
    publish('second');
    await build(text);
    const [finding, ...others] = await findings(text);
    assert.deepEqual(others, []);
    assert.match(
      finding!.message,
      new RegExp(
        `^${name} moved once in the last 2 builds; (?:1\\.\\d|[2-9]\\.\\d) s and 300 kB were rebuilt then$`,
      ),
    );
    assert.equal(finding!.bytes, 300_000);
    const pinned = fixed(text, finding!);
    assert.equal(pinned, text.replace(' AS', `@${digests[1]} AS`));
    assert.deepEqual(cached(await build(pinned)), [true, true]);
    assert.deepEqual(await findings(pinned), []);
    // Back to what it was: the cache still has it, so that nothing was built for it. The pinned build names another base.
    publish('first');
    assert.deepEqual(cached(await build(text)), [true, true]);
    assert.match((await findings(text))[0]!.message, /moved once in the last 3 builds/);
  });

  test('a COPY that misses again and again goes below an install that does not need it', async () => {
    const { build, write, findings } = project('files');
    publish('first');
    const top = `FROM ${registry.host}/base:1\nRUN printf '#!/bin/sh\\nsleep 3\\n' > /bin/apt-get && chmod +x /bin/apt-get\n`;
    const text = `${top}WORKDIR /app\nCOPY src.txt more.txt ./\nRUN apt-get install -y curl\nRUN cat src.txt\n`;
    write('more.txt', 'more');
    for (let n = 0; n < 6; n++) {
      // The fourth build changes nothing.
      write('src.txt', `source ${n === 3 ? 2 : n}`);
      if (n === 5) assert.deepEqual(await findings(text), []);
      await build(text);
    }
    const [finding] = await findings(text);
    assert.match(
      finding!.message,
      /^missed the cache in 4 of the last 5 builds, as its files changed; what ran again below it took 3\.\d s on average$/,
    );
    assert.equal(finding!.line, 4);
    const moved = fixed(text, finding!);
    assert.equal(
      moved,
      `${top}WORKDIR /app\nRUN apt-get install -y curl\nCOPY src.txt more.txt ./\nRUN cat src.txt\n`,
    );
    await build(moved);
    write('src.txt', 'another');
    assert.deepEqual(cached(await build(moved)), [true, true, true, false, false]);
    assert.deepEqual(await findings(moved), []);
  });

  test('an argument of another value each time goes down to the line that names it', async () => {
    const { build, findings } = project('argument');
    publish('first');
    const text = `FROM ${registry.host}/base:1\nARG REVISION=none\nRUN sleep 3\nRUN echo $REVISION > /revision\n`;
    for (let n = 0; n < 6; n++) await build(text, { REVISION: String(n) });
    const [finding] = await findings(text);
    assert.match(
      finding!.message,
      /^had another value in 5 of the last 5 builds; what ran again below it took 3\.\d s on average$/,
    );
    const moved = fixed(text, finding!);
    assert.equal(
      moved,
      `FROM ${registry.host}/base:1\nRUN sleep 3\nARG REVISION=none\nRUN echo $REVISION > /revision\n`,
    );
    await build(moved, { REVISION: '6' });
    assert.deepEqual(cached(await build(moved, { REVISION: '7' })), [true, false]);
    assert.deepEqual(await findings(moved), []);
  });
});

/** Puts one more layer upon the image of a layout, and gives the digest of its manifest. */
async function withLayer(layout: string, files: Record<string, string>): Promise<string> {
  const blob = (digest: string) => path.join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length));
  const read = (file: string) => JSON.parse(fs.readFileSync(file, 'utf8'));
  const put = (bytes: Uint8Array | string) => {
    const digest = digestOf(bytes);
    fs.writeFileSync(blob(digest), bytes);
    return { digest, size: Buffer.byteLength(bytes) };
  };
  const index = read(path.join(layout, 'index.json'));
  const manifest = read(blob(index.manifests[0].digest));
  const config = read(blob(manifest.config.digest));
  const tar = await layerTar(files);
  config.rootfs.diff_ids.push(digestOf(tar));
  config.history.push({ created_by: 'ADD more.tar /' });
  manifest.layers.push({ ...manifest.layers[0], ...put(gzipSync(tar)) });
  Object.assign(manifest.config, put(JSON.stringify(config)));
  Object.assign(index.manifests[0], put(JSON.stringify(manifest)));
  fs.writeFileSync(path.join(layout, 'index.json'), JSON.stringify(index));
  return index.manifests[0].digest;
}

function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
