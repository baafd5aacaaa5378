// Which builders there are, and why one cannot be used: by asking each program, in parallel and with a deadline.
// Decides what counts as usable; it builds nothing and starts no daemon.
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { type Answer, answer, answerMs, identityOf, locate, type Programs, versionIn } from './askProgram';
import { buildxBuilder } from './buildx';
import { detectBuildah, detectPodman } from './detectBuildah';
import { dockerBuilder } from './docker';
import { fields, list, parseFields } from './jsonFields';
import type { BuilderIdentity, BuilderKind, FoundBuilder } from './model';
import { asSentence, firstWords } from './words';

export interface DetectOptions {
  /** A builder of this kind comes first. */
  prefer: 'auto' | BuilderKind;
  /** Names or paths from the settings; empty: by name on PATH. STRATA_DOCKER and so on in the environment win. */
  programs: Programs;
  signal: AbortSignal;
}

const notRunning = 'Docker is not running';

/**
 * One of each kind, in the order buildx, docker, podman, buildah, the preferred kind first.
 * @throws StrataError 'cancelled'; whatever else goes wrong is the reason why a builder is unusable
 */
export async function detectBuilders(host: Host, options: DetectOptions): Promise<FoundBuilder[]> {
  const { programs, signal } = options;
  const found = await Promise.all([
    detectDocker(host, options),
    detectPodman(host, programs, signal),
    detectBuildah(host, programs, signal),
  ]);
  const all = found.flat();
  return [
    ...all.filter(({ identity }) => identity.kind === options.prefer),
    ...all.filter(({ identity }) => identity.kind !== options.prefer),
  ];
}

/**
 * The one that `chooseBuilder` takes of all. Programs that it does not hang on are not asked: one that hangs would hold up
 * each build with another.
 * @throws StrataError as `chooseBuilder`, and 'cancelled'
 */
export async function findBuilder(host: Host, options: DetectOptions): Promise<FoundBuilder> {
  const { prefer, programs, signal } = options;
  const wants = (kind: BuilderKind) => prefer === 'auto' || prefer === kind;
  const docker = wants('buildx') || wants('docker') ? await detectDocker(host, options) : [];
  if (prefer === 'auto' && docker.some(({ unusable }) => unusable === null))
    return chooseBuilder(docker, prefer);
  const others = await Promise.all([
    ...(wants('podman') ? [detectPodman(host, programs, signal)] : []),
    ...(wants('buildah') ? [detectBuildah(host, programs, signal)] : []),
  ]);
  return chooseBuilder([...docker, ...others], prefer);
}

/**
 * The builder to use: the preferred one or, with `auto`, the first usable one.
 * @throws StrataError 'no-daemon' | 'no-builder' with the reason of each that was tried
 */
export function chooseBuilder(found: readonly FoundBuilder[], prefer: 'auto' | BuilderKind): FoundBuilder {
  const candidates = prefer === 'auto' ? found : found.filter(({ identity }) => identity.kind === prefer);
  const usable = candidates.find(({ unusable }) => unusable === null);
  if (usable) return usable;
  if (candidates.length === 0) throw new StrataError('no-builder', `There is no builder named ${prefer}.`);
  const down = candidates.find(({ unusable }) => unusable?.startsWith(notRunning))?.unusable ?? null;
  const reasons = [...new Set(candidates.map(({ unusable }) => unusable))].filter(
    (reason) => reason !== down,
  );
  const tried = candidates.map(({ identity }) => identity.kind).join(', ');
  const message = [down, `Strata tried ${tried}; none can be used.`, ...reasons].filter(Boolean).join(' ');
  if (down !== null) throw new StrataError('no-daemon', message, 'Start Docker, or choose another builder.');
  throw new StrataError('no-builder', message, 'Install Docker, or tell Strata where its program is.');
}

async function detectDocker(host: Host, options: DetectOptions): Promise<FoundBuilder[]> {
  const { program, missing } = await locate(host, options.programs, 'docker');
  if (missing !== null) {
    return [
      buildxBuilder(program, identityOf('buildx', 'buildkit'), missing),
      dockerBuilder(program, identityOf('docker', 'buildkit'), missing),
    ];
  }
  const ask = (...args: string[]) => answer(host, program, args, options.signal);
  const [name, version, buildxVersion, builder, buildHelp] = await Promise.all([
    ask('--version'),
    ask('version', '--format', '{{json .}}'),
    ask('buildx', 'version'),
    ask('buildx', 'inspect'),
    ask('build', '--help'),
  ]);
  const engine = engineOf(name, version);
  return [
    buildxOf(program, engine, buildxVersion, builder),
    dockerOf(program, engine, buildHelp, buildxVersion.code === 0),
  ];
}

