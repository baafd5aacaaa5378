// Images that are broken on purpose, and the one check of what comes of them: read through `openImage` and
// `measureImage` of a memory host, an archive is refused in words or measured exactly, and nothing is left behind.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { openImage } from '../../server/src/image/open';
import type { IndexLimits } from '../../server/src/layers/indexLimits';
import { measureImage } from '../../server/src/layers/measureImage';
import type { DecompressLimits } from '../../server/src/primitives/decompress';
import { type Digest, sha256 } from '../../server/src/primitives/digest';
import { StrataError } from '../../server/src/primitives/errors';
import { archive, compress, type Files, folder, json } from './imageFiles';
import type { LayerCompression } from './imageFixture';
import { memoryHost } from './memoryHost';

export interface HostileCase {
  /** A sentence; the test's name. */
  name: string;
  /** What lies on the disk, by path. */
  disk: () => Promise<Iterable<[string, string | Uint8Array]>> | Iterable<[string, string | Uint8Array]>;
  reference: string;
  platform?: string;
  limits?: IndexLimits;
  decompressLimits?: DecompressLimits;
  expect: Outcome;
}

/** `refused`: the code, and words of the message. Else numbers, and a pattern for each problem: none may be without. */
export type Outcome =
  | { refused: string; words: RegExp }
  | { unpacked: (number | null)[]; added?: (number | null)[]; visible: number | null; problems: RegExp[] };

/** Runs a case and asserts its outcome and what holds for all: no crash, nothing written that stays, no file left open. */
export async function checkHostile(hostile: HostileCase): Promise<void> {
  const { outcome, openFiles, written } = await outcomeOf(hostile);
  assert.equal(openFiles, 0, 'files are left open');
  assert.deepEqual(written, [], 'something was written');
  const { expect } = hostile;
  if ('refused' in expect) {
    if (!('code' in outcome)) assert.fail(`measured, not refused: ${JSON.stringify(outcome)}`);
    assert.equal(outcome.code, expect.refused, outcome.message);
    assert.match(outcome.message, expect.words);
    assert.match(outcome.message, /\.$/);
    assert.ok(outcome.message.length < 10_000, 'a message of boundless length');
    return;
  }
  if ('code' in outcome) assert.fail(`refused: ${outcome.code}: ${outcome.message}`);
  assert.deepEqual(outcome.unpacked, expect.unpacked, outcome.problems.join('\n'));
  if (expect.added) assert.deepEqual(outcome.added, expect.added);
  assert.equal(outcome.visible, expect.visible);
  for (const problem of outcome.problems)
    assert.ok(
      expect.problems.some((pattern) => pattern.test(problem)),
      `nobody expects: ${problem}`,
    );
  for (const pattern of expect.problems)
    assert.ok(
      outcome.problems.some((problem) => pattern.test(problem)),
      `${pattern} is not said: ${outcome.problems.join(' | ')}`,
    );
}

export interface Refusal {
  code: string;
  message: string;
}
export interface Numbers {
  unpacked: (number | null)[];
  added: (number | null)[];
  visible: number | null;
  problems: string[];
}

/** What comes of a case. Throws what is no StrataError. */
export async function outcomeOf(
  hostile: Omit<HostileCase, 'name' | 'expect'>,
): Promise<{ outcome: Refusal | Numbers; openFiles: number; written: string[] }> {
  const host = memoryHost({ files: await hostile.disk() });
  const before = new Map(host.disk);
  const { platform, limits, decompressLimits } = hostile;
  let outcome: Refusal | Numbers;
  try {
    const image = await openImage(host, hostile.reference, platform === undefined ? {} : { platform });
    const { measured } = await measureImage(host, image, {
      ...(limits ? { limits } : {}),
      ...(decompressLimits ? { decompressLimits } : {}),
    });
    await image.close();
    outcome = {
      unpacked: measured.layers.map(({ unpackedBytes }) => unpackedBytes),
      added: measured.layers.map(({ added }) => added),
      visible: measured.visibleBytes,
      problems: measured.problems,
    };
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    outcome = { code: error.code, message: error.message };
  }
  const written = [...host.disk].flatMap(([path, bytes]) => (before.get(path) === bytes ? [] : [path]));
  // An archive that is packed as a whole is unpacked into a folder of ours, which is gone by now.
  const own = /^(?:makeTemporary|create|remove) \/tmp\/strata-\d+(?:\/image\.tar)?$/;
  const wrote = host.calls.filter(
    (call) => /^(?:writeWhole|create|makeDirectory|makeTemporary|remove)/.test(call) && !own.test(call),
  );
  const left = (await host.files.list('/tmp')).map(({ name }) => `/tmp/${name}`);
  return { outcome, openFiles: host.openFiles, written: [...written, ...wrote, ...left] };
}

