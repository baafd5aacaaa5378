// What a person writes to name an image (docs: References): `docker-archive:FILE`, `oci:DIR`, `oci-archive:FILE`,
// `docker-daemon:NAME`, a bare path or a bare name. It says what was meant; whether it is there, open.ts finds out.
import { StrataError } from '../primitives/errors';

export type Transport =
  | 'docker-archive'
  | 'oci'
  | 'oci-archive'
  | 'docker-daemon'
  | 'containers-storage'
  | 'docker';

/** Which of several images a file or a folder holds. */
export type ImageChoice = { name: string } | { position: number } | { digest: string };

export type ImageReference =
  | { kind: 'file'; transport: 'docker-archive' | 'oci' | 'oci-archive'; text: string; rest: string }
  | {
      kind: 'engine';
      transport: 'docker-daemon' | 'containers-storage' | 'docker';
      text: string;
      name: string;
    }
  /** A path to be sniffed, or a name in the local engine: which, the files decide. */
  | { kind: 'bare'; text: string; certainlyPath: boolean };

const transports: Record<Transport, 'file' | 'engine'> = {
  'docker-archive': 'file',
  oci: 'file',
  'oci-archive': 'file',
  'docker-daemon': 'engine',
  'containers-storage': 'engine',
  docker: 'engine',
};

/** Throws StrataError('usage') for an empty reference or one with nothing behind its transport. */
export function parseReference(text: string): ImageReference {
  if (text.trim() === '' || text.includes('\0')) {
    throw new StrataError(
      'usage',
      'The reference of the image is empty.',
      'Name an image: docker-archive:app.tar.',
    );
  }
  const colon = text.indexOf(':');
  const transport = text.slice(0, Math.max(0, colon)) as Transport;
  // `docker:tag` is an image named docker; the transport is `docker://`.
  const isDocker = transport === 'docker' && text.startsWith('docker://');
  if (!Object.hasOwn(transports, transport) || (transport === 'docker' && !isDocker)) {
    return { kind: 'bare', text, certainlyPath: looksLikePath(text) };
  }
  const rest = text.slice(isDocker ? 'docker://'.length : colon + 1);
  if (rest === '') {
    throw new StrataError('usage', `Nothing follows '${transport}:' in the reference of the image.`);
  }
  switch (transport) {
    case 'docker-archive':
    case 'oci':
    case 'oci-archive':
      return { kind: 'file', transport, text, rest };
    default:
      return { kind: 'engine', transport, text, name: rest };
  }
}

/**
 * The ways to read what follows a file transport as a path and a choice, likeliest first: the whole is a path;
 * `FILE@N`, `FILE@sha256:…`; `FILE:NAME` cut at each colon, the first one first, as skopeo does.
 */
export function pathCandidates(rest: string): { path: string; choice: ImageChoice | null }[] {
  const candidates: { path: string; choice: ImageChoice | null }[] = [{ path: rest, choice: null }];
  const at = /^(.+)@(?:(\d{1,6})|(sha256:[0-9a-f]{64}))$/s.exec(rest);
  if (at) {
    const choice = at[2] === undefined ? { digest: at[3]! } : { position: Number(at[2]) };
    candidates.push({ path: at[1]!, choice });
  }
  // Not the colon of a drive.
  const from = /^[A-Za-z]:[\\/]/.test(rest) ? 2 : 1;
  for (let colon = rest.indexOf(':', from); colon >= 0; colon = rest.indexOf(':', colon + 1)) {
    const name = rest.slice(colon + 1);
    if (name !== '') candidates.push({ path: rest.slice(0, colon), choice: { name } });
  }
  return candidates;
}

/** True when no image can be named so: engines allow no leading dot, slash or backslash, nor a drive. */
function looksLikePath(text: string): boolean {
  return /^(?:[./\\~]|[A-Za-z]:[\\/])/.test(text) || /\.(?:tar|tgz|tar\.gz|tar\.zst|oci)$/i.test(text);
}

/**
 * Whether an engine on this machine gives the image: a program has to be run for it, and the engine verified the DiffIDs
 * when it stored the layers (docker load and pull, containers/storage).
 */
export function isEngineReference(reference: string): boolean {
  return /^(?:docker-daemon|containers-storage):/.test(reference);
}

/** Whether the image is read from a file or a folder that the reference names, by no program and over no network. */
export function isFileReference(reference: string): boolean {
  return /^(?:docker-archive|oci|oci-archive):/.test(reference);
}

/** Tag `latest` where neither tag nor digest is named, as docker reads names. */
export function withDefaultTag(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return last.includes(':') || last.includes('@') ? name : `${name}:latest`;
}

/** True when an image that calls itself `own` is the one that `wanted` names: `app`, `app:1` or `docker.io/library/app:1`. */
export function namesImage(wanted: string, own: string): boolean {
  if (wanted === own) return true;
  const full = familiar(withDefaultTag(own));
  // An OCI layout may bear the tag alone.
  return familiar(withDefaultTag(wanted)) === full || full.endsWith(`:${wanted}`);
}

function familiar(name: string): string {
  return name.replace(/^docker\.io\//, '').replace(/^library\//, '');
}