interface Engine {
  clientVersion: string | null;
  /** Null when the daemon does not answer. */
  serverVersion: string | null;
  /** Why nothing can be built through this program at all; null if it can. */
  foreign: string | null;
  /** Why the daemon cannot be used; null if it can. Of no concern to buildx with a builder elsewhere. */
  down: string | null;
}

function engineOf(name: Answer, version: Answer): Engine {
  const json = parseFields(version.stdout) ?? {};
  const server = fields(json.Server);
  const serverVersion = text(server.Version);
  const components = list(server.Components).map(fields);
  const isPodman =
    /podman/i.test(name.stdout) || components.some((part) => /podman/i.test(String(part.Name ?? '')));
  const words = firstWords(version.stderr);
  const down = version.late
    ? `${notRunning}: it did not answer within ${answerMs / 1000} s.`
    : /permission denied/i.test(words)
      ? `Docker does not let this user in: ${asSentence(words)}`
      : `${notRunning}: ${asSentence(words || 'it did not answer')}`;
  return {
    clientVersion: text(fields(json.Client).Version) ?? versionIn(name.stdout),
    serverVersion,
    foreign: isPodman ? 'docker is podman here: choose the builder podman.' : null,
    down: serverVersion === null ? down : null,
  };
}

function buildxOf(program: string, engine: Engine, version: Answer, builder: Answer): FoundBuilder {
  const told = (name: string) => new RegExp(`^${name}: *(\\S.*)$`, 'm').exec(builder.stdout)?.[1]?.trim();
  const buildkit = told('BuildKit version') ?? told('Buildkit');
  const identity: BuilderIdentity = {
    ...identityOf('buildx', 'buildkit'),
    version: versionIn(version.stdout),
    engine: buildkit ? `BuildKit ${buildkit.replace(/^v/, '')}` : null,
    instance: told('Name') ?? null,
    driver: told('Driver') ?? null,
  };
  return buildxBuilder(
    program,
    identity,
    engine.foreign ?? buildxProblem(engine, version, builder, identity, told),
  );
}

function buildxProblem(
  engine: Engine,
  version: Answer,
  builder: Answer,
  { version: number, instance, driver }: BuilderIdentity,
  told: (name: string) => string | undefined,
): string | null {
  if (version.code !== 0) return 'docker has no buildx: install its buildx plugin.';
  if (number !== null && isBefore(number, 0, 15)) {
    return `buildx ${number} is too old: Strata reads --progress=rawjson, which came with buildx 0.15.`;
  }
  if (builder.late) return `buildx did not tell its builder within ${answerMs / 1000} s.`;
  if (builder.code !== 0) return `buildx has no builder: ${asSentence(firstWords(builder.stderr))}`;
  // buildx inspect ends with 0 even when the builder does not answer, and tells it in `Error:` [0.38].
  const error = told('Error');
  if (driver === 'docker' || driver === null) {
    if (engine.down !== null) return engine.down;
  }
  if (error !== undefined) return `The builder ${instance} does not answer: ${asSentence(firstWords(error))}`;
  // The other drivers start what is inactive; remote has nothing to start [0.38: waits 20 s, then gives up].
  if (driver === 'remote' && told('Status') === 'inactive') {
    return `The builder ${instance} does not answer at ${told('Endpoint')}.`;
  }
  return null;
}

/**
 * Whether `docker build` is BuildKit, docker itself knows best: its help shows BuildKit's flags only then, after asking
 * DOCKER_BUILDKIT and the daemon (cli/command/commands hideUnsupportedFeatures) [20.10.24]; from 23 on it is that of buildx.
 */
function dockerOf(program: string, engine: Engine, help: Answer, hasBuildx: boolean): FoundBuilder {
  const buildkit = /--secret\b/.test(help.stdout) || /docker buildx build/.test(help.stdout);
  const identity: BuilderIdentity = {
    ...identityOf('docker', buildkit ? 'buildkit' : 'classic'),
    version: engine.clientVersion,
    engine: engine.serverVersion === null ? null : `Docker Engine ${engine.serverVersion}`,
  };
  // DOCKER_BUILDKIT=1 and a client from 23 on without buildx: even --help ends with this error [28.2.2].
  const broken =
    help.code !== 0 && !hasBuildx && /buildx component is missing/.test(help.stderr)
      ? 'DOCKER_BUILDKIT asks for BuildKit, and docker has no buildx: install its buildx plugin.'
      : null;
  return dockerBuilder(program, identity, engine.foreign ?? engine.down ?? broken);
}

function isBefore(version: string, major: number, minor: number): boolean {
  // A build from source without a version.
  if (version.startsWith('0.0.0')) return false;
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
