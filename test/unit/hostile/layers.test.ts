import { test } from 'node:test';
import { checkHostile, type StoredForm, storedImage, storedLayer } from '../../support/hostileArchives';
import { hostileLayers } from '../../support/hostileLayers';
import type { LayerCompression } from '../../support/imageFixture';
import { rawEntry, rawTar } from '../../support/rawTar';

const below = rawTar(rawEntry({ name: 'below' }, '1'));
const above = rawTar(rawEntry({ name: 'above' }, '22'));

const ways: [form: StoredForm, compression: LayerCompression][] = [
  ['docker-archive', 'none'],
  ['packed-archive', 'none'],
  ['oci', 'gzip'],
  ['oci-archive', 'zstd'],
];

for (const { name, tar, expect, limits, decompressLimits } of hostileLayers) {
  for (const [form, compression] of ways) {
    // A plain part of a file is not unpacked, and has no bound but its own size.
    if (decompressLimits && compression === 'none') continue;
    test(`${name}: ${form}, ${compression}`, async () => {
      const layers = [below, tar(), above].map((bytes) => storedLayer(bytes, compression));
      const { disk, reference } = await storedImage(layers, form);
      await checkHostile({
        name,
        disk: () => disk,
        reference,
        ...(limits ? { limits } : {}),
        ...(decompressLimits ? { decompressLimits } : {}),
        expect:
          'unknown' in expect
            ? {
                unpacked: [1, null, 2],
                added: [1, null, null],
                visible: null,
                problems: [expect.unknown],
              }
            : {
                unpacked: [1, expect.bytes, 2],
                added: [1, expect.added, 1],
                visible: 3 + expect.bytes,
                problems: expect.notes ?? [],
              },
      });
    });
  }
}
