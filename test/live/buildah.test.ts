// podman and buildah as they are: builds, builds from the cache, squashes, runs stages side by side, fails, is cancelled.
// Which line made which layer on many Dockerfiles: mapping.test.ts.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chooseBuilder, detectBuilders } from '../../server/src/build/detect';
import type { BuildRecord, BuildRequest, FoundBuilder } from '../../server/src/build/model';
import { defaultChoice } from '../../server/src/dockerfile/model';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { openImage } from '../../server/src/image/open';
import { unmeasured } from '../../server/src/image/unmeasured';
import { cacheTotals, mapLayers } from '../../server/src/mapping/mapLayers';
import type { Host } from '../../server/src/primitives/host';
import { importBase, skipReason } from '../support/daemons';
import { buildahMissing, type Podman, startPodman } from '../support/podman';
import { processesWith, until } from '../support/processes';

const skip = skipReason(buildahMissing());
const waitMs = 60_000;

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
const chroot = ['--network', 'host', '--isolation', 'chroot'];

for (const kind of ['podman', 'buildah'] as const) {
  describe(kind, { skip }, () => {
    const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-buildah-'));
    const context = path.join(folder, 'context');
    let podman: Podman;
    let host: Host;
    let builder: FoundBuilder;

    const requestOf = (dockerfile: string, changes: Partial<BuildRequest>): BuildRequest => {
      const file = path.join(context, 'Dockerfile');
      fs.writeFileSync(file, dockerfile);
      const { extraArguments = [], ...others } = changes;
      return {
        dockerfile: file,
        text: dockerfile,
        context,
        choice: defaultChoice,
        tag: null,
        noCache: false,
        keep: path.join(folder, 'keep'),
        extraArguments: [...chroot, ...extraArguments],
        ...others,
      };
    };
    const build = (
      dockerfile: string,
      changes: Partial<BuildRequest> = {},
      signal = new AbortController().signal,
    ) => builder.build(host, requestOf(dockerfile, changes), {}, signal);

    before(async () => {
      fs.mkdirSync(context);
      fs.writeFileSync(path.join(context, 'app.txt'), 'hello\n');
      podman = startPodman('overlay');
      const env = { ...podman.env, STRATA_DOCKER: '/usr/bin/podman' };
      await importBase({ env, stop: async () => {} }, 'base');
      host = createNodeHost({ ...process.env, ...podman.env });
      const found = await detectBuilders(host, {
        prefer: kind,
        programs: {},
        signal: new AbortController().signal,
      });
      builder = chooseBuilder(found, kind);
    });

    after(() => {
      podman?.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    });

    /** `COPY --from=build …: 1 by steps`, for each line that has a layer; then what no line has. */
    const layers = async (record: BuildRecord): Promise<string> => {
      assert.equal(record.outcome, 'built', JSON.stringify(record.failure));
      const image = await openImage(host, record.imageReference!);
      const measured = unmeasured(image);
      await image.close();
      const dockerfile = parseDockerfile(record.text);
      const { lines, unmapped, disagreements } = mapLayers(
        dockerfile,
        { ...record, image: measured },
        measured,
        record.choice,
      );
      const drawn = lines.flatMap(({ layers: own, evidence, instruction }) =>
        own.length === 0
          ? []
          : `${dockerfile.instructions[instruction]!.text.slice(0, 8)}: ${own.join()} by ${evidence}`,
      );
      return [
        ...drawn,
        ...unmapped.map(({ layer, why }) => `no line: ${layer}: ${why}`),
        ...disagreements,
      ].join('\n');
    };
    const cached = (record: BuildRecord) =>
      cacheTotals(mapLayers(parseDockerfile(record.text), record, null, record.choice));

    test('detection names it, its version and its rules', () => {
      const { rules, version, engine } = builder.identity;
      assert.equal(rules, 'buildah');
      assert.match(version ?? '', /^\d+\.\d+/);
      if (kind === 'podman') assert.match(engine ?? '', /^Buildah \d+\.\d+/);
    });

    test('a first build runs all, a second takes all from the cache, and both tie each layer to its line', async () => {
      const first = await build(text);
      assert.match(first.imageReference ?? '', /^containers-storage:[0-9a-f]{64}$/);
      assert.deepEqual(cached(first), { cacheable: 6, cached: 0 });
      assert.ok(first.steps.every(({ durationMs }) => durationMs !== null));
      const expected = 'COPY --f: 1 by steps\nRUN echo: 2 by steps';
      assert.equal(await layers(first), expected);
      const second = await build(text);
      assert.deepEqual(cached(second), { cacheable: 6, cached: 6 });
      assert.equal(second.imageId, first.imageId);
      assert.equal(await layers(second), expected);
    });

    test('without layers and squashed, no line is given what all lines did', async () => {
      const merged =
        'no line: 1: Built without a layer for each line: one layer holds the work of all lines of a stage.';
      assert.equal(await layers(await build(text, { extraArguments: ['--layers=false'] })), merged);
      const squashed = await layers(await build(text, { extraArguments: ['--squash'] }));
      assert.match(
        squashed,
        kind === 'podman' ? /^no line: 1: Built without/ : /^no line: 0: .* as after a squash\.$/,
      );
      if (kind === 'buildah') return;
      const all = await layers(await build(text, { extraArguments: ['--squash-all'] }));
      assert.match(all, /^no line: 0: .* as after a squash\.$/);
    });

    test('stages that run side by side are told apart by their images', async () => {
      for (const noCache of [true, false]) {
        const record = await build(text, { extraArguments: ['--jobs', '3'], noCache });
        assert.equal(await layers(record), 'COPY --f: 1 by steps\nRUN echo: 2 by steps');
        assert.deepEqual(cached(record), { cacheable: 6, cached: noCache ? 0 : 6 });
      }
    });

    test('lines of a stage that does not ship tell how long the tars are that they left', async () => {
      const lines = [
        'FROM base AS build',
        'RUN head -c 50000 /dev/urandom > /noise && ln -s /noise /link',
        'RUN true',
        'LABEL a=b',
        'WORKDIR /made',
        'RUN head -c 20 /noise > small',
        'FROM base',
        'COPY --from=build /made/small /small',
        '',
      ];
      const unshipped = async (more: Partial<BuildRequest> = {}) => {
        const record = await build(lines.join('\n'), more);
        assert.equal(record.outcome, 'built', JSON.stringify(record.failure));
        const mapping = mapLayers(parseDockerfile(record.text), record, null, record.choice);
        return mapping.lines.flatMap(({ instruction, unshipped: left }) =>
          left ? `${lines[instruction]}: ${left.tarBytes} ${left.why}` : [],
        );
      };
      const told = await unshipped();
      const target = await build(lines.join('\n'), { choice: { ...defaultChoice, target: 'build' } });
      const image = await openImage(host, target.imageReference!);
      const tars: number[] = [];
      for (const { blob } of image.layers.slice(1)) {
        let bytes = 0;
        for await (const chunk of blob!.open()) bytes += chunk.length;
        tars.push(bytes);
      }
      await image.close();
      assert.deepEqual(
        told,
        [1, 2, 5].map((line, at) => `${lines[line]}: ${tars[at]} null`),
      );
      assert.ok(tars[0]! > 50_000 && tars[0]! < 60_000, tars.join());
      // From the cache, and with stages side by side.
      assert.deepEqual(await unshipped({ extraArguments: ['--jobs', '3'] }), told);
      const none = await unshipped({ extraArguments: ['--layers=false'] });
      assert.ok(
        none.length === 3 && none.every((line) => /: null Its stage does not ship/.test(line)),
        none.join(),
      );
    });

    test('a name, build arguments and a target reach the builder', async () => {
      const choice = { target: 'build', platform: null, buildArgs: { WHO: 'a, "b" c' } };
      const withArgument = text.replace('WORKDIR /src', 'ARG WHO\nRUN echo "for $WHO." >&2\nWORKDIR /src');
      const record = await build(withArgument, { choice, tag: 'strata.test/named:1' });
      assert.equal(record.outcome, 'built', JSON.stringify(record.failure));
      assert.ok(record.steps.some(({ lastLines }) => lastLines.includes('for a, "b" c.')));
      const named = await openImage(host, 'containers-storage:strata.test/named:1');
      assert.equal(named.id, record.imageId);
      await named.close();
    });

    test('a RUN that prints what the builder prints changes nothing', async () => {
      const first = await build('FROM base\nRUN echo a > /a\n');
      const id = first.imageId!.slice(7);
      const lies = [
        `--> Using cache ${id}`,
        `--> ${id.slice(0, 11)}`,
        'STEP 3/3: RUN echo b > /b',
        'COMMIT',
        id,
      ];
      const lying = `FROM base\nRUN printf '%s\\n' ${lies.map((lie) => `'${lie}'`).join(' ')} > /lies && cat /lies\nRUN echo b > /b\n`;
      const record = await build(lying);
      const told = await layers(record);
      // Right or unknown, never wrong.
      for (const line of told.split('\n'))
        assert.match(line, /^(?:RUN prin: 1 |RUN echo: 2 |no line: )/, told);
    });

    test('failures name their line, and what to do', async () => {
      const failed = async (dockerfile: string, changes: Partial<BuildRequest> = {}) => {
        const { outcome, failure } = await build(dockerfile, changes);
        assert.equal(outcome, 'failed');
        return `${failure?.line}: ${failure?.message}`;
      };
      const run = 'FROM base AS a\nRUN true\nFROM base\nRUN echo before && \\\n    exit 3\nRUN echo never\n';
      assert.equal(await failed(run), '4: RUN on line 4 ended with exit code 3.');
      assert.equal(
        await failed('FROM base\nCOPY absent.txt /\n'),
        '2: COPY on line 2 found no /absent.txt to copy.',
      );
      assert.match(
        await failed('FROM base\nRUNN true\n'),
        /^2: RUNN on line 2 failed: Unknown instruction: "RUNN"\.$/,
      );
      assert.match(
        await failed('FROM no.such.invalid/x\n'),
        /^1: The base image no\.such\.invalid\/x could not be read/,
      );
      assert.match(
        await failed(text, { extraArguments: ['--no-such-flag'] }),
        /unknown flag: --no-such-flag/,
      );
    });

    test('a cancelled build leaves no process', async () => {
      const mark = `600.${process.pid}${kind === 'podman' ? 1 : 2}`;
      const cancel = new AbortController();
      const slow = build(`FROM base\nRUN sleep ${mark}\n`, {}, cancel.signal);
      await until('the RUN to start', () => isRunning(`sleep ${mark}`), waitMs);
      cancel.abort();
      const { outcome, failure } = await slow;
      assert.deepEqual({ outcome, failure }, { outcome: 'cancelled', failure: null });
      await until('the RUN to end', () => !isRunning(`sleep ${mark}`), waitMs);
      assert.equal(isRunning(context), false);
    });
  });
}

