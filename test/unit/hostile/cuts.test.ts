import { test } from 'node:test';
import { checkHostile } from '../../support/hostileArchives';
import { bombs } from '../../support/hostileBombs';
import { archiveCuts, compressedCuts, layerCuts, packedCuts } from '../../support/hostileCuts';

// The cases are made before their tests are registered, for their names come from what was made.
test('cut, flipped and swollen archives are refused in words, or their layers are unknown', async (t) => {
  for (const cases of [
    archiveCuts('docker-archive'),
    archiveCuts('oci-archive'),
    layerCuts(),
    compressedCuts(),
    packedCuts(),
    bombs(),
  ]) {
    for (const hostile of await cases) await t.test(hostile.name, () => checkHostile(hostile));
  }
});
