// Builds as a project declares them, with the real bake and real builders: what `strata build --list` tells, and images
// that can only have come of the declared arguments, secrets and contexts. Secrets leave no trace in what Strata keeps.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { BuildRecord } from '../../server/src/build/model';
import type { BuildResult, DeclaredBuildsResult } from '../../server/src/protocol';
import {
  baseLayout,
  type Daemon,
  daemonsMissing,
  importBase,
  run,
  skipReason,
  startBuildkitd,
  startDockerd,
} from '../support/daemons';
import { startLiveServer } from '../support/liveServer';
import { buildahMissing, type Podman, startPodman } from '../support/podman';
import { writeFiles } from '../support/writeFiles';

const root = process.env.STRATA_ROOT ?? process.cwd();
const skip = skipReason(daemonsMissing());

/** Nobody's word but this test's. */
const secretText = 'sesame-7f3a';

const dockerfile = `FROM base AS dev
ARG WHO=nobody
RUN echo "$WHO" > /who
FROM dev AS prod
RUN --mount=type=secret,id=tok cat /run/secrets/tok | wc -c > /length
COPY --from=lib note.txt /note
COPY own.txt /
`;

const files = {
  'web/Dockerfile': dockerfile,
  'web/own.txt': 'own\n',
  'web/up.Dockerfile': 'FROM scratch\nCOPY lib/note.txt /\n',
  'lib/note.txt': 'note\n',
  'keys/tok': secretText,
  'docker-bake.hcl': `variable "WHO" { default = "bake" }
target "app" {
  context = "web"
  target = "prod"
  args = { WHO = WHO }
  secret = ["id=tok,src=keys/tok"]
  contexts = { lib = "lib" }
}
target "prod" { inherits = ["app"] }
target "needy" {
  context = "web"
  secret = ["id=tok,src=keys/absent"]
  contexts = { lib = "target:app" }
}
target "up" { dockerfile = "web/up.Dockerfile" }
target "agent" {
  context = "web"
  target = "dev"
  ssh = ["default"]
}
`,
  'compose.yaml': `services:
  web:
    build:
      context: web
      target: \${STAGE:-prod}
      args: [WHO=compose]
      secrets: [tok]
      additional_contexts: { lib: ./lib }
secrets:
  tok: { environment: STRATA_TEST_TOKEN }
`,
  '.vscode/tasks.json': `{ "tasks": [
  { "label": "dev", "command": "docker build --target dev --build-arg WHO=task web" }
] }`,
};

