// Each builder on its real daemon: builds, builds from the cache, fails, is cancelled, and loses its daemon.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chooseBuilder, detectBuilders } from '../../server/src/build/detect';
import type { BuilderKind, BuildRecord, BuildRequest, FoundBuilder } from '../../server/src/build/model';
import { createNodeHost } from '../../server/src/host/nodeHost';
import type { Host } from '../../server/src/primitives/host';
import { startContainerBuilder } from '../support/containerBuilder';
import { currentEngineMissing, startCurrentEngine } from '../support/currentEngine';
import {
  baseLayout,
  type Daemon,
  importBase,
  run,
  skipReason,
  startBuildkitd,
  startDockerd,
} from '../support/daemons';
import { commandLines, processesWith, until } from '../support/processes';

const skip = skipReason(currentEngineMissing());
const waitMs = 30_000;

interface Setup {
  name: string;
  kind: BuilderKind;
  start(folder: string): Promise<{ daemon: Daemon; extraArguments: string[]; root: string }>;
  env: Record<string, string>;
  rules: 'buildkit' | 'classic';
  /** How its driver and engine are called. */
  engine: RegExp;
  driver: string | null;
  reference: RegExp;
  hasProvenance: boolean;
  /** Steps that BuildKit 0.8 counts or the classic builder makes for the Dockerfile below. */
  cacheable: string[];
}

const text = `FROM base AS build
WORKDIR /src
COPY app.txt ./
RUN cat app.txt > made.txt

FROM base
COPY --from=build /src/made.txt /made.txt
RUN echo one && \\
    echo two > /two.txt
LABEL a=b
`;
const failing = 'FROM base\nRUN echo before && \\\n    exit 3\nRUN echo never\n';
const unbuildable = 'FROM base\nCOPY absent.txt /\n';
const misspelt = 'FROM base\nRUNN true\n';

/** A sleep that no other process has: its argument is found again in the list of processes. */
const slow = (mark: string) => `FROM base\nRUN echo started && sleep ${mark}\n`;

async function onDockerd() {
  const daemon = await startDockerd();
  await importBase(daemon, 'base');
  const root = path.dirname((daemon.env.DOCKER_HOST ?? '').replace('unix://', ''));
  return { daemon, extraArguments: ['--network', 'none'], root };
}

async function onCurrentEngine() {
  const daemon = await startCurrentEngine();
  await importBase(daemon, 'base');
  const root = path.dirname((daemon.env.DOCKER_HOST ?? '').replace('unix://', ''));
  return { daemon, extraArguments: ['--network', 'none'], root };
}

