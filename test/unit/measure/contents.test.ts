// Whether the files of a recorded build are known: told without reading them, and as reading them would tell.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeRecordedBuild } from '../../../server/src/build/recordedBuild';
import { encodeIndex } from '../../../server/src/layers/indexFormat';
import { indexKeys } from '../../../server/src/layers/indexKey';
import type { LayerIndex } from '../../../server/src/layers/model';
import { openIndexStore } from '../../../server/src/layers/store';
import { areFilesKnown, contentsOfRecord } from '../../../server/src/measure/contents';
import { sha256 } from '../../../server/src/primitives/digest';
import { layerIndexes } from '../../support/layerIndexes';
import { memoryHost } from '../../support/memoryHost';
import { sampleRecord } from '../build/sampleRecord';

const file = '/project/Dockerfile';

/** @param kept by layer, where its index lies: in the store by DiffID, by its blob, in the project's own record, nowhere */
async function checkKnown(kept: ('store' | 'blob' | 'project' | null)[], expected: boolean): Promise<void> {
  const host = memoryHost();
  const store = openIndexStore(host, '/cache');
  const indexes = await layerIndexes(kept.map((_, at) => ({ [`file${at}`]: 'x' })));
  const sample = sampleRecord().image!;
  const layers = indexes.map(({ diffId }, index) => {
    return { ...sample.layers[0]!, index, diffId, blobDigest: sha256(`blob ${index}`) };
  });
  const travels = kept.includes('project');
  const record = sampleRecord({
    image: { ...sample, layers },
    imageReference: travels ? null : 'docker-daemon:app',
  });
  const own: LayerIndex[] = [];
  for (const [at, where] of kept.entries()) {
    const index = indexes[at]!;
    const keys = indexKeys({ ...layers[at]!, mediaType: null, blob: null }, 'claimed', '/');
    if (where === 'store') await store.put(index);
    if (where === 'blob') await store.put(index, keys.write!);
    if (where === 'project') own.push(index);
  }
  if (travels) {
    const recorded = own.map((index) => {
      return { diffId: index.diffId, index: Buffer.from(encodeIndex(index)).toString('base64'), tar: null };
    });
    await writeRecordedBuild(host.files, file, { record, layers: recorded });
  }
  const { indexes: read } = await contentsOfRecord(host, store, {}, file, record);
  assert.equal(read.length > 0 && !read.includes(null), expected);
  const fresh = openIndexStore(host, '/cache');
  host.calls.length = 0;
  assert.equal(await areFilesKnown(host, fresh, file, record), expected);
  assert.ok(travels || !host.calls.some((call) => call.startsWith('read ')), host.calls.join());
}

test('they are when each layer is kept', () => checkKnown(['store', 'store'], true));
test('also of an image that was imported', () => checkKnown(['store', 'blob'], true));
test('also when the project brings the rest', () => checkKnown(['store', 'project'], true));
test('they are not when one layer is missing', () => checkKnown(['store', null], false));
test('nor when the project does not bring it', () => checkKnown(['project', null], false));
test('nor without layers', () => checkKnown([], false));
