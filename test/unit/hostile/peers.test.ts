// What other tools fell over (their issues and sources), where no other file has the test yet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { measureImage } from '../../../server/src/layers/measureImage';
import { checkHostile, storedForms, storedImage, storedLayer } from '../../support/hostileArchives';
import { type ImageForm, imageForms, imageHost } from '../../support/imageFixture';
import { memoryHost } from '../../support/memoryHost';
import { base256, rawEntry, rawHeader, rawPax, rawTar } from '../../support/rawTar';

test('peers 9: a Windows image is measured, and its base layer that only Microsoft may give is unknown', async () => {
  const own = rawTar(
    rawPax([
      ['MSWINDOWS.fileattr', '16'],
      ['MSWINDOWS.rawsd', 'AQAUgBQAAAAkAAAA'],
      ['LIBARCHIVE.creationtime', '131000000000000000'],
    ]),
    rawHeader({ name: 'Files/Windows/', type: '5' }),
    rawEntry({ name: 'Files/Windows/app.exe' }, 'MZ'),
    rawEntry({ name: 'Hives/Software_Delta' }, 'regf'),
  );
  const base = storedLayer(rawTar(), 'gzip');
  const { disk } = await storedImage([base, storedLayer(own, 'gzip')], 'oci', {
    config: (config) => {
      Object.assign(config, { os: 'windows', 'os.version': '10.0.20348.2227' });
    },
    manifest: (manifest) => {
      Object.assign((manifest.layers as object[])[0]!, {
        mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
        urls: ['https://example.com/layer'],
      });
    },
    index: (index) => {
      Object.assign((index.manifests as object[])[0]!, {
        platform: { os: 'windows', architecture: 'amd64' },
      });
    },
  });
  const files = disk.filter(([, bytes]) => !Buffer.from(bytes).equals(Buffer.from(base.stored)));
  const host = memoryHost({ files });
  const image = await openImage(host, 'oci:/layout');
  assert.equal(image.platform, 'windows/amd64');
  const { measured } = await measureImage(host, image);
  assert.deepEqual(
    measured.layers.map(({ unpackedBytes }) => unpackedBytes),
    [null, 6],
  );
  assert.match(measured.problems.join('\n'), /Layer 0 .* bytes are missing/);
  assert.equal(host.openFiles, 0);
});

test('peers 10: what each version of the engine writes for one image is measured the same', async () => {
  const literal = {
    layers: [
      { a: '1', 'd/b': '22' },
      { 'd/.wh.b': '', c: '333' },
    ],
  };
  const numbers = async (form: ImageForm): Promise<unknown> => {
    const { host, reference } = await imageHost(literal, form);
    const image = await openImage(host, reference);
    const { measured } = await measureImage(host, image);
    await image.close();
    assert.equal(host.openFiles, 0, form);
    return measured.layers.map((layer) => [
      layer.unpackedBytes,
      layer.added,
      layer.removed,
      layer.wastedBytes,
    ]);
  };
  for (const form of imageForms) {
    assert.deepEqual(
      await numbers(form),
      [
        [3, 3, 0, 2],
        [3, 1, 1, 0],
      ],
      form,
    );
  }
});

test('peers 16: a file of more than 4 GiB and device nodes keep their numbers', async () => {
  const size = 5 * 2 ** 30 + 1;
  const tar = rawTar(
    rawHeader({
      name: 'huge',
      type: 'S',
      magic: 'ustar  \0',
      patch: (block) => base256(block, 483, 12, BigInt(size)),
    }),
    rawHeader({ name: 'dev/null', type: '3' }),
    rawHeader({ name: 'dev/sda', type: '4' }),
    rawHeader({ name: 'dev/pipe', type: '6' }),
  );
  for (const form of storedForms) {
    const { disk, reference } = await storedImage([storedLayer(tar)], form);
    await checkHostile({
      name: form,
      disk: () => disk,
      reference,
      expect: {
        unpacked: [size],
        added: [5],
        visible: size,
        problems: [],
      },
    });
  }
});

test('peers 19: layers of every form have ids of their own, the first one too', async () => {
  for (const form of imageForms) {
    const { host, reference, fixtures } = await imageHost(
      { layers: [{ a: '1' }, { b: '2' }, { c: '3' }] },
      form,
    );
    const image = await openImage(host, reference);
    assert.deepEqual(
      image.layers.map(({ diffId }) => diffId),
      fixtures[0]!.diffIds,
    );
    assert.equal(new Set(image.layers.map(({ chainId }) => chainId)).size, 3);
    await image.close();
  }
});

