// HTTP through the runtime's fetch. Decides how redirects are followed and how long silence is borne; not what is asked,
// nor of whom.
import { StrataError } from '../primitives/errors';
import type { HostNetwork, NetworkAnswer, NetworkRequest } from '../primitives/network';

const defaultIdleMs = 30_000;
const redirects = new Set([301, 302, 303, 307, 308]);

export function createNodeNetwork(): HostNetwork {
  return {
    async request(url, request = {}) {
      let at = new URL(url);
      let headers = { ...request.headers };
      for (let left = request.maxRedirects ?? 0; ; left--) {
        const answer = await once(at, headers, request);
        const location = answer.headers.get('location');
        if (left <= 0 || !location || !redirects.has(answer.status) || request.method === 'POST')
          return answer;
        await answer.discard();
        const next = nextUrl(at, location);
        // Fetch does so too when it follows by itself, but older releases kept it between ports of one host.
        if (next.origin !== at.origin) headers = withoutSecrets(headers);
        at = next;
      }
    },
  };
}

function withoutSecrets(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:authorization|cookie)$/i.test(name)),
  );
}

/** Throws StrataError('unreadable') for what is no address, or one less safe than the one it was named by. */
function nextUrl(from: URL, location: string): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from.href) : null;
  const isSafe = next && (next.protocol === 'https:' || (next.protocol === 'http:' && staysOpen(from, next)));
  if (!isSafe) {
    const target = next ? shown(next) : 'no address';
    throw new StrataError('unreadable', `${shown(from)} leads to ${target}, which is not followed.`);
  }
  // `https://user:password@…` in a redirect would be sent as credentials.
  next.username = '';
  next.password = '';
  return next;
}

/** Plain http goes on as plain http only on this machine. */
function staysOpen(from: URL, to: URL): boolean {
  return from.protocol === 'http:' && to.hostname === from.hostname;
}

async function once(
  url: URL,
  headers: Record<string, string>,
  { method = 'GET', body, signal, idleMs = defaultIdleMs }: NetworkRequest,
): Promise<NetworkAnswer> {
  const silence = new AbortController();
  /** Ends the transfer when nothing comes for a while; time that the reader takes does not count. */
  const within = async <T>(waiting: () => Promise<T>): Promise<T> => {
    const timer = setTimeout(() => silence.abort(), idleMs);
    try {
      return await waiting();
    } catch (error) {
      throw refusal(url, error, signal, silence.signal.aborted ? idleMs : null);
    } finally {
      clearTimeout(timer);
    }
  };
  const signals = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  const response = await within(() =>
    fetch(url, {
      method,
      // Bytes as they are stored: their digest is checked.
      headers: { 'accept-encoding': 'identity', 'user-agent': 'strata', ...headers },
      body,
      redirect: 'manual',
      signal: signals,
    }),
  );
  const reader = response.body?.getReader();
  const discard = async (): Promise<void> => {
    // A transfer that failed refuses to be ended; it is over either way.
    await reader?.cancel().catch(() => {});
  };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    if (!reader) return;
    try {
      for (;;) {
        const { done, value } = await within(() => reader.read());
        if (done) return;
        yield value;
      }
    } finally {
      await discard();
    }
  }
  return { status: response.status, headers: response.headers, body: chunks(), discard };
}

function refusal(url: URL, error: unknown, signal: AbortSignal | undefined, silentMs: number | null): Error {
  if (signal?.aborted) return new StrataError('cancelled', `Reading ${shown(url)} was cancelled.`);
  const reason = silentMs === null ? reasonOf(error) : `nothing came for ${Math.round(silentMs / 1000)} s`;
  return new StrataError(
    'unreadable',
    `Could not read ${shown(url)}: ${reason}.`,
    'Check the name and the network. Strata uses no proxy.',
    error,
  );
}

const reasons: Record<string, string> = {
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'no connection was made in time',
  ETIMEDOUT: 'no connection was made in time',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak https',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak https',
};

/** Fetch says `fetch failed`, and why in the cause. */
function reasonOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string; errors?: { code?: string }[] } })
    .cause;
  // Where a name has several addresses, each has an error of its own.
  const code = cause?.code ?? cause?.errors?.[0]?.code ?? '';
  return reasons[code] ?? (cause?.message || (error as Error).message).replace(/\.$/, '');
}

/** Without user, password and query: addresses that registries redirect to carry signatures there. */
function shown({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}
