// The benchmark's images on disk: made once, kept between runs below STRATA_BENCH_DATA, else strata-bench in the
// system's temporary folder. One image in every form that is measured. What its entries are called: dataNames.ts.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { writeLayoutDocuments } from './dataLayout';
import { type NamedEntry, namedEntries } from './dataNames';
import { TarFile } from './dataTar';

export interface BenchImage {
  /** Of all layers. */
  entries: number;
  /** Layer tars, oldest first. */
  layers: string[];
  /** docker-archive of them. */
  archive: string;
  /** The same with another layer at `changedAt`. */
  changed: string;
  changedAt: number;
  changedLayer: string;
  /** OCI layouts with their blobs in order; null where they were not made. */
  gzip: OciLayout | null;
  zstd: OciLayout | null;
}

export interface OciLayout {
  folder: string;
  blobs: string[];
}

/** Raise it when what is generated changes. */
const generation = 3;

/** What a body holds of the real file at most, so that a million fit on a disk: some 3.4 KB an entry, less than real layers have. */
const maxBody = 8192;

const dataFolder = process.env.STRATA_BENCH_DATA ?? path.join(tmpdir(), 'strata-bench');

/** An image of five layers with about `count` entries: three of new files, one of changes and deletions, a small one. */
export async function manyFiles(count: number, root: string, compressed: boolean): Promise<BenchImage> {
  return kept(`files-${count}`, async (folder) => {
    const all = namedEntries(count, root);
    const bounds = [0, 0.45, 0.78, 1].map((part) => Math.floor(all.length * part));
    const parts = [0, 1, 2].map((i) => all.slice(bounds[i], bounds[i + 1]));
    const tars = [...parts.map((part, i) => tarOf(`${folder}/layer${i}.tar`, part, i > 0 ? all : []))];
    tars.push(changesTar(`${folder}/layer3.tar`, parts));
    tars.push(
      tarOf(`${folder}/layer4.tar`, parts[0]!.filter(({ kind }) => kind === 'file').slice(0, 20), []),
    );
    const changedAt = 2;
    const changed = tarOf(`${folder}/changed.tar`, parts[changedAt]!, all, 1_760_000_000);
    writeArchive(`${folder}/image.tar`, tars);
    writeArchive(
      `${folder}/image-changed.tar`,
      tars.map((tar, i) => (i === changedAt ? changed : tar)),
    );
    return {
      entries: tars.reduce((sum, tar) => sum + tar.entries, 0),
      layers: tars.map((tar) => tar.path),
      archive: `${folder}/image.tar`,
      changed: `${folder}/image-changed.tar`,
      changedAt,
      changedLayer: changed.path,
      gzip: compressed ? await ociLayout(`${folder}/gzip`, tars, 'gzip') : null,
      zstd: compressed && has('zstd') ? await ociLayout(`${folder}/zstd`, tars, 'zstd') : null,
    };
  });
}

/** One layer of three big files. */
export async function fewFiles(): Promise<Pick<BenchImage, 'archive' | 'layers'>> {
  return kept('few', async (folder) => {
    const tar = new TarFile(`${folder}/layer0.tar`);
    const bytes = 250_000_000;
    const zeros = Buffer.alloc(bytes);
    for (const name of ['model', 'data', 'cache']) {
      tar.header({ path: `opt/${name}.bin`, type: '0', bytes, mode: 0o644 });
      tar.body(zeros);
    }
    const layer = { path: `${folder}/layer0.tar`, hex: tar.end(), entries: 3 };
    writeArchive(`${folder}/image.tar`, [layer]);
    return { layers: [layer.path], archive: `${folder}/image.tar` };
  });
}

