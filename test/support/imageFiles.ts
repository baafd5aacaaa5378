// The files of an image in each form, by name, byte for byte in the layout of the tools that write it. Which form is
// wanted, and where the files go, is imageFixture.ts.
import { gzipSync } from 'node:zlib';
import { type Digest, sha256 } from '../../server/src/primitives/digest';
import { packTar, type TarMemberToWrite } from '../../server/src/primitives/tar';
import type { ImageFixture, LayerCompression } from './imageFixture';

/** Content, or where a symbolic link leads. */
export type Files = Map<string, Uint8Array | { link: string }>;

export function folder(files: Files, name: string): Map<string, Uint8Array> {
  const plain = new Map<string, Uint8Array>();
  for (const [path, data] of files) if (data instanceof Uint8Array) plain.set(`${name}/${path}`, data);
  return plain;
}

export async function archive(files: Files): Promise<Map<string, Uint8Array>> {
  const members = [...files].map(
    ([name, data]): TarMemberToWrite =>
      data instanceof Uint8Array ? { name, content: data } : { name, type: 'symlink', link: data.link },
  );
  return new Map([['image.tar', await packTar(members)]]);
}

export function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

export function legacyFiles(fixtures: ImageFixture[]): Files {
  const files: Files = new Map();
  const at = new Map<Digest, string>();
  const manifest = fixtures.map(({ name, tars, diffIds, chainIds: chain, configBytes, id }) => {
    const layers = tars.map((tar, i) => {
      const folder = chain[i]!.slice(7);
      files.set(`${folder}/VERSION`, Buffer.from('1.0'));
      files.set(`${folder}/json`, json({ id: folder }));
      const path = `${folder}/layer.tar`;
      const known = at.get(diffIds[i]!);
      if (known === undefined) at.set(diffIds[i]!, folder);
      if (!files.has(path)) files.set(path, known === undefined ? tar : { link: `../${known}/layer.tar` });
      return path;
    });
    files.set(`${id.slice(7)}.json`, configBytes);
    return { Config: `${id.slice(7)}.json`, RepoTags: [name], Layers: layers };
  });
  files.set('manifest.json', json(manifest));
  files.set('repositories', json({}));
  return files;
}

export function podmanFiles(fixtures: ImageFixture[]): Files {
  const files: Files = new Map();
  const manifest = fixtures.map(({ name, tars, diffIds, chainIds: chain, configBytes, id }) => {
    const layers = tars.map((tar, i) => {
      const path = `${diffIds[i]!.slice(7)}.tar`;
      files.set(path, tar);
      files.set(`${chain[i]!.slice(7)}/layer.tar`, { link: `../${path}` });
      return path;
    });
    files.set(`${id.slice(7)}.json`, configBytes);
    return { Config: `${id.slice(7)}.json`, RepoTags: [`localhost/${name}`], Layers: layers };
  });
  files.set('manifest.json', json(manifest));
  return files;
}

export function dockerFiles(fixtures: ImageFixture[], compression: LayerCompression): Files {
  const files = ociFiles(fixtures, compression);
  const manifest = fixtures.map((fixture) => {
    const stored = fixture.tars.map((tar) => compress(tar, compression));
    const sources = fixture.diffIds.map((diffId, i) => {
      const source = { mediaType: ociType(compression), size: stored[i]!.length, digest: sha256(stored[i]!) };
      return [diffId, source];
    });
    return {
      Config: `blobs/sha256/${fixture.id.slice(7)}`,
      RepoTags: [fixture.name],
      Layers: stored.map((bytes) => `blobs/sha256/${sha256(bytes).slice(7)}`),
      LayerSources: Object.fromEntries(sources),
    };
  });
  files.set('manifest.json', json(manifest));
  return files;
}

/** An OCI layout; what else an index may hold, tests add with `ociDescriptor`. */
export function ociFiles(fixtures: ImageFixture[], compression: LayerCompression): Files {
  const files: Files = new Map();
  const manifests = fixtures.map((fixture) => ociDescriptor(files, fixture, compression));
  files.set('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  files.set('index.json', json({ schemaVersion: 2, manifests }));
  return files;
}

/** Writes an image's blobs and gives its entry in an index. */
export function ociDescriptor(files: Files, fixture: ImageFixture, compression: LayerCompression): object {
  const { name, tars, configBytes, os, architecture, variant } = fixture;
  const put = (mediaType: string, bytes: Uint8Array): object => {
    const digest = sha256(bytes);
    files.set(`blobs/sha256/${digest.slice(7)}`, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const config = put('application/vnd.oci.image.config.v1+json', configBytes);
  const layers = tars.map((tar) => put(ociType(compression), compress(tar, compression)));
  return {
    ...put(mediaType, json({ schemaVersion: 2, mediaType, config, layers })),
    platform: { os, architecture, variant },
    annotations: {
      'io.containerd.image.name': `docker.io/library/${name}`,
      'org.opencontainers.image.ref.name': name,
    },
  };
}

function ociType(compression: LayerCompression): string {
  return `application/vnd.oci.image.layer.v1.tar${compression === 'none' ? '' : `+${compression}`}`;
}

export function compress(bytes: Uint8Array, compression: LayerCompression): Uint8Array {
  if (compression === 'none') return bytes;
  return compression === 'gzip' ? gzipSync(bytes) : zstdStored(bytes);
}

/** A zstd frame of raw blocks (RFC 8878): real zstd for any reader, and Node 20 has none to make it. */
export function zstdStored(bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(6);
  head.writeUInt32LE(0xfd2fb528, 0);
  head[5] = 0x38; // window of 128 KiB
  const parts: Uint8Array[] = [head];
  for (let at = 0; at === 0 || at < bytes.length; at += 131_072) {
    const block = bytes.subarray(at, at + 131_072);
    const last = at + 131_072 >= bytes.length ? 1 : 0;
    const header = (block.length << 3) | last;
    parts.push(Uint8Array.of(header & 0xff, (header >> 8) & 0xff, header >> 16), block);
  }
  return Buffer.concat(parts);
}