describe('builds that a project declares', { skip }, () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'strata-live-declared-'));
  const project = path.join(scratch, 'project');
  let engine: Daemon;
  let buildkit: Daemon;
  let base: string;

  before(async () => {
    [engine, buildkit] = await Promise.all([startDockerd(), startBuildkitd()]);
    await importBase(engine, 'base:latest');
    base = baseLayout(path.join(scratch, 'base')).context;
    writeFiles(project, Object.entries({ ...files, '.git/HEAD': '' }));
  });
  after(async () => {
    await Promise.all([engine?.stop(), buildkit?.stop()]);
    rmSync(scratch, { recursive: true, force: true });
  });

  const strata = (env: Record<string, string>, ...words: string[]) =>
    run(process.execPath, [path.join(root, 'dist/cli.js'), ...words], {
      cwd: path.join(project, 'web'),
      env: {
        ...{ STRATA_CACHE: path.join(scratch, 'cache'), STRATA_TEST_TOKEN: secretText, SSH_AUTH_SOCK: '' },
        ...env,
      },
    });

  /** With current BuildKit; the text of a file of the image that the build left, and the build's JSON. */
  async function build(...words: string[]) {
    const args = ['--builder', 'buildx', '--format', 'json', `--builder-arg=--build-context=base=${base}`];
    const { code, stdout, stderr } = await strata(buildkit.env, 'build', ...words, ...args);
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout) as { image: { reference: string } };
    return async (file: string) => (await strata({}, 'cat', report.image.reference, file)).stdout.trim();
  }

  const storedTexts = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));

  test('are listed with what they say; one whose secret is not here is told', async () => {
    const { code, stdout, stderr } = await strata(buildkit.env, 'build', '--list', '--format', 'json');
    assert.equal(code, 0, stderr);
    const { builds, problems } = JSON.parse(stdout) as {
      builds: { from: string; context: string; target: string | null; secrets: string[]; ssh: string[] }[];
      problems: string[];
    };
    assert.deepEqual(
      builds.map(({ from, target, secrets, ssh }) => [from, target, ...secrets, ...ssh].join(' ')),
      ['compose:web prod tok', 'bake:app prod tok', 'bake:prod prod tok', 'task:dev dev', 'default '],
    );
    assert.equal(problems.length, 2, problems.join());
    assert.match(problems[0]!, /^Target agent of .*docker-bake\.hcl was not read: .*ssh agent socket/);
    assert.match(problems[1]!, /^Target needy of .*docker-bake\.hcl was not read: .*keys\/absent/);
    assert.doesNotMatch(stdout, /keys\/tok|STRATA_TEST_TOKEN/);
  });

  test('a target of bake is built with its arguments, secret and context', async () => {
    const read = await build('--from', 'bake:app');
    assert.deepEqual(
      [await read('who'), await read('length'), await read('note'), await read('own.txt')],
      ['bake', String(secretText.length), 'note', 'own'],
    );
  });

  test('a service of compose is built alike, and what the command line says wins', async () => {
    const read = await build('--from', 'compose');
    assert.deepEqual([await read('who'), await read('length')], ['compose', String(secretText.length)]);
    const own = await build('--from', 'compose:web', '--build-arg', 'WHO=me', '--target', 'dev');
    assert.deepEqual([await own('who'), await own('length')], ['me', '']);
  });

  test('the forecast of the next build goes by the declared context', async () => {
    const read = await build('up.Dockerfile', '--from', 'bake:up');
    assert.equal(await read('note.txt'), 'note');
    const forecast = async () => {
      const { stdout, stderr } = await strata({}, 'forecast', 'up.Dockerfile', '--format', 'json');
      const { steps } = JSON.parse(stdout) as { steps: { cache: string; cause: { path: string } | null }[] };
      const told = steps.map(({ cache, cause }) => [cache, cause?.path].filter(Boolean).join(' '));
      return told.at(-1) ?? stderr;
    };
    assert.equal(await forecast(), 'cached');
    writeFileSync(path.join(project, 'lib/note.txt'), 'another note\n');
    assert.match(await forecast(), /^reruns lib\/note\.txt$/);
  });

  test('neither a secret nor its place is in what is kept', () => {
    const kept = storedTexts(path.join(scratch, 'cache', 'records'));
    assert.ok(kept.length > 0);
    assert.ok(
      kept.some((text) => text.includes('"id=tok"')),
      'the id is',
    );
    for (const text of kept) assert.doesNotMatch(text, /sesame|keys\/tok|STRATA_TEST_TOKEN/);
  });

  test('the editor builds what was picked, by its name alone, and logs no secret', async () => {
    const file = path.join(project, 'web/Dockerfile');
    const uri = pathToFileURL(file).href;
    const storage = path.join(scratch, 'storage');
    const settings = { builder: 'buildx', build: { extraArguments: [`--build-context=base=${base}`] } };
    const client = await startLiveServer({ ...buildkit.env, SSH_AUTH_SOCK: '' }, storage, settings);
    try {
      client.open(uri, dockerfile);
      const { builds } = (await client.connection.sendRequest('strata/declaredBuilds', {
        uri,
      })) as DeclaredBuildsResult;
      const { ref } = builds.find(({ ref: { source, name } }) => source === 'bake' && name === 'app')!;
      const result = (await client.connection.sendRequest('strata/build', {
        ...{ uri, target: null, platform: null, buildArgs: {}, context: null, noCache: true, declared: ref },
      })) as BuildResult;
      assert.equal(result.outcome, 'built', result.message);
      assert.doesNotMatch(JSON.stringify(client.notifications), /sesame|keys\/tok/);
      const [record] = storedTexts(path.join(storage, 'records')).map(
        (text) => JSON.parse(text) as BuildRecord,
      );
      assert.deepEqual(record!.choice, { target: 'prod', platform: null, buildArgs: { WHO: 'bake' } });
      assert.doesNotMatch(JSON.stringify(record), /sesame|keys\/tok/);
    } finally {
      await client.stop();
    }
  });

  test("docker's own BuildKit takes a task, and secrets from a file and the environment", async () => {
    const words = ['--builder', 'docker', '--format', 'json', '--builder-arg=--network=none'];
    const env = { ...engine.env, DOCKER_BUILDKIT: '1' };
    const task = await strata(env, 'build', '--from', 'task:dev', ...words);
    assert.equal(task.code, 0, task.stderr);
    writeFileSync(
      path.join(project, 'web/secret.Dockerfile'),
      'FROM base\nRUN --mount=type=secret,id=f --mount=type=secret,id=e cat /run/secrets/* | wc -c\n',
    );
    writeFileSync(
      path.join(project, '.devcontainer.json'),
      `{ "build": { "dockerfile": "web/secret.Dockerfile",
         "options": ["--secret", "id=f,src=keys/tok", "--secret=id=e,env=STRATA_TEST_TOKEN"] } }`,
    );
    const dev = await strata(env, 'build', 'secret.Dockerfile', '--from', 'devcontainer', ...words);
    assert.equal(dev.code, 0, dev.stderr);
    assert.match(dev.stderr, new RegExp(`\\b${2 * secretText.length}\\b`));
  });

  test('what a builder cannot do is refused before it starts', async () => {
    const env = { ...engine.env, DOCKER_BUILDKIT: '0' };
    const classic = await strata(env, 'build', '--from', 'compose', '--builder', 'docker');
    assert.equal(classic.code, 3);
    assert.match(classic.stderr, /The classic builder knows no secrets; the build wants 'tok'\./);
    const several = await strata(buildkit.env, 'build', '--from', 'bake');
    assert.equal(several.code, 2, several.stderr);
    assert.match(several.stderr, /--from bake may be one of these: bake:app \(.*\), bake:prod \(/);
    const none = await strata(env, 'build', '--from', 'compose:db');
    assert.equal(none.code, 3);
    assert.match(none.stderr, /No compose:db builds Dockerfile\. There is compose:web\./);
  });
});

