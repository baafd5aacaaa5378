// Builds that were made without Strata, by real buildx and BuildKit, become known afterwards: from the build history, a
// metadata file, a log, an attestation; each line gets the layer and the cache state that the build gave it, or a reason.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { analyze } from '../../server/src/analysis/analyze';
import { dockerfileOfBuild, listBuilds } from '../../server/src/build/history';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { createInlineIndexer } from '../../server/src/layers/indexer';
import { joinProvenance } from '../../server/src/mapping/provenanceSteps';
import { unshippedSizes } from '../../server/src/mapping/unshippedSizes';
import { type ImportedBuild, type ImportRequest, importBuild } from '../../server/src/measure/importBuild';
import type { Host } from '../../server/src/primitives/host';
import type { ImportBuildResult, PastBuildsResult } from '../../server/src/protocol';
import {
  type BuildkitDaemon,
  baseLayout,
  daemonsMissing,
  run,
  skipReason,
  startBuildkitd,
} from '../support/daemons';
import { startLiveServer } from '../support/liveServer';
import { registryMissing, startRegistry, type TestRegistry } from '../support/registry';

const skip = skipReason([...daemonsMissing(), ...registryMissing()]);

const text = `FROM base AS build
ARG WHO=nobody
WORKDIR /src
COPY app.txt ./
RUN cat app.txt > made.txt && echo $WHO >> made.txt

FROM base
COPY --from=build /src/made.txt /made.txt
RUN echo two > /two.txt
LABEL a=b
`;

