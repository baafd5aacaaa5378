import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseBuilder, detectBuilders, findBuilder } from '../../../server/src/build/detect';
import type { BuilderKind } from '../../../server/src/build/model';
import { isCancelled } from '../../../server/src/primitives/errors';
import { type Asked, stubHost, type Told } from './stubHost';

// What the programs print, as seen on the real ones.
const versions = {
  Client: { Version: '28.2.2' },
  Server: { Version: '29.0.1', Components: [{ Name: 'Engine' }] },
};
const noDaemon =
  'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';
const all: Record<string, Told> = {
  'docker --version': { stdout: 'Docker version 28.2.2, build e6534b4\n' },
  'docker version': { stdout: JSON.stringify(versions) },
  'docker buildx version': { stdout: 'github.com/docker/buildx v0.38.2 \n' },
  'docker buildx inspect': {
    stdout:
      'Name:   default\nDriver: docker\n\nNodes:\nName:             default\nStatus:           running\nBuildKit version: v0.25.2\n',
  },
  'docker build': { stdout: 'Usage:  docker buildx build [OPTIONS] PATH | URL | -\n' },
  'podman --version': { stdout: 'podman version 4.3.1\n' },
  'podman info --format': { stdout: '1.28.2\n' },
  'buildah --version': { stdout: 'buildah version 1.28.2 (image-spec 1.0.2-dev, runtime-spec 1.0.2-dev)\n' },
};
const down: Record<string, Told> = {
  'docker version': {
    code: 1,
    stdout: JSON.stringify({ ...versions, Server: null }),
    stderr: `${noDaemon}\n`,
  },
  'docker buildx inspect': {
    stdout:
      'Name:          default\nDriver:        \nError:         failed to connect to the docker API at unix:///var/run/docker.sock\n',
  },
};
const noBuildx: Record<string, Told> = {
  'docker buildx version': {
    code: 1,
    stderr: "docker: 'buildx' is not a docker command.\nSee 'docker --help'\n",
  },
  'docker buildx inspect': {
    code: 1,
    stderr: "docker: 'buildx' is not a docker command.\nSee 'docker --help'\n",
  },
  'docker build': { stdout: 'Usage:  docker build [OPTIONS] PATH | URL | -\n      --squash\n' },
};

function hostOf(changes: Record<string, Told> = {}, options: Parameters<typeof stubHost>[1] = {}) {
  const told = { ...all, ...changes };
  return stubHost(({ program, args }) => {
    const words = [program.replace('/bin/', ''), ...args];
    return told[words.slice(0, 3).join(' ')] ?? told[words.slice(0, 2).join(' ')] ?? null;
  }, options);
}

async function detect(host: ReturnType<typeof hostOf>, prefer: 'auto' | BuilderKind = 'auto', programs = {}) {
  return detectBuilders(host, { prefer, programs, signal: new AbortController().signal });
}

/** `buildx 0.38.2 buildkit default docker, BuildKit 0.25.2`, then `: why it is unusable`. */
async function check(host: ReturnType<typeof hostOf>, expected: string) {
  const lines = (await detect(host)).map(({ identity, unusable }) => {
    const { kind, version, rules, instance, driver, engine } = identity;
    const words = [kind, version, rules, instance, driver].filter((word) => word !== null).join(' ');
    return `${words}${engine ? `, ${engine}` : ''}${unusable ? `: ${unusable}` : ''}`;
  });
  assert.equal(lines.slice(0, expected.split('\n').length).join('\n'), expected);
}

