// Whether podman and buildah are there and can build. podman is asked for the buildah within it, which is what builds and
// what its machine runs; buildah has nothing behind it that could be down.
import type { Host } from '../primitives/host';
import { type Answer, answer, answerMs, identityOf, locate, type Programs, versionIn } from './askProgram';
import { buildahBuilder } from './buildah';
import type { FoundBuilder } from './model';
import { podmanBuilder } from './podman';
import { asSentence, firstWords } from './words';

/** @throws StrataError 'cancelled' */
export async function detectPodman(
  host: Host,
  programs: Programs,
  signal: AbortSignal,
): Promise<FoundBuilder> {
  const { program, missing } = await locatePodman(host, programs, signal);
  const identity = identityOf('podman', 'buildah');
  if (missing !== null) return podmanBuilder(program, identity, missing);
  const [name, info] = await Promise.all([
    answer(host, program, ['--version'], signal),
    answer(host, program, ['info', '--format', '{{.Host.BuildahVersion}}'], signal),
  ]);
  const version = versionIn(name.stdout);
  const buildah = versionIn(info.stdout);
  return podmanBuilder(
    program,
    { ...identity, version, engine: buildah === null ? null : `Buildah ${buildah}` },
    problemOf(info),
  );
}

/** @throws StrataError 'cancelled' */
export async function detectBuildah(
  host: Host,
  programs: Programs,
  signal: AbortSignal,
): Promise<FoundBuilder> {
  const { program, missing } = await locate(host, programs, 'buildah');
  const identity = identityOf('buildah', 'buildah');
  if (missing !== null) return buildahBuilder(program, null, identity, missing);
  const [told, podman] = await Promise.all([
    answer(host, program, ['--version'], signal),
    locatePodman(host, programs, signal),
  ]);
  const broken = told.code === 0 ? null : `buildah does not run: ${asSentence(firstWords(told.stderr))}`;
  const version = versionIn(told.stdout);
  return buildahBuilder(
    program,
    podman.missing === null ? podman.program : null,
    { ...identity, version },
    broken,
  );
}

/** By its own name or, where podman-docker is installed, by docker's. */
async function locatePodman(host: Host, programs: Programs, signal: AbortSignal) {
  const found = await locate(host, programs, 'podman');
  if (found.missing === null || programs.podman || host.environment.STRATA_PODMAN) return found;
  const docker = await locate(host, programs, 'docker');
  if (docker.missing !== null) return found;
  const { stdout } = await answer(host, docker.program, ['--version'], signal);
  return /^podman/i.test(stdout) ? docker : found;
}

function problemOf(info: Answer): string | null {
  if (info.late) return `podman did not answer within ${answerMs / 1000} s.`;
  if (info.code === 0) return null;
  const words = asSentence(firstWords(info.stderr) || 'it told nothing of itself');
  // podman 4.3 with a machine that is stopped, or without one: "Cannot connect to Podman. Please verify ...".
  return /cannot connect to podman/i.test(info.stderr)
    ? `podman's machine is not running: ${words}`
    : `podman cannot be used: ${words}`;
}
