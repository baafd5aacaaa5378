// Smoke test of the real builders that other live tests stand on: each builds three lines, and what Strata reads of a
// build (steps, layers, provenance) comes out.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { type TestContext, test } from 'node:test';
import { currentEngineMissing, startCurrentEngine } from '../support/currentEngine';
import {
  baseLayout,
  type Daemon,
  dockerCommand,
  importBase,
  run,
  skipReason,
  startBuildkitd,
  startDockerd,
} from '../support/daemons';

const missing = currentEngineMissing();
const options = {
  timeout: 180_000,
  skip: skipReason(missing),
};
const dockerfile = ['FROM base', 'RUN echo hello > /greeting', 'LABEL made.by=strata', ''].join('\n');

test('this machine has all real builders', options, () => {
  assert.deepEqual(missing, []);
});

test('Docker Engine builds with the classic builder and with its own BuildKit', options, async (t) => {
  const daemon = await started(t, startDockerd);
  await importBase(daemon, 'base');
  const dir = contextFolder(t);

  const classic = await dockerBuild(daemon, dir, 'classic', { DOCKER_BUILDKIT: '0' });
  assert.match(classic, /^Step 2\/3 : RUN echo hello > \/greeting$/m);
  assert.match(classic, /^Successfully built [0-9a-f]{12}$/m);

  const buildkit = await dockerBuild(daemon, dir, 'buildkit', {
    DOCKER_BUILDKIT: '1',
    BUILDKIT_PROGRESS: 'plain',
  });
  assert.match(buildkit, /^#\d+ \[2\/2\] RUN echo hello > \/greeting$/m);
  assert.match(buildkit, /^#\d+ writing image sha256:[0-9a-f]{64}/m);

  for (const image of ['classic', 'buildkit']) {
    const inspected = await docker(daemon, [
      'image',
      'inspect',
      '--format',
      '{{json .RootFS.Layers}}',
      image,
    ]);
    assert.equal(JSON.parse(inspected).length, 2, image);
  }
});

test('a current Docker Engine builds into the store of its containerd', options, async (t) => {
  const engine = await started(t, startCurrentEngine);
  await importBase(engine, 'base');
  const dir = contextFolder(t);
  await dockerBuild(engine, dir, 'classic', { DOCKER_BUILDKIT: '0' });
  await docker(engine, ['buildx', 'build', '--network', 'none', '--tag', 'buildx', dir]);
  for (const image of ['classic', 'buildx']) {
    const [told] = JSON.parse(await docker(engine, ['image', 'inspect', image]));
    assert.equal(told.RootFS.Layers.length, 2);
    // buildx has an index around the manifest, for BuildKit's attestation. All blobs are files.
    const document = readJson(blob(engine.contentFolder, told.Id));
    assert.equal(Array.isArray(document.manifests), image === 'buildx', JSON.stringify(document));
  }
});

test('BuildKit builds through buildx with raw progress, provenance and an OCI layout', options, async (t) => {
  const daemon = await started(t, startBuildkitd);
  const dir = contextFolder(t);
  const out = path.join(dir, 'out');
  const metadataFile = path.join(dir, 'metadata.json');
  const { context } = baseLayout(path.join(dir, 'base'));
  const args = ['buildx', 'build', '--progress=rawjson', '--metadata-file', metadataFile];
  const to = ['--build-context', `base=${context}`, '--output', `type=oci,tar=false,dest=${out}`, dir];
  const progress = await docker(daemon, [...args, ...to], { BUILDX_METADATA_PROVENANCE: 'max' });

  const lines = progress.split('\n').filter(Boolean);
  const names = lines.flatMap((line) =>
    (JSON.parse(line).vertexes ?? []).map((v: { name: string }) => v.name),
  );
  assert.ok(names.includes('[1/2] RUN echo hello > /greeting'), names.join('\n'));

  const metadata = readJson(metadataFile);
  const manifest = readJson(blob(out, metadata['containerimage.digest']));
  assert.equal(manifest.layers.length, 2);
  assert.equal(readJson(blob(out, manifest.config.digest)).config.Labels['made.by'], 'strata');

  const told = metadata['buildx.build.provenance'].metadata['https://mobyproject.org/buildkit@v1#metadata'];
  assert.deepEqual(told.source.locations.step1.locations[0].ranges[0], {
    start: { line: 2 },
    end: { line: 2 },
  });
  assert.equal(told.layers['step1:0'][0][1].digest, manifest.layers[1].digest);
  assert.equal(Buffer.from(told.source.infos[0].data, 'base64').toString(), dockerfile);
});

test(
  'A stopped daemon leaves no process, mount or folder, even with a container running',
  options,
  async () => {
    for (const start of [startDockerd, startCurrentEngine, startBuildkitd]) {
      const daemon = await start();
      if (daemon.env.DOCKER_HOST) {
        await importBase(daemon, 'base');
        await docker(daemon, [
          'run',
          '--detach',
          '--stop-signal',
          'KILL',
          '--network',
          'none',
          'base',
          'sleep',
          '1000',
        ]);
      }
      const folder = path.dirname(daemon.env.DOCKER_CONFIG ?? '');
      assert.ok(folder.startsWith(path.join(fs.realpathSync(os.tmpdir()), 'strata-')), folder);
      await daemon.stop();
      assert.equal(fs.existsSync(folder), false);
      assert.ok(!fs.readFileSync('/proc/self/mountinfo', 'utf8').includes(folder));
      for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        assert.ok(!commandLine(pid).includes(folder), `process ${pid} still runs: ${commandLine(pid)}`);
      }
    }
  },
);

async function started<T extends Daemon>(t: TestContext, start: () => Promise<T>): Promise<T> {
  const daemon = await start();
  t.after(() => daemon.stop());
  return daemon;
}

function contextFolder(t: TestContext): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-context-'));
  t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
  fs.writeFileSync(path.join(dir, 'Dockerfile'), dockerfile);
  return dir;
}

function dockerBuild(daemon: Daemon, dir: string, tag: string, env: Record<string, string>): Promise<string> {
  return docker(daemon, ['build', '--network', 'none', '--tag', tag, dir], env);
}

/** Everything that a docker command printed; fails the test when it fails. */
async function docker(daemon: Daemon, args: string[], env: Record<string, string> = {}): Promise<string> {
  const ran = await run(dockerCommand(daemon.env), args, { env: { ...daemon.env, ...env } });
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  return ran.stdout + ran.stderr;
}

function blob(layout: string, digest: string): string {
  return path.join(layout, 'blobs', ...digest.split(':'));
}

// biome-ignore lint/suspicious/noExplicitAny: real output, whose shape the assertions check
function readJson(file: string): any {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

function commandLine(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it ended meanwhile
  }
}
