// Images as the mapping tests see them: read with a few lines of their own, so that what they find is independent of
// the code under test. Also serves an OCI layout as a registry on 127.0.0.1, for a FROM that BuildKit has to pull.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { HistoryEntry } from '../../../server/src/image/model';
import type { Digest } from '../../../server/src/primitives/digest';
import { run } from '../../support/daemons';

export interface OpenedImage {
  history: HistoryEntry[];
  layers: { index: number; diffId: Digest; blobDigest: Digest | null; files: Map<string, string> }[];
}

/** The image of an OCI layout in a folder. */
export function openLayout(folder: string): OpenedImage {
  const blob = (digest: string) => fs.readFileSync(path.join(folder, 'blobs', ...digest.split(':')));
  const read = (digest: string) => JSON.parse(blob(digest).toString('utf8'));
  let manifest = JSON.parse(fs.readFileSync(path.join(folder, 'index.json'), 'utf8'));
  while (manifest.manifests) manifest = read(manifest.manifests[0].digest);
  return imageOf(
    read(manifest.config.digest),
    manifest.layers.map(({ digest }: { digest: Digest }) => ({
      blobDigest: digest,
      tar: gunzipSync(blob(digest)),
    })),
  );
}

/** An image in a Docker Engine, through `docker save`. */
export async function openSaved(
  docker: string,
  env: Record<string, string>,
  reference: string,
  folder: string,
): Promise<OpenedImage> {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const archive = path.join(folder, 'image.tar');
  const saved = await run(docker, ['save', '--output', archive, reference], { env });
  if (saved.code !== 0) throw new Error(`docker save ${reference}: ${saved.stderr}`);
  const unpacked = await run('tar', ['-C', folder, '-xf', archive]);
  if (unpacked.code !== 0) throw new Error(`tar: ${unpacked.stderr}`);
  const [{ Config, Layers }] = JSON.parse(fs.readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
  return imageOf(
    JSON.parse(fs.readFileSync(path.join(folder, Config), 'utf8')),
    Layers.map((name: string) => {
      // Docker 25 and later name blobs by their digests; with containerd's store they are compressed.
      const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
      const bytes = fs.readFileSync(path.join(folder, name));
      const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
      return { blobDigest: hex ? `sha256:${hex}` : null, tar: isPacked ? gunzipSync(bytes) : bytes };
    }),
  );
}

interface Config {
  rootfs: { diff_ids: Digest[] };
  history?: { created_by?: string; comment?: string; empty_layer?: boolean; created?: string }[];
}

function imageOf(config: Config, blobs: { blobDigest: Digest | null; tar: Buffer }[]): OpenedImage {
  return {
    history: (config.history ?? []).map((entry) => ({
      createdBy: entry.created_by ?? '',
      comment: entry.comment ?? '',
      emptyLayer: entry.empty_layer ?? false,
      created: entry.created ?? null,
    })),
    layers: blobs.map(({ blobDigest, tar }, index) => {
      const diffId = config.rootfs.diff_ids[index]!;
      const found = `sha256:${createHash('sha256').update(tar).digest('hex')}`;
      if (found !== diffId) throw new Error(`layer ${index} is ${found}, the config says ${diffId}`);
      return { index, diffId, blobDigest, files: filesOf(tar) };
    }),
  };
}

/** Names without a leading `./` and a trailing slash, and what is in regular files. Short names only. */
function filesOf(tar: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const text = (from: number, length: number) =>
      tar.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    const size = Number.parseInt(text(124, 12).trim() || '0', 8);
    const name = [text(345, 155), text(0, 100)].filter(Boolean).join('/');
    // Only plain entries count: what pax or GNU headers say beside a name (times, long names) is not asked for.
    if (/[0\0 5]/.test(text(156, 1)) || text(156, 1) === '') {
      files.set(
        name.replace(/^\.?\//, '').replace(/\/$/, ''),
        tar.toString('utf8', at + 512, at + 512 + size),
      );
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

export interface Registry {
  /** `127.0.0.1:1234/` */
  prefix: string;
  /** Makes the image of a layout pullable as `<prefix>name:1`. */
  add(name: string, layout: string): void;
  stop(): Promise<void>;
}

/** As much of the distribution API as a pull needs. */
export async function startRegistry(): Promise<Registry> {
  const layouts = new Map<string, string>();
  const server = http.createServer((request, response) => {
    const [, name = '', kind = '', reference = ''] =
      /^\/v2\/([^/]+)\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? [];
    const layout = layouts.get(name);
    if (request.url === '/v2/') return void response.end('{}');
    if (!layout) return void response.writeHead(404).end();
    const index = JSON.parse(fs.readFileSync(path.join(layout, 'index.json'), 'utf8'));
    const digest: string = reference.startsWith('sha256:') ? reference : index.manifests[0].digest;
    const file = path.join(layout, 'blobs', ...digest.split(':'));
    if (!fs.existsSync(file)) return void response.writeHead(404).end();
    const bytes = fs.readFileSync(file);
    const type =
      kind === 'manifests'
        ? (JSON.parse(bytes.toString('utf8')).mediaType ?? '')
        : 'application/octet-stream';
    response.writeHead(200, {
      'content-type': type,
      'content-length': bytes.length,
      'docker-content-digest': digest,
    });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    prefix: `127.0.0.1:${(server.address() as AddressInfo).port}/`,
    add: (name, layout) => layouts.set(name, layout),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