async function inContainer(folder: string) {
  const engine = await startCurrentEngine();
  const root = path.dirname((engine.env.DOCKER_HOST ?? '').replace('unix://', ''));
  try {
    const daemon = await startContainerBuilder(engine);
    const layout = path.join(folder, 'base');
    fs.mkdirSync(layout);
    const extraArguments = ['--build-context', `base=${baseLayout(layout).context}`];
    return { daemon, extraArguments, root };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

async function onBuildkitd(folder: string) {
  const daemon = await startBuildkitd();
  const layout = path.join(folder, 'base');
  fs.mkdirSync(layout);
  const extraArguments = ['--build-context', `base=${baseLayout(layout).context}`];
  return { daemon, extraArguments, root: path.dirname(daemon.address.replace('unix://', '')) };
}

const buildkitSteps = ['COPY', 'COPY', 'RUN', 'RUN', 'WORKDIR'];
const setups: Setup[] = [
  {
    name: 'buildx with a remote BuildKit',
    kind: 'buildx',
    start: onBuildkitd,
    env: {},
    rules: 'buildkit',
    engine: /^BuildKit \d+\.\d+/,
    driver: 'remote',
    reference: /^oci:.*layout$/,
    hasProvenance: true,
    cacheable: buildkitSteps,
  },
  {
    name: 'buildx with Docker Engine',
    kind: 'buildx',
    start: onDockerd,
    env: {},
    rules: 'buildkit',
    engine: /^BuildKit \d+\.\d+/,
    driver: 'docker',
    reference: /^docker-daemon:strata\.local\/[0-9a-f]{12}:latest$/,
    hasProvenance: false,
    cacheable: buildkitSteps,
  },
  {
    name: 'docker with BuildKit',
    kind: 'docker',
    start: onDockerd,
    env: { DOCKER_BUILDKIT: '1' },
    rules: 'buildkit',
    engine: /^Docker Engine \d+\./,
    driver: null,
    reference: /^docker-daemon:strata\.local\/[0-9a-f]{12}:latest$/,
    hasProvenance: false,
    cacheable: buildkitSteps,
  },
  {
    name: 'docker with the classic builder',
    kind: 'docker',
    start: onDockerd,
    env: {},
    rules: 'classic',
    engine: /^Docker Engine \d+\./,
    driver: null,
    reference: /^docker-daemon:strata\.local\/[0-9a-f]{12}:latest$/,
    hasProvenance: false,
    cacheable: [...buildkitSteps, 'LABEL'].sort(),
  },
  {
    name: 'buildx with a current Docker Engine',
    kind: 'buildx',
    start: onCurrentEngine,
    env: {},
    rules: 'buildkit',
    engine: /^BuildKit \d+\.\d+/,
    driver: 'docker',
    reference: /^docker-daemon:strata\.local\/[0-9a-f]{12}:latest$/,
    hasProvenance: true,
    cacheable: buildkitSteps,
  },
  {
    name: 'buildx with BuildKit in a container of a current Docker Engine',
    kind: 'buildx',
    start: inContainer,
    env: {},
    rules: 'buildkit',
    engine: /^BuildKit \d+\.\d+/,
    driver: 'docker-container',
    reference: /^oci:.*layout$/,
    hasProvenance: true,
    cacheable: buildkitSteps,
  },
  {
    name: 'docker with the classic builder of a current Docker Engine',
    kind: 'docker',
    start: onCurrentEngine,
    env: { DOCKER_BUILDKIT: '0' },
    rules: 'classic',
    engine: /^Docker Engine \d+\./,
    driver: null,
    reference: /^docker-daemon:strata\.local\/[0-9a-f]{12}:latest$/,
    hasProvenance: false,
    cacheable: [...buildkitSteps, 'LABEL'].sort(),
  },
];

for (const setup of setups) {
  describe(setup.name, { skip }, () => {
    const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-builders-'));
    const log: string[] = [];
    let host: Host;
    let builder: FoundBuilder;
    let daemon: Daemon;
    let root: string;
    let extraArguments: string[];

    const requestOf = (dockerfile: string, changes: Partial<BuildRequest> = {}): BuildRequest => {
      const file = path.join(folder, 'context', 'Dockerfile');
      fs.writeFileSync(file, dockerfile);
      return {
        dockerfile: file,
        text: dockerfile,
        context: path.dirname(file),
        choice: { target: null, platform: null, buildArgs: {} },
        tag: null,
        noCache: false,
        keep: path.join(folder, 'keep'),
        extraArguments,
        ...changes,
      };
    };
    const build = (dockerfile: string, signal = new AbortController().signal): Promise<BuildRecord> =>
      builder.build(host, requestOf(dockerfile), { onLog: (line) => log.push(line) }, signal);
    /** Starts a build, and resolves when its RUN has printed its first line. */
    const startSlow = async (mark: string, signal: AbortSignal) => {
      let started = () => {};
      const running = new Promise<void>((resolve) => {
        started = resolve;
      });
      const onLog = (line: string) => {
        log.push(line);
        if (/(^|\d )started$/.test(line)) started();
      };
      const record = builder.build(host, requestOf(slow(mark)), { onLog }, signal);
      await Promise.race([running, record]);
      return record;
    };

    before(async () => {
      fs.mkdirSync(path.join(folder, 'context'));
      fs.writeFileSync(path.join(folder, 'context', 'app.txt'), 'hello\n');
      ({ daemon, extraArguments, root } = await setup.start(folder));
      host = createNodeHost({ ...process.env, ...daemon.env, ...setup.env });
      const signal = new AbortController().signal;
      const found = await detectBuilders(host, { prefer: setup.kind, programs: {}, signal });
      builder = chooseBuilder(found, setup.kind);
    });

    after(async () => {
      await daemon?.stop();
      // What a killed daemon left running: its containers and their shims. Marks and folder are this process's own.
      for (const pid of [
        ...processesWith(`sleep ${markPrefix}`),
        ...(root ? processesWith(`${root}/`) : []),
      ]) {
        kill(pid);
      }
      fs.rmSync(folder, { recursive: true, force: true });
    });

    test('detection names it, its version and its engine', () => {
      const { kind, rules, version, engine, driver } = builder.identity;
      assert.deepEqual(
        { kind, rules, driver },
        { kind: setup.kind, rules: setup.rules, driver: setup.driver },
      );
      assert.match(version ?? '', /^\d+\.\d+/);
      assert.match(engine ?? '', setup.engine);
    });

    test('a first build runs its steps and leaves an image that can be found again', async () => {
      const seen: number[] = [];
      const record = await builder.build(
        host,
        requestOf(text),
        { onProgress: ({ steps }) => seen.push(steps.length) },
        new AbortController().signal,
      );
      assert.equal(record.outcome, 'built', JSON.stringify(record.failure));
      assert.deepEqual(
        cacheable(record)
          .map(({ keyword }) => keyword)
          .sort(),
        setup.cacheable,
      );
      assert.ok(cacheable(record).every((step) => !step.cached && step.durationMs !== null));
      assert.match(record.imageReference ?? '', setup.reference);
      assert.match(record.imageId ?? '', /^sha256:[0-9a-f]{64}$/);
      assert.equal(record.provenance !== null, setup.hasProvenance);
      assert.ok(seen.length > 0 && seen.at(-1) === record.steps.length);
      assert.ok(record.durationMs > 0);
      if (setup.rules === 'classic') {
        assert.ok(record.steps.every(({ imageId }) => /^[0-9a-f]{12}$/.test(imageId ?? '')));
      }
    });

    test('a second build takes all from the cache and gives the same image', async () => {
      const first = await build(text);
      const second = await build(text);
      assert.equal(second.outcome, 'built');
      assert.ok(cacheable(second).every(({ cached }) => cached));
      assert.equal(second.imageId, first.imageId);
      assert.ok(second.id > first.id);
    });

    test('a name, build arguments and a target reach the builder', async () => {
      const args = { target: 'build', platform: null, buildArgs: { WHO: 'a, "b" c' } };
      const withArgument = text.replace('WORKDIR /src', 'ARG WHO\nRUN echo "for $WHO." >&2\nWORKDIR /src');
      const request = requestOf(withArgument, { choice: args, tag: 'strata.test/named:1', noCache: true });
      const record = await builder.build(host, request, {}, new AbortController().signal);
      assert.equal(record.outcome, 'built', JSON.stringify(record.failure));
      assert.ok(record.steps.some(({ lastLines }) => lastLines.includes('for a, "b" c.')));
      assert.ok(record.steps.every(({ stage }) => stage === null || stage === 'build'));
      assert.equal(record.note, null);
      if (setup.reference.test('docker-daemon:strata.local/0123456789ab:latest'))
        assert.equal(record.imageReference, 'docker-daemon:strata.test/named:1');
    });

    test('a RUN that fails names its line and its last lines', async () => {
      const { outcome, failure, imageReference } = await build(failing);
      assert.deepEqual({ outcome, imageReference }, { outcome: 'failed', imageReference: null });
      assert.equal(failure?.code, 'build-failed');
      assert.equal(failure?.message, 'RUN on line 2 ended with exit code 3.');
      assert.equal(failure?.line, 2);
      assert.deepEqual(
        failure?.lastLines.filter((line) => line !== ''),
        ['before'],
      );
    });

    test('a COPY without its source names the line and the path', async () => {
      const { failure } = await build(unbuildable);
      assert.match(failure?.message ?? '', /^COPY on line 2 found no \/?absent\.txt to copy\.$/);
      assert.equal(failure?.line, 2);
    });

    test('a text that the builder cannot read names the line', async () => {
      const { failure } = await build(misspelt);
      assert.match(failure?.message ?? '', /^The builder cannot read line 2: unknown instruction: RUNN/);
      assert.equal(failure?.line, 2);
    });

    test('an argument that the builder does not know is told', async () => {
      const request = requestOf(text, { extraArguments: ['--no-such-flag'] });
      const { failure } = await builder.build(host, request, {}, new AbortController().signal);
      assert.match(failure?.message ?? '', /unknown flag: --no-such-flag/);
    });

    test('a cancelled build leaves no process, neither here nor in the builder', async () => {
      const mark = uniqueMark();
      const cancel = new AbortController();
      const slowBuild = startSlow(mark, cancel.signal);
      await until('the RUN to start', () => processesWith(`sleep ${mark}`).length > 0, waitMs);
      assert.ok(processesWith(path.join(folder, 'context')).length > 0, 'the client is found while it runs');
      cancel.abort();
      const record = await slowBuild;
      assert.equal(record.outcome, 'cancelled');
      assert.equal(record.failure, null);
      assert.deepEqual(processesWith(path.join(folder, 'context')), []);
      await until('the RUN to end', () => processesWith(`sleep ${mark}`).length === 0, waitMs);
    });

    test('a daemon that dies while it builds is one clear message', async () => {
      log.length = 0;
      const slowBuild = startSlow(uniqueMark(), new AbortController().signal);
      await until('output of the RUN', () => log.some((line) => /(^|\d )started$/.test(line)), waitMs);
      for (const pid of daemonsBelow(root)) process.kill(pid, 'SIGKILL');
      const { outcome, failure } = await slowBuild;
      assert.equal(outcome, 'failed');
      assert.equal(failure?.code, 'no-daemon');
      assert.match(
        failure?.message ?? '',
        /^(Docker|The builder \S+) stopped while it built: the connection broke off/,
      );
      assert.match(failure?.hint ?? '', /build again/);
    });

    test('without its daemon it is unusable, and a build says so', async () => {
      const signal = new AbortController().signal;
      const found = await detectBuilders(host, { prefer: 'auto', programs: {}, signal });
      const self = found.find(({ identity }) => identity.kind === setup.kind);
      assert.match(self?.unusable ?? '', /^(Docker is not running: |The builder \S+ does not answer)/);
      // buildx waits 20 s for a remote builder; that it says so then, the unit tests know.
      if (setup.driver === 'remote') return;
      const { failure } = await build(text);
      assert.equal(failure?.code, 'no-daemon');
      assert.match(failure?.message ?? '', /^(Docker|The builder \S+) is not running: /);
    });
  });
}

test('a full disk of ours is one clear message', { skip }, async () => {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-full-'));
  const keep = path.join(folder, 'keep');
  fs.mkdirSync(keep);
  const { daemon, extraArguments } = await onBuildkitd(folder);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', keep]);
  try {
    const host = createNodeHost({ ...process.env, ...daemon.env });
    const signal = new AbortController().signal;
    const builder = chooseBuilder(
      await detectBuilders(host, { prefer: 'buildx', programs: {}, signal }),
      'buildx',
    );
    const context = path.join(folder, 'context');
    fs.mkdirSync(context);
    const dockerfile = path.join(context, 'Dockerfile');
    const dd = 'FROM base\nRUN dd if=/dev/urandom of=/big bs=1M count=4\n';
    fs.writeFileSync(dockerfile, dd);
    const choice = { target: null, platform: null, buildArgs: {} };
    const request = {
      dockerfile,
      text: dd,
      context,
      choice,
      tag: null,
      noCache: false,
      keep,
      extraArguments,
    };
    const { failure } = await builder.build(host, request, {}, signal);
    assert.equal(failure?.code, 'no-space');
    assert.equal(failure?.message, `No space is left for the image in ${keep}.`);
    await assert.rejects(host.files.writeWhole(path.join(keep, 'x'), Buffer.alloc(2_000_000)), {
      code: 'no-space',
      message: `Could not write ${path.join(keep, 'x')}: no space is left on the disk.`,
    });
    assert.equal(fs.readdirSync(keep).includes('x'), false);
  } finally {
    await run('umount', [keep]);
    await daemon.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

function cacheable(record: BuildRecord) {
  return record.steps.filter(({ keyword }) => keyword !== null && keyword !== 'FROM');
}

const markPrefix = `600.${process.pid}0`;
let marks = 0;
function uniqueMark(): string {
  return `${markPrefix}${++marks}`;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended between the look and the signal.
  }
}

function daemonsBelow(root: string): number[] {
  return commandLines()
    .filter(({ line }) => /^\S*(dockerd|buildkitd) /.test(line) && line.includes(`${root}/`))
    .map(({ pid }) => pid);
}