export function has(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** What `make` returned for a folder, made now if need be; the folder appears whole. */
async function kept<T>(name: string, make: (folder: string) => Promise<T>): Promise<T> {
  const folder = path.join(dataFolder, `v${generation}-${name}`);
  const description = path.join(folder, 'image.json');
  if (!existsSync(description)) {
    console.error(`${folder}: generating`);
    const making = `${folder}.${process.pid}`;
    rmSync(making, { recursive: true, force: true });
    mkdirSync(making, { recursive: true });
    const text = JSON.stringify(await make(making)).replaceAll(JSON.stringify(making).slice(1, -1), '@');
    writeFileSync(path.join(making, 'image.json'), text);
    rmSync(folder, { recursive: true, force: true });
    renameSync(making, folder);
  }
  return JSON.parse(readFileSync(description, 'utf8'), (_, value) =>
    typeof value === 'string' && value.startsWith('@') ? folder + value.slice(1) : value,
  ) as T;
}

interface Tar {
  path: string;
  /** sha256 */
  hex: string;
  entries: number;
}

/** @param all where the directories that lead to the entries are found; engines list them again in each layer */
function tarOf(
  file: string,
  entries: readonly NamedEntry[],
  all: readonly NamedEntry[],
  mtime?: number,
): Tar {
  const tar = new TarFile(file);
  const parents = new Map(all.filter(({ kind }) => kind === 'directory').map((entry) => [entry.path, entry]));
  const written = new Set<string>();
  let count = 0;
  const write = (entry: NamedEntry): void => {
    const above = parents.get(path.posix.dirname(entry.path));
    if (above && !written.has(above.path)) write(above);
    if (entry.kind === 'directory') {
      if (written.has(entry.path)) return;
      written.add(entry.path);
    }
    add(tar, entry, mtime);
    count++;
  };
  for (const entry of entries) write(entry);
  return { path: file, hex: tar.end(), entries: count };
}

/** Every 25th file of the oldest layer with another mode, every 30th of the next deleted. */
function changesTar(file: string, [base, packages]: readonly (readonly NamedEntry[])[]): Tar {
  const tar = new TarFile(file);
  const files = (part: readonly NamedEntry[], step: number) =>
    part.filter(({ kind }) => kind === 'file').filter((_, i) => i % step === 0);
  const modified = files(base!, 25);
  const deleted = files(packages!, 30);
  for (const entry of modified) add(tar, { ...entry, mode: entry.mode ^ 0o100 });
  for (const { path: name } of deleted) {
    const whiteout = path.posix.join(path.posix.dirname(name), `.wh.${path.posix.basename(name)}`);
    tar.header({ path: whiteout, type: '0', bytes: 0, mode: 0o644 });
  }
  return { path: file, hex: tar.end(), entries: modified.length + deleted.length };
}

function add(
  tar: TarFile,
  { path: name, kind, bytes, mode, link, source }: NamedEntry,
  mtime?: number,
): void {
  if (kind === 'directory') tar.header({ path: `${name}/`, type: '5', bytes: 0, mode, mtime });
  else if (kind === 'symlink') tar.header({ path: name, type: '2', bytes: 0, mode, link, mtime });
  else {
    const length = Math.min(bytes, maxBody);
    tar.header({ path: name, type: '0', bytes: length, mode, mtime });
    tar.bodyOf(source, length);
  }
}

function configOf(tars: readonly Tar[]): Buffer {
  return Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: tars.map(({ hex }) => `sha256:${hex}`) },
      history: tars.map((_, i) => ({ created_by: `COPY layer${i} /` })),
    }),
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function writeArchive(file: string, tars: readonly Tar[]): void {
  const archive = new TarFile(file);
  const config = configOf(tars);
  const document = (name: string, bytes: Uint8Array) => {
    archive.header({ path: name, type: '0', bytes: bytes.length, mode: 0o644 });
    archive.body(bytes);
  };
  for (const { path: layer, hex } of tars) {
    const { size } = statSync(layer);
    archive.header({ path: `${hex}.tar`, type: '0', bytes: size, mode: 0o644 });
    archive.bodyFrom(layer, size);
  }
  const Config = `${sha256(config)}.json`;
  document(Config, config);
  const manifest = [{ Config, RepoTags: ['bench:latest'], Layers: tars.map(({ hex }) => `${hex}.tar`) }];
  document('manifest.json', Buffer.from(JSON.stringify(manifest)));
  archive.end();
}

async function ociLayout(folder: string, tars: readonly Tar[], format: 'gzip' | 'zstd'): Promise<OciLayout> {
  const blobs = `${folder}/blobs/sha256`;
  mkdirSync(blobs, { recursive: true });
  const layers = await Promise.all(tars.map(({ path: layer }) => packed(layer, blobs, format)));
  writeLayoutDocuments(folder, configOf(tars), layers);
  return { folder, blobs: layers.map(({ digest }) => `${blobs}/${digest.slice('sha256:'.length)}`) };
}

/** Packed as engines do by default: gzip -6, zstd -3. */
async function packed(layer: string, blobs: string, format: 'gzip' | 'zstd') {
  const making = `${blobs}/${path.basename(layer)}.${format}`;
  if (format === 'gzip') {
    await pipeline(createReadStream(layer, bigChunks), createGzip({ level: 6 }), createWriteStream(making));
  } else {
    const { status } = spawnSync('zstd', ['-q', '-3', '-f', '-o', making, layer], { stdio: 'inherit' });
    if (status !== 0) throw new Error(`zstd could not pack ${layer}.`);
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(making, bigChunks), hash);
  const hex = hash.digest('hex');
  renameSync(making, `${blobs}/${hex}`);
  const mediaType = `application/vnd.oci.image.layer.v1.tar+${format}`;
  return { mediaType, digest: `sha256:${hex}`, size: statSync(`${blobs}/${hex}`).size };
}

const bigChunks = { highWaterMark: 2 ** 20 };