describe('docker', () => {
  test('a current one: all four can be used', () =>
    check(
      hostOf(),
      `buildx 0.38.2 buildkit default docker, BuildKit 0.25.2
docker 28.2.2 buildkit, Docker Engine 29.0.1
podman 4.3.1 buildah, Buildah 1.28.2
buildah 1.28.2 buildah`,
    ));

  test('no daemon: its own words are quoted', () =>
    check(
      hostOf(down),
      `buildx 0.38.2 buildkit default: Docker is not running: ${noDaemon}
docker 28.2.2 buildkit: Docker is not running: ${noDaemon}`,
    ));

  test('no daemon, but a builder elsewhere: buildx can be used', () =>
    check(
      hostOf({
        ...down,
        'docker buildx inspect': {
          stdout:
            'Name:          far\nDriver:        remote\n\nNodes:\nName:             far0\nEndpoint: tcp://far:1234\nStatus:           running\nBuildKit version: v0.34.2\n',
        },
      }),
      `buildx 0.38.2 buildkit far remote, BuildKit 0.34.2
docker 28.2.2 buildkit: Docker is not running: ${noDaemon}`,
    ));

  test('a remote builder that does not answer', () =>
    check(
      hostOf({
        'docker buildx inspect': {
          stdout:
            'Name:          far\nDriver:        remote\n\nNodes:\nName:     far0\nEndpoint: tcp://far:1234\nStatus:   inactive\n',
        },
      }),
      'buildx 0.38.2 buildkit far remote: The builder far does not answer at tcp://far:1234.',
    ));

  test('a builder in a container that the build will start', () =>
    check(
      hostOf({
        'docker buildx inspect': {
          stdout: 'Name:          box\nDriver:        docker-container\n\nNodes:\nStatus:   inactive\n',
        },
      }),
      'buildx 0.38.2 buildkit box docker-container',
    ));

  test('a user who may not reach the daemon', () =>
    check(
      hostOf({
        ...down,
        'docker version': {
          code: 1,
          stdout: JSON.stringify({ ...versions, Server: null }),
          stderr:
            'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock\n',
        },
      }),
      'buildx 0.38.2 buildkit default: Docker does not let this user in: permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock.',
    ));

  test('no buildx: docker falls back to the classic builder', () =>
    check(
      hostOf(noBuildx),
      `buildx buildkit: docker has no buildx: install its buildx plugin.
docker 28.2.2 classic, Docker Engine 29.0.1`,
    ));

  test('no buildx, and a client whose own BuildKit is on', () =>
    check(
      hostOf({
        ...noBuildx,
        'docker build': { stdout: 'Usage:  docker build [OPTIONS] PATH\n      --secret stringArray\n' },
      }),
      `buildx buildkit: docker has no buildx: install its buildx plugin.
docker 28.2.2 buildkit, Docker Engine 29.0.1`,
    ));

  test('no buildx where DOCKER_BUILDKIT asks for it', () =>
    check(
      hostOf({
        ...noBuildx,
        'docker build': {
          code: 1,
          stderr: 'ERROR: BuildKit is enabled but the buildx component is missing or broken.\n',
        },
      }),
      `buildx buildkit: docker has no buildx: install its buildx plugin.
docker 28.2.2 classic, Docker Engine 29.0.1: DOCKER_BUILDKIT asks for BuildKit, and docker has no buildx: install its buildx plugin.`,
    ));

  test('a buildx too old for rawjson', () =>
    check(
      hostOf({
        'docker buildx version': {
          stdout: 'github.com/docker/buildx v0.14.1 59582a88fca7858dbe1886fd1556b2a0d79e43a3\n',
        },
      }),
      'buildx 0.14.1 buildkit default docker, BuildKit 0.25.2: buildx 0.14.1 is too old: Strata reads --progress=rawjson, which came with buildx 0.15.',
    ));

  test('a buildx built from source tells no version', () =>
    check(
      hostOf({ 'docker buildx version': { stdout: 'github.com/docker/buildx 0.0.0+unknown\n' } }),
      'buildx 0.0.0+unknown buildkit default docker, BuildKit 0.25.2',
    ));

  test('podman under the name of docker', () =>
    check(
      hostOf({
        'docker --version': { stdout: 'podman version 4.3.1\n' },
        'docker version': { stdout: '{"Client":{"Version":"4.3.1"}}' },
      }),
      `buildx 0.38.2 buildkit default docker, BuildKit 0.25.2: docker is podman here: choose the builder podman.
docker 4.3.1 buildkit: docker is podman here: choose the builder podman.
podman 4.3.1 buildah, Buildah 1.28.2`,
    ));

  test('podman under the name of docker alone is still podman', async () => {
    const asked: Asked[] = [];
    const host = hostOf(
      {
        'docker --version': { stdout: 'podman version 4.3.1\n' },
        'docker info': { stdout: '1.28.2\n' },
      },
      { absent: ['podman', 'buildah'], asked },
    );
    const found = chooseBuilder(await detect(host, 'podman'), 'podman');
    assert.equal(found.identity.engine, 'Buildah 1.28.2');
    assert.ok(asked.some(({ program, args }) => program === '/bin/docker' && args[0] === 'info'));
  });

  test('podman whose machine is stopped, and a buildah that does not run', () =>
    check(
      hostOf({
        'docker version': { code: null },
        'docker buildx inspect': { code: null },
        'docker build': { code: null },
        'podman info --format': {
          code: 125,
          stderr: 'Cannot connect to Podman. Please verify your connection to the Linux system\n',
        },
        'buildah --version': { code: 1, stderr: 'no such library\n' },
      }),
      `buildx 0.38.2 buildkit: buildx did not tell its builder within 10 s.
docker 28.2.2 classic: Docker is not running: it did not answer within 10 s.
podman 4.3.1 buildah: podman's machine is not running: Cannot connect to Podman. Please verify your connection to the Linux system.
buildah buildah: buildah does not run: no such library.`,
    ));

  test('a daemon that does not answer in time', () =>
    check(
      hostOf({
        'docker version': { code: null },
        'docker buildx inspect': { code: null },
        'docker build': { code: null },
      }),
      `buildx 0.38.2 buildkit: buildx did not tell its builder within 10 s.
docker 28.2.2 classic: Docker is not running: it did not answer within 10 s.`,
    ));

  test('nothing at all', () =>
    check(
      hostOf({}, { absent: ['docker', 'podman', 'buildah'] }),
      `buildx buildkit: docker is not on PATH.
docker buildkit: docker is not on PATH.
podman buildah: podman is not on PATH.
buildah buildah: buildah is not on PATH.`,
    ));
});