/** A layer as it is stored, and the DiffID that the config claims for it. */
export interface StoredLayer {
  stored: Uint8Array;
  diffId: Digest;
  mediaType?: string;
}

export function storedLayer(tar: Uint8Array, compression: LayerCompression = 'none'): StoredLayer {
  return { stored: compress(tar, compression), diffId: sha256(tar) };
}

export interface Documents {
  config: Record<string, unknown>;
  /** Of an OCI image. */
  manifest: Record<string, unknown>;
  index: Record<string, unknown>;
  /** manifest.json of docker save. */
  saved: Record<string, unknown>[];
}

export interface Changes {
  /** Changed in place, or another value in its place, before the digests are made. */
  config?: (value: Documents['config']) => unknown;
  manifest?: (value: Documents['manifest']) => unknown;
  index?: (value: Documents['index']) => unknown;
  saved?: (value: Documents['saved']) => unknown;
}

export const storedForms = ['docker-archive', 'packed-archive', 'oci', 'oci-archive'] as const;
export type StoredForm = (typeof storedForms)[number];

/** The disk and the reference of an image in a form. */
export async function storedImage(
  layers: readonly StoredLayer[],
  form: StoredForm,
  changes: Changes = {},
): Promise<{ disk: [string, Uint8Array][]; reference: string }> {
  const isOci = form === 'oci' || form === 'oci-archive';
  const files = isOci ? ociImage(layers, changes) : dockerImage(layers, changes);
  return onDisk(files, form);
}

/** Files of an image as they lie on the disk in a form. */
export async function onDisk(
  files: Files,
  form: StoredForm,
): Promise<{ disk: [string, Uint8Array][]; reference: string }> {
  if (form === 'oci') {
    const disk = [...folder(files, 'layout')].map(([name, bytes]): [string, Uint8Array] => [
      `/${name}`,
      bytes,
    ]);
    return { disk, reference: 'oci:/layout' };
  }
  const tar = (await archive(files)).get('image.tar')!;
  const bytes = form === 'packed-archive' ? gzipSync(tar, { level: 1 }) : tar;
  const transport = form === 'oci-archive' ? 'oci-archive' : 'docker-archive';
  return { disk: [['/image.tar', bytes]], reference: `${transport}:/image.tar` };
}

function configOf(layers: readonly StoredLayer[]): Documents['config'] {
  return {
    os: 'linux',
    architecture: 'amd64',
    config: {},
    history: layers.map((_, i) => ({ created_by: `RUN layer ${i}` })),
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  };
}

function changed<T>(value: T, change: ((value: T) => unknown) | undefined): unknown {
  return change ? (change(value) ?? value) : value;
}

/** What a document is written as: JSON, or these very bytes. */
function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : json(value);
}

export function ociImage(layers: readonly StoredLayer[], changes: Changes = {}): Files {
  const files: Files = new Map();
  const put = (bytes: Uint8Array): { digest: Digest; size: number } => {
    const digest = sha256(bytes);
    files.set(`blobs/sha256/${digest.slice(7)}`, bytes);
    return { digest, size: bytes.length };
  };
  const config = put(bytesOf(changed(configOf(layers), changes.config)));
  const manifest: Documents['manifest'] = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: layers.map(({ stored, mediaType = 'application/vnd.oci.image.layer.v1.tar' }) => ({
      mediaType,
      ...put(stored),
    })),
  };
  const entry = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    ...put(bytesOf(changed(manifest, changes.manifest))),
    platform: { os: 'linux', architecture: 'amd64' },
    annotations: { 'org.opencontainers.image.ref.name': 'app:1' },
  };
  files.set('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  files.set(
    'index.json',
    bytesOf(changed<Documents['index']>({ schemaVersion: 2, manifests: [entry] }, changes.index)),
  );
  return files;
}

export function dockerImage(layers: readonly StoredLayer[], changes: Changes = {}): Files {
  const files: Files = new Map();
  const put = (bytes: Uint8Array): string => {
    const path = `blobs/sha256/${sha256(bytes).slice(7)}`;
    files.set(path, bytes);
    return path;
  };
  const saved: Documents['saved'] = [
    {
      Config: put(bytesOf(changed(configOf(layers), changes.config))),
      RepoTags: ['app:1'],
      Layers: layers.map(({ stored }) => put(stored)),
    },
  ];
  files.set('manifest.json', bytesOf(changed(saved, changes.saved)));
  return files;
}
