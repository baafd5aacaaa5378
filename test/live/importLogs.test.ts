// Logs of the builders without provenance: the Engine's classic builder and its BuildKit, and podman. A log alone finds
// its image where that still is, by its id, and tells what came from the cache.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { createInlineIndexer } from '../../server/src/layers/indexer';
import { importBuild } from '../../server/src/measure/importBuild';
import { daemonsMissing, dockerCommand, importBase, run, skipReason, startDockerd } from '../support/daemons';
import { podmanMissing, startPodman } from '../support/podman';

const onScratch = `FROM scratch AS build
COPY bin/sh /bin/sh
COPY app.txt /app.txt
RUN ["/bin/sh", "-c", "echo two > /two.txt"]

FROM scratch
COPY --from=build /two.txt /two.txt
COPY app.txt /
`;
const onBase = `FROM base AS build
COPY bin/sh /bin/tool
COPY app.txt /app.txt
RUN echo two > /two.txt

FROM base
COPY --from=build /two.txt /two.txt
COPY app.txt /
`;

interface Setup {
  name: string;
  missing: string[];
  text: string;
  rules: string;
  start(): Promise<{ env: Record<string, string>; program: string; stop(): Promise<void> | void }>;
  args: string[];
  reference: RegExp;
}

async function engine(buildkit: '0' | '1') {
  const daemon = await startDockerd();
  await importBase(daemon, 'base');
  const env = { ...daemon.env, DOCKER_BUILDKIT: buildkit };
  return { env, program: dockerCommand(daemon.env), stop: daemon.stop };
}

const setups: Setup[] = [
  {
    name: 'the classic builder',
    missing: daemonsMissing(),
    text: onBase,
    rules: 'classic',
    start: () => engine('0'),
    args: ['--network', 'none'],
    reference: /^docker-daemon:app:1$/,
  },
  {
    name: "the Engine's BuildKit",
    missing: daemonsMissing(),
    text: onBase,
    rules: 'buildkit',
    start: () => engine('1'),
    args: ['--network', 'none', '--progress', 'plain'],
    reference: /^docker-daemon:app:1$/,
  },
  {
    name: 'podman',
    missing: [...podmanMissing(), ...daemonsMissing()],
    text: onScratch,
    rules: 'buildah',
    async start() {
      const podman = startPodman();
      return { env: { ...podman.env }, program: 'podman', stop: podman.stop };
    },
    args: ['--layers', '--isolation', 'chroot', '--network', 'host'],
    reference: /^containers-storage:localhost\/app:1$/,
  },
];

for (const setup of setups) {
  describe(`a log of ${setup.name}`, { skip: skipReason(setup.missing) }, () => {
    const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-import-logs-'));
    const at = (name: string) => path.join(folder, name);
    let started: Awaited<ReturnType<Setup['start']>>;

    before(async () => {
      started = await setup.start();
      fs.mkdirSync(at('context/bin'), { recursive: true });
      fs.copyFileSync('/bin/busybox', at('context/bin/sh'));
      fs.writeFileSync(at('context/app.txt'), 'app\n');
      fs.writeFileSync(at('context/Dockerfile'), setup.text);
    });
    after(async () => {
      await started?.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    });

    /** Both streams in the order of writing, as a CI system keeps them. */
    async function build(name: string): Promise<string> {
      const words = [started.program, 'build', ...setup.args, '-t', 'app:1', at('context')];
      const { code, stdout } = await run('sh', ['-c', '"$@" 2>&1', 'sh', ...words], { env: started.env });
      assert.equal(code, 0, stdout);
      fs.writeFileSync(at(name), stdout);
      return at(name);
    }

    function imported(log: string, text = setup.text) {
      const host = createNodeHost({ ...process.env, ...started.env });
      const none = { history: null, metadata: null, image: null, choice: null, bakeTarget: null };
      const tools = { host, indexer: createInlineIndexer(host), store: null };
      return importBuild(tools, { ...none, log, text, name: 'Dockerfile' });
    }

    const cached = (lines: readonly { cache: string }[] | undefined) =>
      lines?.map(({ cache }) => cache).filter((cache) => cache === 'hit' || cache === 'miss');

    test('finds the image, ties its layers, and tells runs from hits', async () => {
      const first = await imported(await build('first.log'));
      assert.match(first.record!.imageReference!, setup.reference);
      assert.equal(first.record!.builder.rules, setup.rules);
      const { lines } = first.knowledge.mapping!;
      const layers = first.knowledge.image!.layers.length;
      assert.deepEqual(
        lines.slice(-2).map((line) => line.layers),
        [[layers - 2], [layers - 1]],
      );
      assert.deepEqual(cached(lines), ['miss', 'miss', 'miss', 'miss', 'miss']);
      const second = await imported(await build('second.log'));
      assert.deepEqual(cached(second.knowledge.mapping!.lines), ['hit', 'hit', 'hit', 'hit', 'hit']);
    });

    test('tells nothing of lines that were edited since', async () => {
      const log = await build('edited.log');
      const edited = setup.text.replace('COPY app.txt /\n', 'COPY app.txt /srv/\n');
      const { knowledge, record } = await imported(log, edited);
      const { lines, disagreements } = knowledge.mapping!;
      assert.equal(lines.at(-1)?.cache, 'unknown');
      assert.deepEqual(lines.at(-1)?.layers, []);
      assert.match(disagreements.join(), /do not fit this text line by line/);
      // Kept without its image: a record's text counts as the one that was built.
      assert.equal(record?.image, null);
    });
  });
}