const below = rawTar(
  rawEntry({ name: 'a' }, '1'),
  rawEntry({ name: 'd/b' }, '22'),
  rawEntry({ name: 'd/e/c' }, '333'),
);
const file = (name: string, body = ''): Buffer => rawEntry({ name }, body);
const needless = /Layer 1 .* deletes paths that no lower layer has \(1\)/;

for (const [name, tar, visible, unpacked, added, notes] of [
  ['an opaque root hides all below it', rawTar(file('.wh..wh..opq'), file('new', '4444')), 4, 4, 1, []],
  ['an opaque root may be written ./', rawTar(file('./.wh..wh..opq')), 0, 0, 0, []],
  ['a whiteout of a folder hides all in it', rawTar(file('.wh.d')), 1, 0, 0, []],
  ['a whiteout below a file makes a folder of it', rawTar(file('a/.wh.x')), 5, 0, 0, [needless]],
  ['a whiteout twice is one', rawTar(file('.wh.a'), file('.wh.a')), 5, 0, 0, []],
  ['a whiteout within a whiteout keeps the folder', rawTar(file('.wh.d'), file('d/.wh.b')), 1, 0, 0, []],
] as [string, Buffer, number, number, number, RegExp[]][]) {
  for (const form of storedForms) {
    test(`${name}: ${form}`, async () => {
      const { disk, reference } = await storedImage([storedLayer(below), storedLayer(tar)], form);
      await checkHostile({
        name,
        disk: () => disk,
        reference,
        expect: { unpacked: [6, unpacked], added: [5, added], visible, problems: notes },
      });
    });
  }
}

test('300,000 entries are measured, and a limit below that is told', async () => {
  const count = 300_000;
  const first = rawHeader({ name: 'dir000/file000000' });
  const sum = Number.parseInt(first.toString('latin1', 148, 154), 8);
  const blocks = Buffer.alloc(512 * count);
  for (let i = 0; i < count; i++) {
    const digits = String(i % 1000).padStart(3, '0') + String(i).padStart(6, '0');
    const at = 512 * i;
    first.copy(blocks, at);
    blocks.write(`dir${digits.slice(0, 3)}/file${digits.slice(3)}`, at, 'latin1');
    const more = [...digits].reduce((total, digit) => total + Number(digit), 0);
    blocks.write((sum + more).toString(8).padStart(6, '0'), at + 148, 'latin1');
  }
  const { disk, reference } = await storedImage([storedLayer(rawTar(blocks))], 'docker-archive');
  const base = { name: 'many', disk: () => disk, reference };
  await checkHostile({ ...base, expect: { unpacked: [0], added: [301_000], visible: 0, problems: [] } });
  await checkHostile({
    ...base,
    limits: { maxEntries: 200_000, maxPathBytes: 4096 },
    expect: { unpacked: [null], visible: null, problems: [/Layer 0 .* more than 200000 entries/] },
  });
});

test('documents behind many small layers of a packed archive are found', async () => {
  const layers = Array.from({ length: 20 }, (_, i) =>
    storedLayer(rawTar(rawEntry({ name: `f${i}` }, Buffer.alloc(3.5 * 2 ** 20, i)))),
  );
  const { disk, reference } = await storedImage(layers, 'packed-archive');
  await checkHostile({
    name: 'many',
    disk: () => disk,
    reference,
    expect: {
      unpacked: layers.map(() => 3.5 * 2 ** 20),
      visible: 70 * 2 ** 20,
      problems: [],
    },
  });
});

test('a pipe or a device is neither opened as an archive nor as a blob', async () => {
  const { disk } = await storedImage([storedLayer(rawTar(rawEntry({ name: 'a' }, '1')))], 'oci');
  const host = memoryHost({ files: [...disk, ['/image.tar', '']] });
  const stat = host.files.stat.bind(host.files);
  host.files.stat = async (path) => {
    const found = await stat(path);
    return found && /image\.tar$|blobs\/sha256\/[0-9a-f]{64}$/.test(path)
      ? { ...found, kind: 'other' }
      : found;
  };
  await assert.rejects(openImage(host, 'docker-archive:/image.tar'), /is no plain file/);
  await assert.rejects(openImage(host, 'oci:/layout'), /holds no image|does not hold/);
  assert.ok(!host.calls.some((call) => call.startsWith('open ') && !call.endsWith('index.json')));
});
