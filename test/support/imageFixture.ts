// Images written from literals, in every form that an image comes in:
//   imageFixture({ layers: [{ 'etc/a': 'x' }, { 'etc/.wh.a': '' }] })
// The forms are those of the tools named beside them, made here byte for byte in their layout.
import { gzipSync } from 'node:zlib';
import { chainIds, type Digest, sha256 } from '../../server/src/primitives/digest';
import { packTar, type TarMemberToWrite } from '../../server/src/primitives/tar';
import { archive, dockerFiles, folder, legacyFiles, ociFiles, podmanFiles } from './imageFiles';
import { type MemoryHost, type MemoryHostOptions, memoryHost } from './memoryHost';

/** A file's content, or a member in full. A name that ends with a slash is a directory. */
export type EntryLiteral = string | Uint8Array | Omit<TarMemberToWrite, 'name'>;
/** Entries in order; or a whole tar as bytes. */
export type LayerLiteral = { [name: string]: EntryLiteral | undefined } | Uint8Array;

export interface ImageLiteral {
  layers: LayerLiteral[];
  /** Default: one entry for each layer. */
  history?: object[];
  os?: string;
  architecture?: string;
  variant?: string;
  /** Merged into the config file. */
  config?: object;
  /** Default: app:1. */
  name?: string;
}

export type LayerCompression = 'none' | 'gzip' | 'zstd';

export interface ImageFixture {
  name: string;
  tars: Uint8Array[];
  diffIds: Digest[];
  chainIds: Digest[];
  configBytes: Uint8Array;
  /** Digest of the config. */
  id: Digest;
  os: string;
  architecture: string;
  variant: string | undefined;
}

export async function imageFixture(image: ImageLiteral): Promise<ImageFixture> {
  const tars = await Promise.all(image.layers.map(layerTar));
  const diffIds = tars.map((tar) => sha256(tar));
  const { os = 'linux', architecture = 'amd64', variant, name = 'app:1' } = image;
  const history = image.history ?? diffIds.map((_, i) => ({ created_by: `RUN layer ${i}` }));
  const config = {
    os,
    architecture,
    variant,
    config: {},
    history,
    rootfs: { type: 'layers', diff_ids: diffIds },
  };
  const configBytes = Buffer.from(JSON.stringify({ ...config, ...image.config }), 'utf8');
  return {
    name,
    tars,
    diffIds,
    chainIds: chainIds(diffIds),
    configBytes,
    id: sha256(configBytes),
    os,
    architecture,
    variant,
  };
}

/** A layer's tar. */
export function layerTar(layer: LayerLiteral): Promise<Uint8Array> {
  if (layer instanceof Uint8Array) return Promise.resolve(layer);
  return packTar(
    Object.entries(layer).map(([name, entry]) =>
      typeof entry === 'string' || entry instanceof Uint8Array
        ? { name, content: entry }
        : { name, ...entry },
    ),
  );
}

export const imageForms = [
  'docker-archive-legacy', // docker save up to 24
  'docker-archive', // docker save of 25 and later, graph drivers
  'podman-archive', // podman save
  'containerd-archive', // docker save with containerd's image store: layers as pulled
  'packed-archive', // docker save | gzip
  'oci', // buildx -o type=oci,tar=false, skopeo copy … oci:
  'oci-archive', // buildx -o type=oci
  'docker-daemon', // docker save, called by us
  'containers-storage', // podman save, called by us
] as const;
export type ImageForm = (typeof imageForms)[number];

/** A form may fix how its layers are stored. */
export const formCompressions: Record<ImageForm, readonly LayerCompression[]> = {
  'docker-archive-legacy': ['none'],
  'docker-archive': ['none'],
  'podman-archive': ['none'],
  'containerd-archive': ['gzip', 'zstd', 'none'],
  'packed-archive': ['none'],
  oci: ['gzip', 'zstd', 'none'],
  'oci-archive': ['gzip', 'zstd', 'none'],
  'docker-daemon': ['none'],
  'containers-storage': ['none'],
};

