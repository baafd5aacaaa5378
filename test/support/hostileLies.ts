// Digests that lie, and places that loop.
import { sha256 } from '../../server/src/primitives/digest';
import {
  dockerImage,
  type HostileCase,
  type Outcome,
  ociImage,
  onDisk,
  type StoredForm,
  storedLayer,
} from './hostileArchives';
import { all, docker, type Json, layers, measured, oci, one, refused, two } from './hostileDocument';
import { type Files, json } from './imageFiles';

/** Digests that lie, and places that loop. */
export async function lies(): Promise<HostileCase[]> {
  const cases: HostileCase[] = [];
  const add = async (name: string, files: Files, form: StoredForm, expect: Outcome): Promise<void> => {
    const { disk, reference } = await onDisk(files, form);
    cases.push({ name: `${name}: ${form}`, disk: () => disk, reference, expect });
  };
  const blobOf = (files: Files, document: (json: Json) => boolean): string =>
    [...files.keys()].find((path) => {
      const data = files.get(path);
      if (!path.startsWith('blobs/') || !(data instanceof Uint8Array) || data[0] !== 0x7b) return false;
      return document(JSON.parse(Buffer.from(data).toString()) as Json);
    })!;
  const otherDigest = refused(/holds other bytes than its digest says/);
  for (const form of oci) {
    for (const [name, test] of [
      ['a config with other bytes', (d: Json) => 'rootfs' in d],
      ['a manifest with other bytes', (d: Json) => 'layers' in d],
    ] as const) {
      const files = ociImage(layers);
      const path = blobOf(files, test);
      files.set(path, Buffer.concat([files.get(path) as Uint8Array, Buffer.from(' ')]));
      await add(name, files, form, otherDigest);
    }
    const files = ociImage(layers);
    files.set(`blobs/sha256/${sha256(layers[1]!.stored).slice(7)}`, storedLayer(one, 'gzip').stored);
    await add('a layer blob with the bytes of another', files, form, {
      unpacked: [1, null],
      visible: null,
      problems: [/Layer 1 .* could not be read\. .*digest/, /bytes and its manifest says/],
    });
  }
  for (const form of all) {
    const imageOf = form === 'oci' || form === 'oci-archive' ? ociImage : dockerImage;
    const plain = [storedLayer(one), storedLayer(two)];
    const swapped = plain.map(({ stored }, i) => ({ stored, diffId: plain[1 - i]!.diffId }));
    await add('plain layers under each other’s DiffIDs', imageOf(swapped), form, {
      unpacked: [null, null],
      visible: null,
      problems: [
        /Layer [01] .* stored plain as sha256:.*, so its DiffID is wrong/,
        /Layer [01] .* does not hold its bytes/,
      ],
    });
    // Compressed layers are not hashed to learn their DiffIDs: each is measured as it is stored, at its place.
    const claimed = layers.map(({ stored }, i) => ({ stored, diffId: layers[1 - i]!.diffId }));
    await add('compressed layers under each other’s DiffIDs', imageOf(claimed), form, measured);
    const missing = imageOf(layers);
    missing.delete(`blobs/sha256/${sha256(layers[0]!.stored).slice(7)}`);
    await add('a layer that is not there', missing, form, {
      unpacked: [null, 2],
      visible: null,
      problems: [/Layer 0 .* bytes are missing/, /Layer 0 .* does not hold its bytes/],
    });
    const twice = [layers[0]!, layers[1]!, layers[0]!];
    await add('the same layer twice', imageOf(twice), form, {
      unpacked: [1, 2, 1],
      added: [1, 1, 0],
      visible: 3,
      problems: [],
    });
  }
  for (const form of docker) {
    const files = dockerImage(layers);
    const path = blobOf(files, (d) => 'rootfs' in d);
    files.set(path, Buffer.concat([files.get(path) as Uint8Array, Buffer.from(' ')]));
    await add('a config with other bytes', files, form, otherDigest);
    const looping = dockerImage(layers);
    const [first, second] = layers.map(({ stored }) => `blobs/sha256/${sha256(stored).slice(7)}`);
    looping.set(first!, { link: `../../${second}` });
    looping.set(second!, { link: `../../${first}` });
    await add('layers that are links to each other', looping, form, {
      unpacked: [null, null],
      visible: null,
      problems: [/Layer [01] .* bytes are missing/, /Layer [01] .* does not hold its bytes/],
    });
    const manifest = dockerImage(layers);
    manifest.set('manifest.json', { link: 'manifest.json' });
    await add('a manifest that is a link to itself', manifest, form, refused(/no manifest\.json/));
  }
  // Nested indexes: a chain that is too deep, and a few that name each other many times.
  for (const form of oci) {
    for (const [name, depth, width, expect] of [
      ['a chain of 8 indexes', 8, 1, measured],
      ['a chain of 9 indexes', 9, 1, refused(/more manifests than any image needs/, 'hostile')],
      ['4 indexes of 10 times the next', 4, 10, refused(/more manifests than any image needs/, 'hostile')],
    ] as const) {
      const files = ociImage(layers);
      for (let i = 0; i < depth; i++) {
        const inner = files.get('index.json') as Uint8Array;
        files.set(`blobs/sha256/${sha256(inner).slice(7)}`, inner);
        const entry = { digest: sha256(inner), size: inner.length };
        files.set(
          'index.json',
          json({ schemaVersion: 2, manifests: Array.from({ length: width }, () => entry) }),
        );
      }
      await add(name, files, form, expect);
    }
  }
  return cases;
}
