// What measuring an image finds beside its counts: bounds, what is not read of remote images, and what is kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Image, MeasuredImage } from '../../../server/src/image/model';
import { openImage } from '../../../server/src/image/open';
import { createInlineIndexer } from '../../../server/src/layers/indexer';
import { measureImage } from '../../../server/src/layers/measureImage';
import { openIndexStore } from '../../../server/src/layers/store';
import { imageHost, type LayerLiteral } from '../../support/imageFixture';
import { measureLiteral, noise } from '../../support/measuredBuild';

const key = '-----BEGIN PRIVATE KEY-----\n';
const layers: LayerLiteral[] = [
  { id_rsa: key, 'app/tls.pem': key, one: noise(70_000), 'var/cache/apk/a': 'x' },
  { two: noise(70_000), '.wh.id_rsa': '' },
];

const found = ({ deposits, secrets, duplicates }: MeasuredImage) => [
  deposits?.map(({ kind, path, files, bytes }) => `${kind} ${path} ${files} ${bytes}`),
  secrets?.map(({ path, read, hiddenBy }) => `${path} ${read} ${hiddenBy}`),
  duplicates?.map(({ bytes, copies }) => `${bytes} ${copies.map(({ path }) => path)}`),
];

test('deposits, secrets and duplicates are found', async () => {
  assert.deepEqual(found(await measureLiteral(layers)), [
    ['apk var/cache/apk 1 1'],
    ['id_rsa true 1', 'app/tls.pem true null'],
    ['70000 one,two'],
  ]);
});

test('of an image in a registry no content is read: names that leave no doubt are told alone', async () => {
  const { host, reference } = await imageHost({ layers }, 'oci');
  const image: Image = { ...(await openImage(host, reference)), remote: true };
  assert.deepEqual(found((await measureImage(host, image, { findings: true })).measured), [
    ['apk var/cache/apk 1 1'],
    ['id_rsa false 1'],
    [],
  ]);
});

test('what was found is kept with the counts, and given again without a layer being read', async () => {
  const { host, reference } = await imageHost({ layers }, 'oci');
  const image = await openImage(host, reference);
  const store = openIndexStore(host, '/store');
  const first = (await measureImage(host, image, { store, trust: 'verified', findings: true })).measured;
  const unread = { ...image, layers: image.layers.map((layer) => ({ ...layer, blob: null })) };
  const again = (await measureImage(host, unread, { store, trust: 'verified', findings: true })).measured;
  assert.deepEqual(found(again), found(first));
  assert.deepEqual(again.hidden, first.hidden);
});

test('where findings are not asked for none are looked for, and the counts kept of that stand in for no findings', async () => {
  const { host, reference } = await imageHost({ layers }, 'oci');
  const image = await openImage(host, reference);
  const store = openIndexStore(host, '/store');
  const measure = async (findings: boolean) =>
    (await measureImage(host, image, { store, trust: 'verified', findings })).measured;
  const counts = ({ layers, hidden, waste }: MeasuredImage) => ({ layers, hidden, waste });
  const alone = await measure(false);
  assert.deepEqual(found(alone), [undefined, undefined, undefined]);
  const whole = await measure(true);
  assert.deepEqual(found(whole), found(await measureLiteral(layers)));
  assert.deepEqual(counts(alone), counts(whole));
  assert.deepEqual(counts(await measure(false)), counts(whole));
});

test('an engine is not asked to save a known image for it; when it was saved, all is found', async () => {
  const { host, reference } = await imageHost({ layers }, 'oci');
  const image = await openImage(host, reference);
  const store = openIndexStore(host, '/store');
  let saved = 0;
  let isSaved = false;
  const lazy: Image = {
    ...image,
    layers: image.layers.map((layer) => ({
      ...layer,
      blob: {
        get region() {
          return isSaved ? layer.blob!.region : null;
        },
        async settle() {
          saved++;
          isSaved = true;
        },
        open: (signal) => layer.blob!.open(signal),
      },
    })),
  };
  for (const layer of image.layers) {
    const index = await createInlineIndexer(host).index(layer.blob!, layer.diffId);
    await store.put(index, layer.diffId);
  }
  const measure = async () =>
    (await measureImage(host, lazy, { store, trust: 'verified', findings: true })).measured;
  assert.deepEqual(found(await measure()).slice(1), [['id_rsa false 1'], []]);
  assert.deepEqual([found(await measure()).slice(1), saved], [[['id_rsa false 1'], []], 0]);
  isSaved = true;
  assert.deepEqual(found(await measure()).slice(1), [
    ['id_rsa true 1', 'app/tls.pem true null'],
    ['70000 one,two'],
  ]);
});

test('an image that only pretends is bounded', async () => {
  const layer: LayerLiteral = {};
  for (let i = 0; i < 1500; i++) layer[`d${i}/.git/HEAD`] = 'x';
  for (let i = 0; i < 300; i++) layer[`e${i}/id_rsa`] = key;
  const { deposits, secrets } = await measureLiteral([layer]);
  assert.deepEqual([deposits!.length, secrets!.length], [1000, 100]);
});

test('hidden bytes are summed by who wrote and who hid them, whatever the list of wasted files holds', async () => {
  const wrote: LayerLiteral = { 'b/one': noise(3000) };
  for (let i = 0; i < 2000; i++) wrote[`a/d${i % 2}/f${i}`] = noise(i % 2 ? 10 : 2);
  const { hidden, waste } = await measureLiteral([wrote, { '.wh.a': '', '.wh.b': '' }]);
  assert.equal(waste.length, 1000);
  assert.deepEqual(hidden, [
    {
      ...{ writtenBy: 0, hiddenBy: 1, how: 'deleted', bytes: 15_000, files: 2001, special: false },
      places: [
        { path: 'a/d1', bytes: 10_000 },
        { path: 'b', bytes: 3000 },
        { path: 'a/d0', bytes: 2000 },
      ],
    },
  ]);
});

test('the sum of all hidden bytes is the sum of all waste', async () => {
  const { hidden, layers: measured } = await measureLiteral([
    { a: '1', b: { content: '22', mode: 0o644 }, c: '333' },
    { a: '4444', b: { content: '22', mode: 0o755 } },
    { '.wh.c': '', '.wh.a': '' },
  ]);
  const sum = hidden!.reduce((total, { bytes }) => total + bytes, 0);
  assert.equal(
    sum,
    measured.reduce((total, { wastedBytes }) => total + wastedBytes!, 0),
  );
  assert.deepEqual(
    hidden!.map(({ writtenBy, hiddenBy, how, bytes }) => `${writtenBy}>${hiddenBy} ${how} ${bytes}`),
    ['1>2 deleted 4', '0>2 deleted 3', '0>1 copied-up 2', '0>1 overwritten 1'],
  );
});
