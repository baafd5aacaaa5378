import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  imagesByChain,
  type SharedImage,
  type Snapshot,
  savedBytes,
  sharingOf,
} from '../../../server/src/layers/sharing';
import { chainIds, type Digest, sha256 } from '../../../server/src/primitives/digest';

/** `app: base 100, libs 20, own 3`; `?` is a size that is not known. */
function imagesOf(drawn: string): SharedImage[] {
  return drawn
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', layers = ''] = line.trim().split(': ');
      const parts = layers.split(', ').filter(Boolean);
      const diffIds = parts.map((part) => sha256(part.split(' ')[0]!));
      const chain = chainIds(diffIds);
      return {
        name,
        layers: parts.map((part, i) => {
          const bytes = part.split(' ')[1];
          return { diffId: diffIds[i]!, chainId: chain[i]!, bytes: bytes === '?' ? null : Number(bytes) };
        }),
      };
    });
}

/** A line a snapshot: how far in, bytes, all images, those that end there, what sharing saves. */
function draw(snapshots: readonly Snapshot[], depth = 0): string[] {
  return snapshots.flatMap((one) => [
    `${'.'.repeat(depth)}${one.bytes} [${one.images}] (${one.tops}) ${savedBytes(one)}`,
    ...draw(one.children, depth + 1),
  ]);
}

describe('what images share', () => {
  test('is a tree in which each layer stands once on what lies below it', () => {
    const { roots, storedBytes, apartBytes } = sharingOf(
      imagesOf('base: base 100\napp: base 100, libs 20, own 3\nweb: base 100, libs 20\nalone: other 7'),
    );
    assert.deepEqual(draw(roots), [
      '100 [base,app,web] (base) 200',
      '.20 [app,web] (web) 20',
      '..3 [app] (app) 0',
      '7 [alone] (alone) 0',
    ]);
    assert.deepEqual([storedBytes, apartBytes], [130, 350]);
  });

  test('is not the same layer on another one: the chain counts', () => {
    const { roots, storedBytes } = sharingOf(imagesOf('a: x 1, y 10\nb: z 2, y 10'));
    assert.deepEqual(draw(roots), ['1 [a] () 0', '.10 [a] (a) 0', '2 [b] () 0', '.10 [b] (b) 0']);
    assert.equal(storedBytes, 23);
  });

  test('has no sums where a size is not known', () => {
    const { storedBytes, apartBytes } = sharingOf(imagesOf('a: x 1\nb: x 1, y ?'));
    assert.deepEqual([storedBytes, apartBytes], [null, null]);
  });

  test('counts a name once, and an image without layers not at all', () => {
    assert.deepEqual(draw(sharingOf(imagesOf('a: x 1\na: x 1\nnone:')).roots), ['1 [a] (a) 0']);
  });

  test('is looked up by ChainID', () => {
    const images = imagesOf('a: x 1\nb: x 1, y 2');
    const found = imagesByChain(sharingOf(images));
    const of = (chainId: Digest) => found.get(chainId);
    assert.deepEqual(of(images[0]!.layers[0]!.chainId), ['a', 'b']);
    assert.deepEqual(of(images[1]!.layers[1]!.chainId), ['b']);
  });
});
