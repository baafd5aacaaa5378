import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffStates } from '../../../server/src/layers/diff';
import { decodeIndex, encodeIndex, indexBuffers, indexBytes } from '../../../server/src/layers/indexFormat';
import type { LayerIndex } from '../../../server/src/layers/model';
import { packIndex } from '../../../server/src/layers/packIndex';
import type { Digest } from '../../../server/src/primitives/digest';
import type { LayerLiteral } from '../../support/imageFixture';
import { indexOfTar, layerIndexes } from '../../support/layerIndexes';
import { seededRandom } from '../../support/random';
import { rawEntry, rawHeader, rawPax, rawTar } from '../../support/rawTar';

async function samples(): Promise<LayerIndex[]> {
  const odd = rawTar(
    Buffer.concat([
      rawPax([
        ['mtime', '-1.5'],
        ['SCHILY.xattr.user.a', 'x'],
        ['GNU.sparse.size', '5000000000'],
      ]),
      rawEntry({ name: 'größe' }, 'abc'),
    ]),
    rawHeader({ name: Buffer.from([0xff]), uid: 3_000_000_000 }),
    rawHeader({ name: '../x' }),
  );
  return [
    ...(await layerIndexes([
      {},
      { a: '1' },
      { 'etc/a': 'x'.repeat(70_000), '.wh.b': '', s: { type: 'symlink', link: 'etc/a' } },
    ])),
    indexOfTar(odd),
  ];
}

test('an index comes back as it was, from any alignment', async () => {
  for (const index of await samples()) {
    const bytes = encodeIndex(index);
    assert.deepEqual(decodeIndex(bytes, index.diffId), index);
    for (const shift of [1, 4, 8]) {
      const moved = Buffer.alloc(bytes.length + shift);
      moved.set(bytes, shift);
      assert.deepEqual(decodeIndex(moved.subarray(shift), index.diffId), index);
    }
    assert.deepEqual(Buffer.from(encodeIndex(index)), Buffer.from(bytes));
  }
});

test('whatever is damaged, cut, foreign or of another layer is no index', async () => {
  const random = seededRandom(5);
  for (const index of await samples()) {
    const bytes = encodeIndex(index);
    for (let length = 0; length < bytes.length; length += 7) {
      assert.equal(decodeIndex(bytes.subarray(0, length), index.diffId), null, `cut at ${length}`);
    }
    for (let i = 0; i < 400; i++) {
      const damaged = Buffer.from(bytes);
      const bit = Math.floor(random() * bytes.length * 8);
      damaged[bit >> 3] = damaged[bit >> 3]! ^ (1 << (bit & 7));
      assert.equal(decodeIndex(damaged, index.diffId), null, `bit ${bit}`);
    }
    assert.equal(decodeIndex(bytes, `sha256:${'f'.repeat(64)}` as Digest), null);
    assert.equal(decodeIndex(Buffer.concat([bytes, Buffer.alloc(16)]), index.diffId), null);
  }
  assert.equal(
    decodeIndex(Buffer.from('{"json":true}   '.repeat(10)), `sha256:${'0'.repeat(64)}` as Digest),
    null,
  );
  assert.equal(decodeIndex(Buffer.alloc(4096), `sha256:${'0'.repeat(64)}` as Digest), null);
});

test('its buffers can be handed to another thread, each once', async () => {
  for (const index of await samples()) {
    const copy = structuredClone(index);
    const sent = structuredClone(copy, { transfer: indexBuffers(copy) });
    assert.deepEqual(sent, index);
    assert.ok(indexBytes(index) >= index.count * 15);
    const decoded = decodeIndex(encodeIndex(index), index.diffId)!;
    assert.equal(new Set(indexBuffers(decoded)).size, indexBuffers(decoded).length);
    // What was handed away took nothing from the others.
    structuredClone(decoded, { transfer: indexBuffers(decoded) });
    assert.deepEqual(decodeIndex(encodeIndex(index), index.diffId), index);
  }
});

test('a column of one value takes no bytes', async () => {
  const count = 5000;
  const layer = Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, '']));
  const [index] = await layerIndexes([layer]);
  const bytes = encodeIndex(index!);
  assert.ok(bytes.length < indexBytes(index!) - index!.parent.byteLength);
  assert.deepEqual(decodeIndex(bytes, index!.diffId), index);
});

test('packing puts the texts of links first, and changes nothing else', async () => {
  const layer: LayerLiteral = {};
  for (let i = 0; i < 70_000; i++) layer[`f${i}`] = '';
  for (let i = 0; i < 40; i++) layer[`l${i}`] = { type: 'symlink', link: i % 3 === 0 ? `f${i}` : `to/${i}` };
  const [index] = await layerIndexes([layer]);
  // 70,000 names come before the links' in the tar: ids behind them would need four bytes.
  assert.ok(index!.link instanceof Uint8Array);
  assert.equal(packIndex(index!), index);
  assert.deepEqual(decodeIndex(encodeIndex(index!), index!.diffId), index);
  const links = diffStates([], [index!]).changes.flatMap(({ path, after }) =>
    after?.link ? [`${path} ${after.link}`] : [],
  );
  const expected = Array.from({ length: 40 }, (_, n) => `l${n} ${n % 3 === 0 ? `f${n}` : `to/${n}`}`);
  assert.deepEqual(links.sort(), expected.sort());
});
