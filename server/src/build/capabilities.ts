// What each builder can tell of a build, and what it cannot: the words of docs/builders.md, which a test writes anew from
// here. Pure data. Decides nothing while building; what a builder really told is in the record.
import type { BuilderKind, BuildRules } from './model';

export interface Capability {
  kind: BuilderKind;
  rules: BuildRules;
  /** As people know it: `docker buildx`, `docker without buildx`. */
  name: string;
  /** Versions that it was tried with, and the oldest that Strata takes. */
  versions: string;
  /** How a line is tied to its layer, the strongest evidence first. */
  evidence: string;
  cache: string;
  durations: string;
  /** Layers of stages that do not ship. */
  unshipped: string;
  provenance: string;
  platforms: string;
  /** Where the image is read again afterwards. */
  image: string;
}

export const capabilities: readonly Capability[] = [
  {
    kind: 'buildx',
    rules: 'buildkit',
    name: '`docker buildx`, drivers docker-container, kubernetes and remote',
    versions:
      'buildx 0.15 or newer; docker-container and remote tried with 0.38 and BuildKit 0.34, kubernetes not tried',
    evidence: 'provenance, then steps, then history',
    cache: 'yes',
    durations: 'of each step, as BuildKit measured them',
    unshipped:
      'cache and time; compressed sizes where the whole cache is exported (`--cache-to` with `mode=max`), since BuildKit exports the target alone otherwise',
    provenance: 'yes, from the build history; nothing is added to the image',
    platforms: 'yes: one build, a record and a measured image for each, one of them shown',
    image: "an OCI layout in Strata's cache",
  },
  {
    kind: 'buildx',
    rules: 'buildkit',
    name: '`docker buildx`, driver docker, with the containerd image store',
    versions: 'buildx 0.15 or newer; tried with 0.38 and moby 2.0.0-beta.24 (Engine 29, BuildKit 0.33)',
    evidence: 'provenance, then steps, then history',
    cache: 'yes',
    durations: 'of each step, as BuildKit measured them',
    unshipped: 'cache and time; compressed sizes where the whole cache is exported, as above',
    provenance:
      'yes, from the build history; buildx by itself adds its smallest one to an image that you give a name',
    platforms: 'yes: one build, a record and a measured image for each, one of them shown',
    image:
      "the engine; its containerd's files where they may be read, so that nothing is saved, else `docker save`",
  },
  {
    kind: 'buildx',
    rules: 'buildkit',
    name: '`docker buildx`, driver docker, with other image stores',
    versions:
      'buildx 0.15 or newer; tried with 0.38, Engine 20.10 (BuildKit 0.8) and moby 2.0.0-beta.24 with overlay2',
    evidence: 'provenance where the engine keeps a build history, then steps, then history',
    cache: 'yes',
    durations: 'of each step, as BuildKit measured them',
    unshipped: 'cache and time; no sizes',
    provenance: 'none with Engine 20.10; from the build history with moby 2.0.0-beta.24',
    platforms: 'one',
    image: 'the engine',
  },
  {
    kind: 'docker',
    rules: 'buildkit',
    name: '`docker build` with BuildKit, without buildx',
    versions: 'clients before 23; tried with 20.10 (BuildKit 0.8)',
    evidence: 'steps, then history',
    cache: 'yes',
    durations: 'of each step, to 0.1 s',
    unshipped: 'cache and time; no sizes',
    provenance: 'no',
    platforms: 'one',
    image: 'the engine',
  },
  {
    kind: 'docker',
    rules: 'classic',
    name: '`docker build`, the classic builder',
    versions: 'tried with Engine 20.10, and with moby 2.0.0-beta.24 and the containerd image store',
    evidence: 'images of the steps, then history',
    cache: 'yes, of every line: LABEL and ENV too',
    durations: 'of each step, by the time at which its lines came',
    unshipped: 'cache, time and size as `docker history` counts; no sizes with the containerd image store',
    provenance: 'no',
    platforms: 'one',
    image: 'the engine',
  },
  {
    kind: 'podman',
    rules: 'buildah',
    name: '`podman build`',
    versions: 'tried with podman 4.3 (buildah 1.28)',
    evidence: 'images of the steps, then history; none with `--layers=false`, `--squash` and `--squash-all`',
    cache: 'yes, of every line; none with `--layers=false` and `--squash`, which look nothing up',
    durations: 'of each step, by the time at which its lines came',
    unshipped: 'cache, time and the size of its tar as `podman history` counts',
    provenance: 'no',
    platforms: 'one',
    image: 'containers-storage, by its id',
  },
  {
    kind: 'buildah',
    rules: 'buildah',
    name: '`buildah build`',
    versions: 'tried with buildah 1.28',
    evidence: 'images of the steps, then history; none with `--layers=false` and `--squash`',
    cache: 'yes, of every line: Strata passes `--layers` unless you set it',
    durations: 'of each step, by the time at which its lines came',
    unshipped: 'cache and time; the size of its tar where podman is there to tell it',
    provenance: 'no',
    platforms: 'one',
    image: "containers-storage where podman is there to read it, else an OCI layout in Strata's cache",
  },
];

const columns: readonly [string, keyof Capability][] = [
  ['Builder', 'name'],
  ['Versions', 'versions'],
  ["A line's layer by", 'evidence'],
  ['Cache hits', 'cache'],
  ['Durations', 'durations'],
  ['Stages that do not ship', 'unshipped'],
  ['Provenance', 'provenance'],
  ['Several platforms', 'platforms'],
  ['The image is read from', 'image'],
];

/** As a Markdown table, one row for each builder. */
export function capabilityTable(): string {
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    row(columns.map(([title]) => title)),
    row(columns.map(() => '---')),
    ...capabilities.map((one) => row(columns.map(([, key]) => one[key]))),
  ].join('\n');
}