describe('builds made elsewhere', { skip }, () => {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-imports-'));
  const at = (name: string) => path.join(folder, name);
  let daemon: BuildkitDaemon;
  let registry: TestRegistry;
  let host: Host;
  let base: string;

  before(async () => {
    daemon = await startBuildkitd();
    registry = await startRegistry();
    fs.mkdirSync(at('base'));
    base = `base=${baseLayout(at('base')).context}`;
    fs.mkdirSync(at('context'));
    fs.writeFileSync(at('context/app.txt'), 'app\n');
    fs.writeFileSync(at('context/Dockerfile'), text);
    host = createNodeHost({ ...process.env, ...daemon.env });
  });
  after(async () => {
    await registry?.stop();
    await daemon?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** As a person does in a terminal, or a CI job. */
  async function build(...args: string[]) {
    const all = ['buildx', 'build', '--progress=plain', '--build-context', base, ...args, at('context')];
    return run('docker', all, { env: { ...daemon.env, BUILDX_METADATA_PROVENANCE: 'max' } });
  }

  async function newestRef(): Promise<string> {
    return (await listBuilds(host))[0]!.ref;
  }

  function imported(request: Partial<ImportRequest>): Promise<ImportedBuild> {
    const none = { history: null, metadata: null, log: null, image: null, choice: null, bakeTarget: null };
    const tools = { host, indexer: createInlineIndexer(host), store: null };
    return importBuild(tools, { ...none, text, name: 'Dockerfile', ...request });
  }

  /** `8 COPY [1] provenance miss`, for lines that make a layer; on the text as it is now. */
  function drawn({ knowledge }: ImportedBuild, now = text): string[] {
    const { stages } = analyze(now, knowledge);
    return stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ keyword }) => /^(?:WORKDIR|COPY|RUN)$/.test(keyword))
      .map(({ line, keyword, layers, evidence, cache, standing }) => {
        const made = `[${layers.map(({ index }) => index).join()}]`;
        return [line, keyword, made, evidence, cache, ...(standing === 'measured' ? [] : [standing])].join(
          ' ',
        );
      });
  }

  const first = [
    '3 WORKDIR [] none miss',
    '4 COPY [] none miss',
    '5 RUN [] none miss',
    '8 COPY [1] provenance miss',
    '9 RUN [2] provenance miss',
  ];
  const asked = first.map((line) => line.replace('miss', 'unknown'));

  test('the history lists a build with its Dockerfile, and ties its lines when the image is named', async () => {
    const layout = `type=oci,tar=false,dest=${at('layout')}`;
    const ran = await build('--metadata-file', at('meta.json'), '--output', layout);
    assert.equal(ran.code, 0, ran.stderr);
    fs.writeFileSync(at('first.log'), ran.stderr);
    const [past] = await listBuilds(host);
    assert.deepEqual([past?.name, past?.status, past?.cachedSteps], ['context', 'completed', 0]);
    assert.equal(await dockerfileOfBuild(host, {}, past!.ref), at('context/Dockerfile'));
    const build1 = await imported({ history: past!.ref, image: `oci:${at('layout')}` });
    assert.deepEqual(drawn(build1), first);
    assert.equal(build1.record?.text, text);
    assert.ok(build1.record?.image);
  });

  test('its metadata and its log, alone and together, tell the same of it', async () => {
    const image = `oci:${at('layout')}`;
    assert.deepEqual(
      drawn(await imported({ metadata: at('meta.json'), log: at('first.log'), image })),
      first,
    );
    assert.deepEqual(drawn(await imported({ metadata: at('meta.json'), image })), asked);
    const log = drawn(await imported({ log: at('first.log'), image }));
    assert.deepEqual(
      log,
      first.map((line) => line.replace('provenance', 'steps')),
    );
    const bare = await imported({ log: at('first.log') });
    assert.equal(bare.knowledge.image, null);
    assert.match(bare.record!.note!, /image is not at hand/);
  });

  test('a build from the cache is all hits', async () => {
    const ran = await build('--output', 'type=cacheonly');
    assert.equal(ran.code, 0, ran.stderr);
    const again = await imported({ history: await newestRef() });
    assert.deepEqual(again.knowledge.mapping?.lines.filter(({ cache }) => cache === 'hit').length, 5);
  });

  test('an edited text keeps what still holds, and a log of other steps tells nothing', async () => {
    const edited = text.replace('RUN echo two', 'RUN echo three');
    const image = `oci:${at('layout')}`;
    const carried = await imported({ metadata: at('meta.json'), log: at('first.log'), image, text: edited });
    assert.deepEqual(drawn(carried, edited).slice(3), [
      '8 COPY [1] provenance miss',
      '9 RUN [] none unknown stale',
    ]);
    const log = await imported({ log: at('first.log'), text: edited });
    assert.deepEqual(
      log.knowledge.mapping?.lines.slice(5, 8).map(({ cache }) => cache),
      ['not-cacheable', 'unknown', 'unknown'],
    );
  });

  test('an image of another build is tied by its own history, and it is said', async () => {
    const layout = `type=oci,tar=false,dest=${at('other')}`;
    assert.equal((await build('--build-arg', 'WHO=other', '--output', layout)).code, 0);
    const mixed = await imported({ log: at('first.log'), image: `oci:${at('other')}` });
    assert.deepEqual(drawn(mixed).slice(3), ['8 COPY [1] history miss', '9 RUN [2] history miss']);
    assert.match(mixed.knowledge.mapping!.disagreements.join(), /is not the one of the imported build/);
    assert.equal(mixed.record?.image, null);
  });

  test('a pushed build is found in its registry, and its attestation is used without being asked for', async () => {
    const name = `${registry.host}/app:1`;
    const output = `type=image,name=${name},push=true,registry.insecure=true`;
    const ran = await build('--provenance=mode=max', '--build-arg', 'WHO=pushed', '--output', output);
    assert.equal(ran.code, 0, ran.stderr);
    const pushed = await imported({ history: await newestRef() });
    assert.match(pushed.record!.imageReference!, /^docker:\/\/127\.0\.0\.1:\d+\/app:1@sha256:/);
    assert.deepEqual(drawn(pushed).slice(3), ['8 COPY [1] provenance miss', '9 RUN [2] provenance miss']);
    assert.deepEqual(pushed.record?.choice.buildArgs, { WHO: 'pushed' });

    const later = `# a comment\n${text}`;
    const attested = await imported({ image: `docker://${name}`, text: later });
    assert.equal(attested.record?.text, text);
    assert.deepEqual(drawn(attested, later).slice(3), [
      '9 COPY [1] provenance unknown',
      '10 RUN [2] provenance unknown',
    ]);
  });

  test('of several platforms each is told by itself', async () => {
    const copies = 'FROM scratch\nARG TARGETARCH\nCOPY app.txt /$TARGETARCH.txt\n';
    fs.writeFileSync(at('context/Dockerfile'), copies);
    const layout = `type=oci,tar=false,dest=${at('several')}`;
    const several = ['--platform', 'linux/amd64,linux/arm64', '--metadata-file', at('several.json')];
    const ran = await build(...several, '--output', layout);
    assert.equal(ran.code, 0, ran.stderr);
    const ref = await newestRef();
    for (const platform of ['linux/amd64', 'linux/arm64']) {
      const choice = { target: null, platform, buildArgs: {} };
      for (const source of [{ history: ref }, { metadata: at('several.json') }]) {
        const one = await imported({ ...source, image: `oci:${at('several')}`, choice, text: copies });
        assert.equal(one.record?.image?.platform, platform);
        assert.equal(one.record?.choice.platform, platform);
        assert.match(drawn(one, copies).join(), /^3 COPY \[0\] provenance/);
      }
    }
  });

  test('lines of a stage that does not ship have sizes where the cache was exported whole, else a reason', async () => {
    fs.writeFileSync(at('context/Dockerfile'), text);
    const sizes = async (...args: string[]) => {
      const ran = await build(...args, '--output', `type=oci,dest=${at('unshipped.tar')}`);
      assert.equal(ran.code, 0, ran.stderr);
      const { record } = await imported({ history: await newestRef() });
      const dockerfile = parseDockerfile(text);
      const joined = joinProvenance(dockerfile, record!.provenance!);
      return [...unshippedSizes(dockerfile, joined, record!.choice).values()];
    };
    const without = await sizes('--build-arg', 'WHO=unshipped');
    assert.deepEqual(
      without.map(({ compressedBytes }) => compressedBytes),
      [null, null, null],
    );
    assert.match(without[2]!.why!, /mode=max/);
    const cache = `type=local,mode=max,dest=${at('cache')}`;
    const whole = await sizes('--build-arg', 'WHO=unshipped', '--cache-to', cache);
    assert.ok(
      whole.every(
        ({ compressedBytes, why }) => compressedBytes! > 50 && compressedBytes! < 500 && why === null,
      ),
    );
  });

  test('the server lists the builds of an open Dockerfile, and shows the one that is picked', async () => {
    fs.writeFileSync(at('context/Dockerfile'), text);
    const since = Date.now();
    const name = `${registry.host}/app:server`;
    const output = `type=image,name=${name},push=true,registry.insecure=true`;
    const ran = await build('--no-cache', '--build-arg', 'WHO=server', '--output', output);
    assert.equal(ran.code, 0, ran.stderr);
    const client = await startLiveServer(daemon.env, at('storage'), {});
    try {
      const uri = pathToFileURL(at('context/Dockerfile')).href;
      client.open(uri, text);
      const past = (await client.connection.sendRequest('strata/pastBuilds', {
        uri,
        since,
      })) as PastBuildsResult;
      // The server allows for clocks that differ, so that builds made just before may be there too.
      const [newest] = past.builds;
      assert.deepEqual([newest?.own, newest?.status], [true, 'completed'], past.why);
      assert.equal(newest!.ref, await newestRef());
      const source = { kind: 'history', value: past.builds[0]!.ref };
      const params = { uri, source, platform: null, bakeTarget: null };
      const result = (await client.connection.sendRequest('strata/importBuild', params)) as ImportBuildResult;
      assert.equal(result.outcome, 'imported', `${result.message} ${result.hint}`);
      const hints = (await client.hints(uri)).map(({ position, label }) => `${position.line + 1}: ${label}`);
      assert.match(hints.join('\n'), /^8: \d+ B compressed · ran /m);
    } finally {
      await client.stop();
    }
  });

  test('a failed build tells its line', async () => {
    const failing = 'FROM base\nRUN true\nRUN exit 3\n';
    fs.writeFileSync(at('context/Dockerfile'), failing);
    assert.notEqual((await build('--output', 'type=cacheonly')).code, 0);
    const failed = await imported({ history: await newestRef(), text: failing });
    assert.equal(failed.record?.outcome, 'failed');
    assert.equal(failed.record?.failure?.line, 3);
    assert.match(failed.record!.failure!.message, /RUN on line 3 ended with exit code 3/);
  });

  test('a build that is not there is refused with a reason', async () => {
    await assert.rejects(imported({ history: 'nosuchbuild' }), /remembers no such build/);
  });
});