/** A host whose disk (or engine) holds the images in a form, and the reference that opens them. */
export async function imageHost(
  images: ImageLiteral | ImageFixture | (ImageLiteral | ImageFixture)[],
  form: ImageForm,
  compression: LayerCompression = 'none',
  options: MemoryHostOptions = {},
): Promise<{ host: MemoryHost; reference: string; fixtures: ImageFixture[] }> {
  const fixtures = await Promise.all(
    [images].flat().map((image) => ('tars' in image ? image : imageFixture(image))),
  );
  const files = await writeImages(fixtures, form, compression);
  const paths = Object.fromEntries([...files].map(([name, data]) => [`/images/${name}`, data]));
  if (form === 'docker-daemon' || form === 'containers-storage') {
    const play = form === 'docker-daemon' ? playDocker : playPodman;
    const engine = memoryHost({ run: (_, args) => play(engine, fixtures, paths, args), ...options });
    return { host: engine, reference: `${form}:${fixtures[0]!.name}`, fixtures };
  }
  const reference =
    form === 'oci'
      ? 'oci:/images/layout'
      : `${form === 'oci-archive' ? form : 'docker-archive'}:/images/image.tar`;
  return { host: memoryHost({ files: paths, ...options }), reference, fixtures };
}

function playDocker(
  host: MemoryHost,
  fixtures: ImageFixture[],
  paths: Record<string, Uint8Array>,
  args: readonly string[],
): { code?: number; stdout?: string; stderr?: string } {
  const image = fixtures.find(({ name }) => name === args.at(-1));
  if (!image) return { code: 1, stderr: `Error response from daemon: No such image: ${args.at(-1)}\n` };
  if (args[0] === 'image' && args[1] === 'inspect') {
    const { id, os, architecture, diffIds } = image;
    return {
      stdout: JSON.stringify([{ Id: id, Os: os, Architecture: architecture, RootFS: { Layers: diffIds } }]),
    };
  }
  if (args[0] === 'save' && args[1] === '--output') {
    host.disk.set(args[2]!, paths['/images/image.tar']!);
    return {};
  }
  return { code: 1, stderr: `docker: '${args[0]}' is not played\n` };
}

function playPodman(
  host: MemoryHost,
  fixtures: ImageFixture[],
  paths: Record<string, Uint8Array>,
  args: readonly string[],
): { code?: number; stdout?: string; stderr?: string } {
  const image = fixtures.find(({ name }) => name === args.at(-1));
  if (!image) return { code: 125, stderr: `Error: inspecting object: ${args.at(-1)}: image not known\n` };
  if (args[0] === 'image' && args[1] === 'inspect') {
    const { id, diffIds } = image;
    return { stdout: JSON.stringify([{ Id: id.slice(7), RootFS: { Layers: diffIds } }]) };
  }
  const path = args[args.indexOf('--output') + 1];
  if (args[0] === 'save' && args.includes('docker-archive') && path !== undefined) {
    if (host.disk.has(path))
      return { code: 125, stderr: "Error: docker-archive doesn't support modifying existing images\n" };
    host.disk.set(path, paths['/images/image.tar']!);
    return {};
  }
  return { code: 125, stderr: `Error: unrecognized command podman ${args[0]}\n` };
}

/** The files of a form, by name; archives are `image.tar`, the folder is `layout`. */
export async function writeImages(
  fixtures: ImageFixture[],
  form: ImageForm,
  compression: LayerCompression = 'none',
): Promise<Map<string, Uint8Array>> {
  switch (form) {
    case 'oci':
      return folder(ociFiles(fixtures, compression), 'layout');
    case 'oci-archive':
      return archive(ociFiles(fixtures, compression));
    case 'docker-archive-legacy':
      return archive(legacyFiles(fixtures));
    case 'podman-archive':
    case 'containers-storage':
      return archive(podmanFiles(fixtures));
    case 'packed-archive': {
      const files = await archive(dockerFiles(fixtures, 'none'));
      return new Map([['image.tar', gzipSync(files.get('image.tar')!)]]);
    }
    default:
      return archive(dockerFiles(fixtures, compression));
  }
}
