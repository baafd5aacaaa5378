// What follows `docker://`: registry, repository, tag, digest, as distribution's reference grammar has them and docker
// reads them (no registry: Docker Hub). Which requests follow from it: registryRequests.ts.
import { type Digest, isDigest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';

export interface RegistryName {
  /** As a person writes it and credentials are kept under: `docker.io`, `registry.example:5000`. */
  host: string;
  /** `https://registry-1.docker.io` */
  origin: string;
  repository: string;
  /** `latest` where neither tag nor digest was named. */
  tag: string;
  /** Goes before the tag. */
  digest: Digest | null;
}

export const dockerHub = 'docker.io';

const hostPattern =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*|\[[a-f0-9:]{2,39}\])(?::(\d{1,5}))?$/i;
const componentPattern = /^[a-z0-9]+(?:(?:\.|__?|-{1,32})[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const longestRepository = 255;

/**
 * @param name without the transport
 * Throws StrataError('usage') for what no registry can hold.
 */
export function parseRegistryName(name: string): RegistryName {
  const wrong = (why: string): StrataError =>
    new StrataError(
      'usage',
      `'docker://${name.slice(0, 300)}' names no image in a registry: ${why}.`,
      'Write docker://[host[:port]/]repository[:tag][@sha256:…].',
    );
  const [tagged = '', digest, ...more] = name.split('@');
  if (more.length > 0 || (digest !== undefined && !isDigest(digest))) {
    throw wrong('behind @ stands no sha256 digest');
  }
  const slash = tagged.lastIndexOf('/');
  const colon = tagged.indexOf(':', slash + 1);
  const tag = colon < 0 ? 'latest' : tagged.slice(colon + 1);
  if (!tagPattern.test(tag)) throw wrong('it has no proper tag');
  const path = (colon < 0 ? tagged : tagged.slice(0, colon)).split('/');
  const first = path[0]!;
  const hasHost = path.length > 1 && /[.:[A-Z]|^localhost$/.test(first);
  const host = hasHost ? first : dockerHub;
  const port = hostPattern.exec(host);
  if (!port || Number(port[1] ?? 1) < 1 || Number(port[1] ?? 1) > 65_535) {
    throw wrong('the registry is no host');
  }
  const components = hasHost ? path.slice(1) : path;
  const repository = components.join('/');
  if (repository.length > longestRepository || !components.every((part) => componentPattern.test(part))) {
    throw wrong('it has no proper repository');
  }
  const rest = { tag, digest: digest ?? null };
  if (/^(?:(?:index|registry-1)\.)?docker\.io$/.test(host)) {
    const full = components.length === 1 ? `library/${repository}` : repository;
    return { host: dockerHub, origin: 'https://registry-1.docker.io', repository: full, ...rest };
  }
  // As docker does: a registry on this machine needs no certificate, any other does.
  const scheme = isLoopback(host.replace(/:\d+$/, '')) && !host.endsWith(':443') ? 'http' : 'https';
  const address = `${scheme}://${host}`;
  if (!URL.canParse(address)) throw wrong('the registry is no host');
  return { host, origin: new URL(address).origin, repository, ...rest };
}

/** This machine, by a name that no other answers to. */
export function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
}
