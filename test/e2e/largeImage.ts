// An image of more than 100,000 files in three layers, written without a builder as an OCI layout, and the record that a
// build of it would have left: what the suite `large` opens. Names that are long, or run from right to left, are in it.
import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeLayoutDocuments } from '../../bench/dataLayout';
import { TarFile } from '../../bench/dataTar';
import { keepRecordOf } from '../../bench/keptRecord';

const text = `FROM scratch
COPY assets /srv/assets/
COPY modules /srv/modules/
RUN ["/bin/tidy"]
`;

/** Files of the one big directory, and of many small ones. */
const assets = 50_000;
const modules = { directories: 600, files: 100 };

/** Writes the Dockerfile and the layout into `folder`, and the record into `storage`. @param dist the built bundles */
export async function makeLargeImage(folder: string, storage: string, dist: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const dockerfile = path.join(folder, 'Dockerfile');
  writeFileSync(dockerfile, text);
  const layout = path.join(folder, 'image');
  writeLayout(layout);
  const worker = path.join(dist, 'indexWorker.js');
  await keepRecordOf(`oci:${layout}`, { dockerfile, text, storage }, worker);
}

function writeLayout(layout: string): void {
  const blobs = path.join(layout, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const layers = [assetsLayer, modulesLayer, tidyLayer].map((fill, i) => {
    const making = path.join(layout, `layer${i}.tar`);
    const tar = new TarFile(making);
    fill(tar);
    const hex = tar.end();
    return { making, hex, size: statSync(making).size };
  });
  for (const { making, hex } of layers) renameSync(making, path.join(blobs, hex));
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ hex }) => `sha256:${hex}`) },
    history: [
      { created_by: 'COPY assets /srv/assets/ # buildkit', comment: 'buildkit.dockerfile.v0' },
      { created_by: 'COPY modules /srv/modules/ # buildkit', comment: 'buildkit.dockerfile.v0' },
      { created_by: 'RUN /bin/tidy # buildkit', comment: 'buildkit.dockerfile.v0' },
    ],
  };
  writeLayoutDocuments(
    layout,
    Buffer.from(JSON.stringify(config)),
    layers.map(({ hex, size }) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar',
      digest: `sha256:${hex}`,
      size,
    })),
  );
}

function assetsLayer(tar: TarFile): void {
  directory(tar, 'srv');
  directory(tar, 'srv/assets');
  for (let i = 0; i < assets; i++) file(tar, assetName(i), i % 400);
}

function modulesLayer(tar: TarFile): void {
  directory(tar, 'srv');
  directory(tar, 'srv/modules');
  for (let d = 0; d < modules.directories; d++) {
    directory(tar, `srv/modules/package-${d}`);
    for (let f = 0; f < modules.files; f++) file(tar, `srv/modules/package-${d}/part-${f}.js`, (d + f) % 300);
  }
}

/** Some changed, some deleted, and names that are hard to show. */
function tidyLayer(tar: TarFile): void {
  for (let i = 0; i < 9_000; i++) file(tar, assetName(i), (i % 400) + 1);
  for (let i = 40_000; i < 41_000; i++) file(tar, assetName(i).replace(/[^/]+$/, '.wh.$&'), 0);
  directory(tar, 'srv/names');
  for (const name of hardNames) file(tar, `srv/names/${name}`, 20_000);
}

const hardNames = [
  `${'a-very-long-name-'.repeat(15).slice(0, 251)}.txt`,
  'תמונה-ראשית-גדולה.png',
  'ملف الإعدادات.conf',
  '漢字とかなの長い名前のファイル.txt',
  'report\u202efdp.exe',
  'with spaces  and\ttab',
  '🗂️ folder notes.md',
];

function assetName(i: number): string {
  return `srv/assets/asset-${String(i).padStart(5, '0')}.bin`;
}

function directory(tar: TarFile, name: string): void {
  tar.header({ path: `${name}/`, type: '5', bytes: 0, mode: 0o755 });
}

function file(tar: TarFile, name: string, bytes: number): void {
  tar.header({ path: name, type: '0', bytes, mode: 0o644 });
  tar.body(Buffer.alloc(bytes, name));
}