test('the environment names programs before the settings do', async () => {
  const asked: Asked[] = [];
  const host = hostOf(
    {},
    { asked, environment: { STRATA_DOCKER: '/opt/docker' }, absent: ['/opt/mine/podman'] },
  );
  const found = await detect(host, 'auto', { docker: '/other/docker', podman: '/opt/mine/podman' });
  assert.ok(asked.some(({ program }) => program === '/bin/docker'));
  assert.equal(found[2]?.unusable, 'There is no program /opt/mine/podman (podman).');
});

test('the preferred kind comes first', async () => {
  const kinds = (await detect(hostOf(), 'docker')).map(({ identity }) => identity.kind);
  assert.deepEqual(kinds, ['docker', 'buildx', 'podman', 'buildah']);
});

test('the first usable one is chosen, or the one asked for', async () => {
  const found = await detect(hostOf());
  assert.equal(chooseBuilder(found, 'auto').identity.kind, 'buildx');
  assert.equal(chooseBuilder(found, 'docker').identity.kind, 'docker');
  assert.equal(chooseBuilder(found, 'podman').identity.version, '4.3.1');
  assert.throws(() => chooseBuilder(found.slice(0, 2), 'podman'), {
    code: 'no-builder',
    message: 'There is no builder named podman.',
  });
});

test('for one builder no program is asked that it does not hang on', async () => {
  const check = async (prefer: 'auto' | BuilderKind, expected: string, told?: Record<string, Told>) => {
    const asked: Asked[] = [];
    const signal = new AbortController().signal;
    const found = await findBuilder(hostOf(told, { asked }), { prefer, programs: {}, signal });
    const programs = new Set(asked.map(({ program }) => program.replace('/bin/', '')));
    assert.equal(`${found.identity.kind}: ${[...programs].sort().join(', ')}`, expected);
  };
  await check('auto', 'buildx: docker');
  await check('docker', 'docker: docker');
  await check('podman', 'podman: podman');
  await check('buildah', 'buildah: buildah');
  await check('auto', 'podman: buildah, docker, podman', down);
});

test('without any, the reasons are told', async () => {
  const stopped = await detect(hostOf(down, { absent: ['podman', 'buildah'] }));
  assert.throws(() => chooseBuilder(stopped, 'auto'), {
    code: 'no-daemon',
    message: `Docker is not running: ${noDaemon} Strata tried buildx, docker, podman, buildah; none can be used. podman is not on PATH. buildah is not on PATH.`,
    hint: 'Start Docker, or choose another builder.',
  });
  const none = await detect(hostOf({}, { absent: ['docker', 'podman', 'buildah'] }));
  assert.throws(() => chooseBuilder(none, 'auto'), {
    code: 'no-builder',
    message:
      'Strata tried buildx, docker, podman, buildah; none can be used. docker is not on PATH. podman is not on PATH. buildah is not on PATH.',
  });
  assert.throws(() => chooseBuilder([], 'auto'), { code: 'no-builder' });
});

test('detection can be cancelled', async () => {
  const cancel = new AbortController();
  cancel.abort();
  const detection = detectBuilders(hostOf(), { prefer: 'auto', programs: {}, signal: cancel.signal });
  await assert.rejects(detection, isCancelled);
});
