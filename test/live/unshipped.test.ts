// Lines of stages that do not ship, and images that carry the provenance of their build, with a real BuildKit on the
// command line: sizes where the cache was exported whole, a reason where it was not; check and fix believe the attestation.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  type BuildkitDaemon,
  baseLayout,
  type Daemon,
  daemonsMissing,
  importBase,
  run,
  skipReason,
  startBuildkitd,
  startDockerd,
} from '../support/daemons';

const root = process.env.STRATA_ROOT ?? process.cwd();
const dist = process.env.STRATA_DIST ?? path.join(root, 'dist');
const skip = skipReason(daemonsMissing());

const text = [
  'FROM base AS build',
  'RUN head -c 50000 /dev/urandom > /noise',
  'RUN head -c 20 /noise > /small',
  'FROM base',
  'COPY --from=build /small /small',
  '',
].join('\n');

interface Line {
  line: number;
  why: string | null;
  layers: { unpackedBytes: number }[];
  unshipped: { compressedBytes: number | null; engineBytes: number | null; why: string | null } | null;
}

const linesOf = (json: string): Line[] =>
  (JSON.parse(json) as { stages: { instructions: Line[] }[] }).stages.flatMap(
    ({ instructions }) => instructions,
  );

describe('what does not ship, and what an image tells of its build', { skip }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-unshipped-'));
  const at = (name: string) => path.join(folder, name);
  let buildkit: BuildkitDaemon;
  let base: string;

  before(async () => {
    buildkit = await startBuildkitd();
    base = `--build-context=base=${baseLayout(at('base')).context}`;
  });
  after(async () => {
    await buildkit?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const strata = (...args: string[]) =>
    run(process.execPath, [path.join(dist, 'cli.js'), ...args, '--no-progress'], {
      cwd: folder,
      env: { ...buildkit.env, STRATA_CACHE: at('cache') },
    });

  async function built(format: 'text' | 'json', ...words: string[]): Promise<string> {
    writeFileSync(at('Dockerfile'), text);
    const given = [base, ...words].map((word) => `--builder-arg=${word}`);
    const { code, stdout, stderr } = await strata(
      'build',
      '--builder',
      'buildx',
      ...given,
      '--format',
      format,
    );
    assert.equal(code, 0, stderr);
    return stdout;
  }

  test('without an exported cache, each line says why its size is not known', async () => {
    const lines = linesOf(await built('json'));
    for (const line of [2, 3]) {
      const found = lines.find((one) => one.line === line)!;
      assert.equal(found.unshipped?.compressedBytes, null);
      assert.match(found.unshipped?.why ?? '', /mode=max/);
      assert.equal(found.why, found.unshipped?.why);
    }
    for (const { line, unshipped } of lines) if (line === 1 || line > 3) assert.equal(unshipped, null);
  });

  test('with it, each line shows what it left, and the stage the sum', async () => {
    const cache = `--cache-to=type=local,mode=max,dest=${at('exported')}`;
    const [noise, small] = linesOf(await built('json', cache)).filter(({ line }) => line === 2 || line === 3);
    // Noise does not get smaller; its layer has a file and no more.
    assert.ok(noise!.unshipped!.compressedBytes! > 50_000 && noise!.unshipped!.compressedBytes! < 51_000);
    assert.ok(small!.unshipped!.compressedBytes! > 100 && small!.unshipped!.compressedBytes! < 500);
    assert.equal(noise!.unshipped!.why, null);
    const shown = await built('text', cache);
    assert.match(shown, /2 {2}5\d\.\d kB compressed · cached +RUN head/);
    assert.match(shown, /build · 2 layers · 5\d\.\d kB compressed · does not ship/);
  });

  test('check and fix take a line that was edited since the attested build for no line of the image', async () => {
    const output = `type=oci,tar=false,dest=${at('attested')}`;
    writeFileSync(at('Dockerfile'), text);
    const args = ['buildx', 'build', '--provenance=mode=max', base, '--output', output, folder];
    const ran = await run('docker', args, { env: buildkit.env });
    assert.equal(ran.code, 0, ran.stderr);
    const check = () => strata('check', '--image', `oci:${at('attested')}`, '--max-layers', '9');
    const same = await check();
    assert.equal(same.code, 0, same.stderr);
    writeFileSync(at('Dockerfile'), text.replace('head -c 20 ', 'head -c 30 '));
    const edited = await check();
    assert.equal(edited.code, 3, edited.stdout);
    assert.match(edited.stderr, /could not be checked/);
    const fixed = await strata('fix', '--image', `oci:${at('attested')}`);
    assert.equal(fixed.code, 0, fixed.stderr);
  });
});

describe('the classic builder, which keeps an image of each step', { skip }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-unshipped-'));
  let engine: Daemon;

  before(async () => {
    engine = await startDockerd();
    await importBase(engine, 'base:1');
  });
  after(async () => {
    await engine?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('tells what each line left, as docker history counts it', async () => {
    const lines = [
      'FROM base:1 AS build',
      'RUN head -c 50000 /dev/urandom > /noise && ln -s /noise /link',
      'RUN true',
      'LABEL a=b',
      'WORKDIR /made',
      'RUN head -c 20 /noise > small',
      'FROM base:1',
      'COPY --from=build /made/small /small',
      '',
    ];
    writeFileSync(path.join(folder, 'Dockerfile'), lines.join('\n'));
    const args = ['build', '--builder', 'docker', '--builder-arg=--network=none', '--format', 'json'];
    const { code, stdout, stderr } = await run(
      process.execPath,
      [path.join(dist, 'cli.js'), ...args, '--no-progress'],
      {
        cwd: folder,
        env: { ...engine.env, DOCKER_BUILDKIT: '0', STRATA_CACHE: path.join(folder, 'cache') },
      },
    );
    assert.equal(code, 0, stderr);
    const found = linesOf(stdout).filter(({ unshipped }) => unshipped !== null);
    assert.deepEqual(
      found.map(({ line, unshipped }) => [line, unshipped?.engineBytes, unshipped?.why]),
      [
        // The engine counts the target of a link.
        [2, 50_000 + '/noise'.length, null],
        [3, 0, null],
        [5, 0, null],
        [6, 20, null],
      ],
    );
  });
});
