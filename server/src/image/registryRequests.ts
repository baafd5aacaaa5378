// Requests to one repository of a registry: signed in when it asks, refusals in words (OCI distribution spec, Pull,
// Error Codes). What is read and whether it is what its digest says: registry.ts, registryBlob.ts.
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import type { NetworkAnswer } from '../primitives/network';
import { array, object, parseJsonObject, text } from './config';
import { authorize, signInHint } from './registryAuth';
import { readBody } from './registryBody';
import type { RegistryName } from './registryName';

export interface Registry {
  readonly name: RegistryName;
  /**
   * The answer to GET `/v2/<repository>/<path>`, with status 200 or 206. Throws StrataError('not-found') for 404,
   * ('unreadable') for other refusals, 401 and 403 after signing in among them.
   */
  get(path: string, headers: Record<string, string>, signal?: AbortSignal): Promise<NetworkAnswer>;
  /**
   * The headers of the answer to HEAD, which registries do not count as a pull; null when it is refused in any way: why,
   * `get` tells.
   */
  head(
    path: string,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<NetworkAnswer['headers'] | null>;
}

/** What is accepted as a manifest or an index. */
export const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Blobs are often kept elsewhere, and that elsewhere behind another host. */
const maxRedirects = 5;
const maxErrorBytes = 64 * 1024;

export function createRegistry(host: Host, name: RegistryName): Registry {
  let authorization: string | null = null;
  let problems: string[] = [];
  let signingIn: Promise<void> | null = null;

  const send = (
    method: 'GET' | 'HEAD',
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal | undefined,
  ): Promise<NetworkAnswer> => {
    const own: Record<string, string> = authorization === null ? {} : { authorization };
    const url = `${name.origin}/v2/${name.repository}/${path}`;
    return host.network.request(url, { method, headers: { ...headers, ...own }, signal, maxRedirects });
  };
  const signIn = async (challenge: string, signal: AbortSignal | undefined): Promise<void> => {
    const answer = await authorize(host, name, challenge, signal);
    authorization = answer.header;
    problems = answer.problems;
  };

  const signedIn = async (...asked: Parameters<typeof send>): Promise<NetworkAnswer> => {
    const before = authorization;
    const answer = await send(...asked);
    const challenge = answer.headers.get('www-authenticate');
    if (answer.status !== 401 || !challenge) return answer;
    await answer.discard();
    // Tokens last minutes; layers may be asked for later, and several at a time.
    if (authorization === before) {
      signingIn ??= signIn(challenge, asked[3]).finally(() => {
        signingIn = null;
      });
      await signingIn;
    }
    return send(...asked);
  };

  return {
    name,
    async get(path, headers, signal) {
      const answer = await signedIn('GET', path, headers, signal);
      if (answer.status === 200 || answer.status === 206) return answer;
      throw await refusal(name, path, answer, problems);
    },
    async head(path, headers, signal) {
      const answer = await signedIn('HEAD', path, headers, signal);
      await answer.discard();
      return answer.status === 200 ? answer.headers : null;
    },
  };
}

async function refusal(
  name: RegistryName,
  path: string,
  answer: NetworkAnswer,
  problems: readonly string[],
): Promise<StrataError> {
  const { status } = answer;
  const said = await saidBy(answer);
  const what = `${path.replace(/^(manifest|blob)s\//, '$1 ')} of ${name.repository}`;
  const message = (why: string): string => `${name.host} ${why} (status ${status}${said}).`;
  switch (status) {
    case 401:
    case 403:
      return new StrataError(
        'unreadable',
        message(`does not let ${what} be read, or does not have it`),
        signInHint(name, problems),
      );
    case 404:
      return new StrataError('not-found', message(`has no ${what}`), 'Check the name and the tag.');
    case 429: {
      const after = /^\d{1,6}$/.exec(answer.headers.get('retry-after') ?? '');
      const when = after ? `in ${after[0]} s` : 'later';
      return new StrataError(
        'unreadable',
        message('has been asked too often'),
        `Try again ${when}; who is signed in may ask more.`,
      );
    }
    default:
      return new StrataError('unreadable', message(`did not give ${what}`), 'Try again later.');
  }
}

/** The codes of the errors that a registry tells: words of its own could repeat what it was sent. */
async function saidBy(answer: NetworkAnswer): Promise<string> {
  try {
    const json = parseJsonObject(await readBody(answer, maxErrorBytes, 'The registry'));
    const codes = array(json?.errors).flatMap((error) => text(object(error)?.code) ?? []);
    const known = codes.filter((code) => /^[A-Z_]{1,40}$/.test(code)).slice(0, 3);
    return known.map((code) => `, ${code}`).join('');
  } catch (error) {
    if (error instanceof StrataError && error.code === 'cancelled') throw error;
    return '';
  }
}
