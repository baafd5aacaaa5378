// The builders of the mapping tests, and how each gets its bases. Starts nothing.
import type { BuilderKind, BuildRules } from '../../../server/src/build/model';

export interface Setup {
  name: string;
  /** File name of what is recorded of it; null when nothing is. */
  recording: string | null;
  kind: BuilderKind;
  /** Which cases it builds: those of a current BuildKit, of Engine 20.10 or of podman. */
  group: 'buildx' | 'engine' | 'podman';
  daemon: 'buildkitd' | 'dockerd' | 'current dockerd' | 'podman';
  rules: BuildRules;
  env: Record<string, string>;
  /** How bases come to BuildKit: pulled, or as named contexts, whose FROM has no step of its own. */
  bases: 'engine' | 'registry' | 'contexts';
  /** Further arguments of each build. */
  arguments: string[];
  /** One layer holds the work of a whole stage, and nothing comes from the cache. */
  isMerged: boolean;
  /** It builds the second table too; where another setup has the same builder, the first is enough. */
  buildsTraps: boolean;
}

/** podman and buildah run RUN without namespaces here, which needs no cgroups of its own. */
const chroot = ['--network', 'host', '--isolation', 'chroot'];
const podman = {
  group: 'podman',
  daemon: 'podman',
  rules: 'buildah',
  env: {},
  bases: 'engine',
  arguments: chroot,
  isMerged: false,
  buildsTraps: true,
} as const;

export const setups: Setup[] = [
  {
    name: 'buildx with current BuildKit, bases pulled',
    recording: 'buildx',
    kind: 'buildx',
    group: 'buildx',
    daemon: 'buildkitd',
    rules: 'buildkit',
    env: {},
    bases: 'registry',
    arguments: [],
    isMerged: false,
    buildsTraps: true,
  },
  {
    name: 'buildx with current BuildKit, bases as named contexts',
    recording: null,
    kind: 'buildx',
    group: 'buildx',
    daemon: 'buildkitd',
    rules: 'buildkit',
    env: {},
    bases: 'contexts',
    arguments: [],
    isMerged: false,
    buildsTraps: false,
  },
  {
    name: 'buildx with Docker Engine',
    recording: null,
    kind: 'buildx',
    group: 'engine',
    daemon: 'dockerd',
    rules: 'buildkit',
    env: {},
    bases: 'engine',
    arguments: ['--network', 'none'],
    isMerged: false,
    buildsTraps: false,
  },
  {
    name: "docker with the Engine's BuildKit",
    recording: 'buildkit',
    kind: 'docker',
    group: 'engine',
    daemon: 'dockerd',
    rules: 'buildkit',
    env: { DOCKER_BUILDKIT: '1' },
    bases: 'engine',
    arguments: ['--network', 'none'],
    isMerged: false,
    buildsTraps: true,
  },
  {
    name: 'the classic builder',
    recording: 'classic',
    kind: 'docker',
    group: 'engine',
    daemon: 'dockerd',
    rules: 'classic',
    env: {},
    bases: 'engine',
    arguments: ['--network', 'none'],
    isMerged: false,
    buildsTraps: true,
  },
  {
    name: 'buildx with a current Docker Engine',
    recording: null,
    kind: 'buildx',
    group: 'buildx',
    daemon: 'current dockerd',
    rules: 'buildkit',
    env: {},
    bases: 'engine',
    arguments: ['--network', 'none'],
    isMerged: false,
    buildsTraps: true,
  },
  {
    name: 'the classic builder of a current Docker Engine',
    recording: null,
    kind: 'docker',
    group: 'engine',
    daemon: 'current dockerd',
    rules: 'classic',
    env: { DOCKER_BUILDKIT: '0' },
    bases: 'engine',
    arguments: ['--network', 'none'],
    isMerged: false,
    buildsTraps: false,
  },
  { ...podman, name: 'podman', recording: 'podman', kind: 'podman', arguments: [...chroot] },
  {
    ...podman,
    name: 'buildah without layers',
    recording: null,
    kind: 'buildah',
    arguments: [...chroot, '--layers=false'],
    isMerged: true,
    buildsTraps: false,
  },
];