describe('podman and buildah', { skip: skipReason(buildahMissing()) }, () => {
  const project = mkdtempSync(path.join(tmpdir(), 'strata-live-declared-'));
  let podman: Podman;

  before(async () => {
    podman = startPodman('overlay');
    await importBase({ env: { ...podman.env, STRATA_DOCKER: 'podman' }, stop: async () => {} }, 'base');
    writeFiles(project, Object.entries({ ...files, '.git/HEAD': '' }));
  });
  after(() => {
    podman?.stop();
    rmSync(project, { recursive: true, force: true });
  });

  for (const kind of ['podman', 'buildah']) {
    test(`${kind} is told of secrets and contexts in its own words`, async () => {
      const env = {
        ...podman.env,
        // Without docker there is no compose either: Strata reads the file.
        ...{ STRATA_DOCKER: '/nowhere/docker', STRATA_TEST_TOKEN: secretText },
        STRATA_CACHE: path.join(project, 'cache'),
      };
      const strata = (...words: string[]) =>
        run(process.execPath, [path.join(root, 'dist/cli.js'), ...words], {
          cwd: path.join(project, 'web'),
          env,
        });
      const plain = ['--network', 'host', '--isolation', 'chroot'].map((word) => `--builder-arg=${word}`);
      const words = ['build', '--from', 'compose:web', '--builder', kind, '--format', 'json', ...plain];
      const { code, stdout, stderr } = await strata(...words);
      assert.equal(code, 0, stderr);
      const { image } = JSON.parse(stdout) as { image: { reference: string } };
      const read = async (file: string) => (await strata('cat', image.reference, file)).stdout.trim();
      assert.deepEqual(
        [await read('who'), await read('length'), await read('note')],
        ['compose', String(secretText.length), 'note'],
      );
    });
  }
});
