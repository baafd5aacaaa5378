// What a registry is told when it answers 401: a token fetched from the place it names, or the password itself
// (distribution: docs/spec/auth/token, oauth2). Credentials go to the registry or its token server, over https; over
// plain http only on this machine. Where they are kept: registryCredentials.ts.
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import type { NetworkRequest } from '../primitives/network';
import { parseJsonObject, text } from './config';
import { readBody } from './registryBody';
import { type Challenge, parseChallenges } from './registryChallenge';
import { type Credentials, findCredentials } from './registryCredentials';
import { isLoopback, type RegistryName } from './registryName';

export interface Authorization {
  /** Value of the header; null when nothing can be told. */
  header: string | null;
  /** Why no credentials could be had, for a hint. */
  problems: string[];
}

const maxTokenBytes = 2 ** 20;

/**
 * @param challenge the WWW-Authenticate header of the 401
 * Throws StrataError('unreadable') when the token server refuses or cannot be trusted with credentials.
 */
export async function authorize(
  host: Host,
  name: RegistryName,
  challenge: string,
  signal?: AbortSignal,
): Promise<Authorization> {
  const challenges = parseChallenges(challenge);
  const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.get('realm'));
  const basic = challenges.some(({ scheme }) => scheme === 'basic');
  if (!bearer && !basic) return { header: null, problems: [] };
  const { credentials, problems } = await findCredentials(host, name.host, name.repository, signal);
  if (bearer) {
    const token = await fetchToken(host, name, bearer, credentials, problems, signal);
    return { header: `Bearer ${token}`, problems };
  }
  // An identity token is for token servers.
  const header = credentials?.kind === 'password' ? basicHeader(credentials) : null;
  return { header, problems };
}

async function fetchToken(
  host: Host,
  name: RegistryName,
  { parameters }: Challenge,
  credentials: Credentials | null,
  problems: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const realm = safeRealm(name, parameters.get('realm')!);
  const asked = {
    service: parameters.get('service') ?? '',
    scope: parameters.get('scope') || `repository:${name.repository}:pull`,
  };
  const request = tokenRequest(realm, asked, credentials);
  const answer = await host.network.request(request.url, { ...request, maxRedirects: 0, signal });
  const where = `${realm.origin}${realm.pathname}`;
  if (answer.status !== 200) {
    await answer.discard();
    const refused = answer.status === 401 || answer.status === 403;
    throw new StrataError(
      'unreadable',
      `${where} gave no token to read ${name.repository} of ${name.host} (status ${answer.status}).`,
      refused ? signInHint(name, problems) : 'Try again later.',
    );
  }
  const json = parseJsonObject(await readBody(answer, maxTokenBytes, where));
  const token = text(json?.token) ?? text(json?.access_token);
  if (!token || !/^[\x21-\x7e]+$/.test(token)) {
    throw new StrataError('unreadable', `${where} answered with no token for ${name.host}.`);
  }
  return token;
}

/** Throws StrataError('unreadable') for a place that neither passwords nor tokens may come near. */
function safeRealm({ host, origin }: RegistryName, text: string): URL {
  const realm = URL.canParse(text) ? new URL(text) : null;
  // A registry elsewhere must not lead to servers of this machine.
  const isLocal = realm !== null && isLoopback(realm.hostname) && isLoopback(new URL(origin).hostname);
  if (realm?.protocol === 'https:' || (realm?.protocol === 'http:' && isLocal)) {
    realm.username = '';
    realm.password = '';
    realm.hash = '';
    return realm;
  }
  const where = realm ? `${realm.protocol}//${realm.host}` : 'no address';
  throw new StrataError(
    'unreadable',
    `${host} asks to sign in at ${where}, which is not safe and was not done.`,
    'Registries must name a token server that speaks https.',
  );
}

function tokenRequest(
  realm: URL,
  asked: { service: string; scope: string },
  credentials: Credentials | null,
): NetworkRequest & { url: string } {
  if (credentials?.kind === 'identity-token') {
    const form = { grant_type: 'refresh_token', client_id: 'strata', refresh_token: credentials.secret };
    return {
      url: realm.href,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...form, ...asked }).toString(),
    };
  }
  const url = new URL(realm);
  for (const [key, value] of Object.entries(asked)) if (value !== '') url.searchParams.set(key, value);
  if (credentials === null) return { url: url.href };
  return { url: url.href, headers: { authorization: basicHeader(credentials) } };
}

function basicHeader({ username, secret }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${secret}`, 'utf8').toString('base64')}`;
}

/** What to do when a registry refuses. */
export function signInHint({ host }: RegistryName, problems: readonly string[]): string {
  const server = host === 'docker.io' ? '' : ` ${host}`;
  return [...problems, `Check the name, and sign in: docker login${server}.`].join(' ');
}