test('buildah alone leaves the image in an OCI layout', { skip }, async () => {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-buildah-'));
  const podman = startPodman('overlay');
  try {
    const host = createNodeHost({ ...process.env, ...podman.env, STRATA_PODMAN: '/nowhere/podman' });
    const signal = new AbortController().signal;
    const builder = chooseBuilder(
      await detectBuilders(host, { prefer: 'buildah', programs: {}, signal }),
      'buildah',
    );
    const dockerfile = path.join(folder, 'Dockerfile');
    const lines = 'FROM scratch\nCOPY Dockerfile /a\nCOPY Dockerfile /b\n';
    fs.writeFileSync(dockerfile, lines);
    const record = await builder.build(
      host,
      {
        ...{ dockerfile, text: lines, context: folder, choice: defaultChoice, tag: null, noCache: false },
        ...{ keep: path.join(folder, 'keep'), extraArguments: [] },
      },
      {},
      signal,
    );
    assert.equal(
      record.imageReference,
      `oci:${path.join(folder, 'keep', 'layout')}`,
      JSON.stringify(record.failure),
    );
    const image = await openImage(host, record.imageReference);
    const measured = unmeasured(image);
    await image.close();
    assert.equal(measured.id, record.imageId);
    const mapping = mapLayers(
      parseDockerfile(lines),
      { ...record, image: measured },
      measured,
      defaultChoice,
    );
    assert.deepEqual(
      mapping.lines.map(({ layers, evidence }) => `${layers.join()} ${evidence}`),
      [' none', '0 steps', '1 steps'],
    );
  } finally {
    podman.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

/** Whether a process has this text among its arguments; zombies have none. */
function isRunning(argument: string): boolean {
  return processesWith(argument).length > 0;
}
