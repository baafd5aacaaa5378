// Real engines: an image that was written from a literal is loaded into Docker Engine and into podman, and is read from
// them, from what they save and from what skopeo copies as it was written. What is known is not saved again.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { type OpenOptions, openImage } from '../../server/src/image/open';
import { type Measured, measureImage } from '../../server/src/layers/measureImage';
import type { LayerIndex } from '../../server/src/layers/model';
import { readStateFile } from '../../server/src/layers/readFile';
import { type IndexStore, openIndexStore } from '../../server/src/layers/store';
import { openTree } from '../../server/src/layers/tree';
import {
  type Daemon,
  daemonsMissing,
  dockerCommand,
  run,
  skipReason,
  startDockerd,
} from '../support/daemons';
import { type ImageLiteral, imageFixture, writeImages } from '../support/imageFixture';
import { drawEntry } from '../support/layerIndexes';
import { type Podman, podmanMissing, startPodman } from '../support/podman';
import { writeFiles } from '../support/writeFiles';

const missing = [...daemonsMissing(), ...podmanMissing()];
const options = {
  timeout: 300_000,
  skip: skipReason(missing),
};

const first = {
  'etc/': '',
  'etc/passwd': 'root:x:0:0\n',
  'etc/motd': 'welcome',
  'usr/bin/tool': { content: 'T'.repeat(3000), mode: 0o755 },
};
const image: ImageLiteral = {
  layers: [
    first,
    { 'etc/.wh.motd': '', 'etc/hosts': 'localhost', bin: { type: 'symlink', link: 'usr/bin' } },
    {
      'usr/bin/tool': { content: 'T'.repeat(3000), mode: 0o4755 },
      'usr/bin/alias': { type: 'hardlink', link: 'usr/bin/tool' },
    },
    // The first layer once more: one DiffID, two layers.
    first,
  ],
  history: [
    { created_by: 'ADD rootfs' },
    { created_by: 'ENV A=1', empty_layer: true },
    { created_by: 'RUN one' },
    { created_by: 'RUN two' },
    { created_by: 'COPY three' },
  ],
  config: { created: '2024-01-01T00:00:00Z' },
};

test('this machine has Docker Engine, podman and skopeo', options, () => {
  assert.deepEqual(missing, []);
});

describe('an image of a literal', options, () => {
  let scratch = '';
  let docker: Daemon;
  let podman: Podman;
  let store: IndexStore;
  let written: Reading;

  before(async () => {
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-engines-'));
    docker = await startDockerd();
    podman = startPodman();
    const fixture = await imageFixture(image);
    for (const form of ['oci', 'docker-archive-legacy'] as const) {
      writeFiles(path.join(scratch, 'written'), await writeImages([fixture], form));
    }
    const archive = path.join(scratch, 'written/image.tar');
    await must(dockerCommand(docker.env), ['load', '--input', archive], docker.env);
    await must('podman', ['load', '--quiet', '--input', archive], podman.env);
    store = openIndexStore(createNodeHost(), path.join(scratch, 'indexes'));
    written = await reading(`oci:${path.join(scratch, 'written/layout')}`);
    assert.deepEqual(written.diffIds, fixture.diffIds);
    assert.equal(written.visibleBytes, 6027);
  });

  after(async () => {
    await docker?.stop();
    podman?.stop();
    if (scratch) fs.rmSync(scratch, { recursive: true, force: true });
  });

  for (const engine of ['docker-daemon', 'containers-storage'] as const) {
    test(`${engine} reads as it was written, and is not saved again once it is known`, options, async () => {
      const [program, env] =
        engine === 'docker-daemon' ? [dockerCommand(docker.env), docker.env] : ['podman', podman.env];
      const watched = watchedProgram(path.join(scratch, engine), program);
      const host = createNodeHost({ ...process.env, ...env });
      const configs = path.join(scratch, `${engine}-configs`);
      const open: OpenOptions = { docker: watched.program, podman: watched.program, configs };

      assert.deepEqual(await reading(`${engine}:app:1`, host, open), written);
      assert.deepEqual(watched.commands(), ['image', 'save']);
      assert.deepEqual(fs.readdirSync(configs), [`${written.id.slice(7)}.json`]);

      assert.deepEqual(await measured(host, `${engine}:app:1`, open), written.measured);
      assert.deepEqual(watched.commands(), ['image']);

      // A file's content needs the bytes, once.
      assert.deepEqual(await reading(`${engine}:app:1`, host, open), written);
      assert.deepEqual(watched.commands(), ['image', 'save']);
    });

    test(`${engine} says what is not there`, options, async () => {
      const env = engine === 'docker-daemon' ? docker.env : podman.env;
      const host = createNodeHost({ ...process.env, ...env });
      await assert.rejects(openImage(host, `${engine}:nowhere:1`), { code: 'not-found', hint: /image ls/ });
      await assert.rejects(openImage(host, `${engine}:app:1`, { docker: '/nowhere', podman: '/nowhere' }), {
        code: 'no-daemon',
      });
    });
  }

  test('what podman has as an OCI image keeps its config', options, async () => {
    const layout = `oci:${path.join(scratch, 'written/layout')}`;
    const args = ['--insecure-policy', 'copy', '--quiet', layout, 'containers-storage:localhost/app:2'];
    await must('skopeo', args, podman.env);
    const host = createNodeHost({ ...process.env, ...podman.env });
    assert.deepEqual(await reading('containers-storage:app:2', host), written);
  });

  for (const [name, transport, save] of saved()) {
    test(`${name} reads as it was written`, options, async () => {
      const target = path.join(scratch, name.replaceAll(' ', '-'));
      await save({ docker, podman }, target);
      const got = await reading(`${transport}:${target}`);
      // What was loaded as Docker's manifest gets another config when it becomes an OCI image.
      assert.deepEqual(got, transport === 'docker-archive' ? written : { ...written, id: got.id });
    });
  }

  async function measured(
    host: ReturnType<typeof createNodeHost>,
    reference: string,
    open: OpenOptions,
  ): Promise<Reading['measured']> {
    const opened = await openImage(host, reference, open);
    try {
      return sizes(await measureImage(host, opened, { store }));
    } finally {
      await opened.close();
    }
  }

  async function reading(
    reference: string,
    host = createNodeHost(),
    open: OpenOptions = {},
  ): Promise<Reading> {
    const opened = await openImage(host, reference, open);
    try {
      const result = await measureImage(host, opened, { store });
      const indexes = result.indexes as LayerIndex[];
      const file = async (name: string): Promise<string> =>
        Buffer.from(
          (await readStateFile(host, opened.layers, indexes, indexes.length - 1, name)) ?? [],
        ).toString();
      return {
        id: opened.id,
        platform: opened.platform,
        diffIds: opened.layers.map(({ diffId }) => diffId),
        history: opened.config.history.map(({ createdBy, emptyLayer }) => `${createdBy} ${emptyLayer}`),
        problems: opened.problems,
        measured: sizes(result),
        visibleBytes: result.measured.visibleBytes,
        tree: [...openTree(indexes, indexes.length - 1, 'merged').walk()].map(drawEntry),
        files: [await file('etc/hosts'), await file('usr/bin/alias')],
      };
    } finally {
      await opened.close();
    }
  }
});

