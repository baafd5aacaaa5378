// Where the credentials of a registry are: docker's config.json and the auth.json of podman and skopeo, in them a
// password, a helper program for one registry, or one for all (docker: credential stores; containers-auth.json(5)).
// Nothing of them is ever shown; what a registry is told, registryAuth.ts decides.
import { isCancelled } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { object, parseJsonObject, text } from './config';
import { maxDocumentBytes } from './place';
import { dockerHub } from './registryName';

export interface Credentials {
  kind: 'password' | 'identity-token';
  /** Empty for an identity token. */
  username: string;
  secret: string;
}

export interface FoundCredentials {
  credentials: Credentials | null;
  /** Why some could not be had, for a hint; without secrets. */
  problems: string[];
}

/** A helper may ask the person to unlock a keychain. */
const helperMs = 60_000;
const helperPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Throws StrataError('cancelled') only: credentials that cannot be read are problems. */
export async function findCredentials(
  host: Host,
  registry: string,
  repository: string,
  signal?: AbortSignal,
): Promise<FoundCredentials> {
  const problems: string[] = [];
  for (const path of credentialFiles(host.environment)) {
    const config = await readConfig(host, path, problems);
    const credentials = config && (await credentialsIn(host, config, registry, repository, problems, signal));
    if (credentials) return { credentials, problems };
  }
  return { credentials: null, problems };
}

/** The first that knows the registry is taken. */
function credentialFiles(environment: Host['environment']): string[] {
  const { REGISTRY_AUTH_FILE, DOCKER_CONFIG, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = environment;
  const home = environment.HOME || environment.USERPROFILE;
  const docker = DOCKER_CONFIG || (home && `${home}/.docker`);
  const config = XDG_CONFIG_HOME || (home && `${home}/.config`);
  return [
    REGISTRY_AUTH_FILE,
    docker && `${docker}/config.json`,
    XDG_RUNTIME_DIR && `${XDG_RUNTIME_DIR}/containers/auth.json`,
    config && `${config}/containers/auth.json`,
  ].filter((path): path is string => path !== undefined && path !== '');
}

async function readConfig(
  host: Host,
  path: string,
  problems: string[],
): Promise<Record<string, unknown> | null> {
  try {
    const bytes = await host.files.read(path);
    if (!bytes) return null;
    const config = bytes.length > maxDocumentBytes ? null : parseJsonObject(bytes);
    if (!config) problems.push(`${path} is no JSON object.`);
    return config;
  } catch (error) {
    if (isCancelled(error)) throw error;
    problems.push(`${path} could not be read.`);
    return null;
  }
}

async function credentialsIn(
  host: Host,
  config: Record<string, unknown>,
  registry: string,
  repository: string,
  problems: string[],
  signal: AbortSignal | undefined,
): Promise<Credentials | null> {
  const keys = keysOf(registry);
  const helpers = object(config.credHelpers) ?? {};
  const own = keys.flatMap((key) => (Object.hasOwn(helpers, key) ? (text(helpers[key]) ?? []) : []))[0];
  const helper = own ?? text(config.credsStore);
  const asked = helper ? await askHelper(host, helper, keys[0]!, problems, signal) : null;
  if (asked) return asked;
  const auths = object(config.auths) ?? {};
  // podman signs in to a part of a registry, too: the narrowest first.
  const parts = repository.split('/');
  const narrow = parts.map((_, i) => [registry, ...parts.slice(0, parts.length - i)].join('/'));
  for (const key of [...narrow, ...keys]) {
    const entry = Object.hasOwn(auths, key) ? object(auths[key]) : null;
    const credentials = entry && credentialsOf(entry);
    if (credentials) return credentials;
  }
  return null;
}

/** docker keeps Docker Hub under the address of its first index, and once kept others by their address, too. */
function keysOf(registry: string): string[] {
  if (registry === dockerHub) {
    return ['https://index.docker.io/v1/', dockerHub, 'index.docker.io', 'registry-1.docker.io'];
  }
  const addresses = ['https', 'http'].flatMap((scheme) =>
    ['', '/', '/v1/', '/v2/'].map((path) => `${scheme}://${registry}${path}`),
  );
  return [registry, ...addresses];
}

function credentialsOf(entry: Record<string, unknown>): Credentials | null {
  const token = text(entry.identitytoken);
  if (token) return { kind: 'identity-token', username: '', secret: token };
  const auth = text(entry.auth);
  const pair = auth
    ? Buffer.from(auth, 'base64').toString('utf8')
    : `${text(entry.username) ?? ''}:${text(entry.password) ?? ''}`;
  const colon = pair.indexOf(':');
  // docker pads what it encodes with zero bytes.
  const secret = pair.slice(colon + 1).replace(/\0+$/, '');
  return colon > 0 && secret !== '' ? { kind: 'password', username: pair.slice(0, colon), secret } : null;
}

async function askHelper(
  host: Host,
  helper: string,
  server: string,
  problems: string[],
  signal: AbortSignal | undefined,
): Promise<Credentials | null> {
  if (!helperPattern.test(helper)) {
    problems.push('The credential helper has no proper name and was not started.');
    return null;
  }
  const program = `docker-credential-${helper}`;
  try {
    const { code, stdout } = await host.processes.run(program, ['get'], {
      input: server,
      timeoutMs: helperMs,
      signal,
    });
    const told = code === 0 ? parseJsonObject(Buffer.from(stdout, 'utf8')) : null;
    const secret = text(told?.Secret);
    const username = text(told?.Username) ?? '';
    if (secret && username === '<token>') return { kind: 'identity-token', username: '', secret };
    if (secret && username !== '') return { kind: 'password', username, secret };
    // What it prints is not repeated; that there are none is the usual answer.
    if (!/not found/i.test(stdout)) problems.push(`${program} told no credentials.`);
  } catch (error) {
    if (isCancelled(error)) throw error;
    problems.push(`${program} could not be started.`);
  }
  return null;
}
