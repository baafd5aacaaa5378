// The diff that the panel shows: contents are compared where that costs little, and head and rows are of one diff.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { measureImage } from '../../../server/src/layers/measureImage';
import { comparison } from '../../../server/src/lsp/comparisons';
import { knownUpTo, layerReader } from '../../../server/src/lsp/layerTrees';
import type { OpenState } from '../../../server/src/lsp/states';
import { type Contents, noContents } from '../../../server/src/measure/contents';
import { StrataError } from '../../../server/src/primitives/errors';
import type { Host } from '../../../server/src/primitives/host';
import { type ImageLiteral, imageHost } from '../../support/imageFixture';
import { drawDiff } from '../../support/layerIndexes';

const mtime = 1_700_000_000;
const literal: ImageLiteral = {
  layers: [
    { a: { content: 'aaaa', mtime }, b: { content: 'bbbb', mtime } },
    { a: { content: 'AAAA', mtime }, b: { content: 'bbbb', mtime: mtime + 1 } },
    { c: 'new' },
  ],
};

function stateOf(contents: Contents, upTo: number): OpenState {
  const indexes = upTo < 0 ? [] : knownUpTo(contents, upTo)!;
  return { contents, upTo, indexes, name: null, verified: true };
}

function layerDiff(host: Host, contents: Contents, layer: number, mayRead: boolean) {
  return comparison(host, stateOf(contents, layer - 1), stateOf(contents, layer), mayRead);
}

async function prepared(more: Partial<Contents> = {}) {
  const { host, reference } = await imageHost(literal, 'oci', 'gzip');
  const image = await openImage(host, reference);
  const { indexes } = await measureImage(host, image);
  const opened = { times: 0 };
  const open = (): ReturnType<typeof openImage> => {
    opened.times++;
    return openImage(host, reference);
  };
  const contents: Contents = { indexes, open, opensQuickly: true, ...more };
  const drawn = async (layer: number, mayRead = true): Promise<[string, number]> => {
    const { diff, notCompared } = await layerDiff(host, contents, layer, mayRead);
    return [drawDiff(diff), notCompared];
  };
  return { host, contents, opened, drawn };
}

const compared = '~ a 4>4 (content)\n~ b 4>4 (mtime)';
const notCompared = '~ b 4>4 (mtime)';

test('contents of equal size are compared, once, and not at all where there are none', async () => {
  const { host, contents, opened, drawn } = await prepared();
  assert.deepEqual(await drawn(2), ['+ c 3', 0]);
  assert.equal(opened.times, 0);
  assert.equal(layerDiff(host, contents, 1, true), layerDiff(host, contents, 1, true));
  assert.deepEqual(await drawn(1), [compared, 0]);
  assert.deepEqual(await drawn(1), [compared, 0]);
  assert.equal(opened.times, 1);
  assert.equal(host.openFiles, 0);
});

test('without trust, without the image, or where it opens slowly, the diff says how many were not', async () => {
  const untrusted = await prepared();
  assert.deepEqual(await untrusted.drawn(1, false), [notCompared, 2]);
  assert.equal(untrusted.opened.times, 0);
  assert.deepEqual(await untrusted.drawn(1, true), [compared, 0]);
  assert.deepEqual(await (await prepared({ open: null })).drawn(1), [notCompared, 2]);
  assert.deepEqual(await (await prepared({ opensQuickly: false })).drawn(1), [notCompared, 2]);
  const gone = await prepared({ open: () => Promise.reject(new StrataError('not-found', 'It is gone.')) });
  assert.deepEqual(await gone.drawn(1), [notCompared, 2]);
});

test('nothing is known of layers that are not indexed, and one reader serves all files of an image', async () => {
  const { host, contents } = await prepared();
  assert.equal(knownUpTo(contents, 3), null);
  assert.equal(knownUpTo(noContents, 0), null);
  assert.equal(layerReader(host, contents), layerReader(host, contents));
});

test('states of two images are compared as a whole, and what they share is not read', async () => {
  const one = await prepared();
  const other = await prepared();
  const { diff, notCompared } = await comparison(
    one.host,
    stateOf(one.contents, 0),
    stateOf(other.contents, 2),
    true,
  );
  assert.deepEqual([drawDiff(diff), notCompared], [`${compared}\n+ c 3`, 0]);
  const same = await comparison(one.host, stateOf(one.contents, 2), stateOf(other.contents, 2), true);
  assert.equal(drawDiff(same.diff), '');
});