interface Reading {
  id: string;
  platform: string;
  diffIds: string[];
  history: string[];
  problems: string[];
  measured: string[];
  visibleBytes: number | null;
  tree: string[];
  files: string[];
}

function sizes({ measured }: Measured): string[] {
  return measured.layers.map(({ unpackedBytes, added, modified, removed, wastedBytes }) =>
    [unpackedBytes, added, modified, removed, wastedBytes].join(' '),
  );
}

interface Engines {
  docker: Daemon;
  podman: Podman;
}

/** What tools write of the image that is in both engines. */
function saved(): [string, string, (engines: Engines, target: string) => Promise<void>][] {
  const podmanSave =
    (format: string) =>
    ({ podman }: Engines, target: string): Promise<void> =>
      must('podman', ['save', '--quiet', '--format', format, '--output', target, 'app:1'], podman.env);
  const skopeoCopy =
    (transport: string) =>
    ({ podman }: Engines, target: string): Promise<void> => {
      const to = `${transport}:${target}:app:1`;
      const args = ['--insecure-policy', 'copy', '--quiet', 'containers-storage:localhost/app:1', to];
      return must('skopeo', args, podman.env);
    };
  return [
    [
      'docker save',
      'docker-archive',
      ({ docker }, target) =>
        must(dockerCommand(docker.env), ['save', '--output', target, 'app:1'], docker.env),
    ],
    ['podman save as docker-archive', 'docker-archive', podmanSave('docker-archive')],
    ['podman save as oci-archive', 'oci-archive', podmanSave('oci-archive')],
    ['skopeo copy to docker-archive', 'docker-archive', skopeoCopy('docker-archive')],
    ['skopeo copy to oci', 'oci', skopeoCopy('oci')],
    ['skopeo copy to oci-archive', 'oci-archive', skopeoCopy('oci-archive')],
  ];
}

/** A program that notes its first argument and then is the other one. */
function watchedProgram(file: string, program: string): { program: string; commands: () => string[] } {
  const log = `${file}.log`;
  fs.writeFileSync(log, '');
  fs.writeFileSync(file, `#!/bin/sh\necho "$1" >> '${log}'\nexec '${program}' "$@"\n`, { mode: 0o755 });
  return {
    program: file,
    commands() {
      const noted = fs.readFileSync(log, 'utf8').split('\n').filter(Boolean);
      fs.writeFileSync(log, '');
      return noted;
    },
  };
}

async function must(program: string, args: string[], env: Record<string, string>): Promise<void> {
  const { code, stdout, stderr } = await run(program, args, { env });
  assert.equal(code, 0, `${program} ${args.join(' ')}: ${stdout}${stderr}`);
}
