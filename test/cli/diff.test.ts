// `strata diff` tells content apart from time: same-size rewrites, touches and copy-ups, and what it could not compare.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { cliFolder } from '../support/cliRun';
import { type ImageLiteral, imageFixture, type LayerCompression, writeImages } from '../support/imageFixture';
import { rawEntry, rawPax, rawTar } from '../support/rawTar';

const at = cliFolder();
after(() => at.remove());

const mtime = 1_700_000_000;
const base = { a: { content: 'aaaa', mtime }, b: { content: 'bbbb', mtime }, c: { content: 'cccc', mtime } };
const literal: ImageLiteral = {
  layers: [
    base,
    {
      a: { content: 'AAAA', mtime },
      b: { content: 'bbbb', mtime: mtime + 1 },
      c: { content: 'cccc', mtime, mode: 0o600 },
    },
  ],
};

async function write(name: string, image: ImageLiteral, compression: LayerCompression): Promise<string> {
  for (const [file, data] of await writeImages([await imageFixture(image)], 'oci', compression))
    at.write(`${name}/${file}`, data);
  return `oci:${name}/layout`;
}

interface Report {
  entries: { path: string; change: string; what: string[] }[];
  problems: string[];
}

function diff(...args: string[]): { what: Record<string, string>; problems: string[] } {
  const run = at.strata('diff', ...args, '--format', 'json');
  assert.equal(run.code, 0, run.stderr);
  const { entries, problems } = JSON.parse(run.stdout) as Report;
  return { what: Object.fromEntries(entries.map((one) => [one.path, one.what.join(', ')])), problems };
}

const told = { a: 'content', b: 'mtime', c: 'mode' };

describe('strata diff compares contents of equal size', () => {
  for (const compression of ['none', 'gzip', 'zstd'] as const) {
    test(`of a layer, stored as ${compression}`, async () => {
      const reference = await write(`layer-${compression}`, literal, compression);
      assert.deepEqual(diff(reference), { what: told, problems: [] });
      assert.deepEqual(diff(reference, '--layer', '1', '--no-store'), { what: told, problems: [] });
    });
  }

  test('of two states and of two images that share their base', async () => {
    const one = await write('one', literal, 'gzip');
    assert.deepEqual(diff(`${one}@0`, `${one}@1`), { what: told, problems: [] });
    const other = await write('other', { layers: [base, { b: { content: 'BBBB', mtime } }] }, 'none');
    assert.deepEqual(diff(one, other).what, { a: 'content', b: 'content, mtime', c: 'mode' });
  });

  test('and says so where one cannot be compared', async () => {
    // Three bytes of which the middle one is stored; the map is of GNU tar's PAX 0.1.
    const sparse = rawTar(
      rawPax([
        ['GNU.sparse.size', '3'],
        ['GNU.sparse.name', 's'],
        ['GNU.sparse.map', '1,1'],
      ]),
      rawEntry({ name: 's', mtime: mtime + 1 }, 'x'),
      rawEntry({ name: 'a', mtime }, 'AAAA'),
    );
    const layers = [{ s: { content: 'abc', mtime, mode: 0o644 }, a: { content: 'aaaa', mtime } }, sparse];
    const reference = await write('sparse', { layers }, 'none');
    const { what, problems } = diff(reference);
    assert.deepEqual(what, { a: 'content', s: 'mtime' });
    assert.deepEqual(problems, [
      'The contents of 1 file of equal size were not compared (some are stored as sparse files); they count as the same.',
    ]);
    const run = at.strata('diff', reference);
    assert.match(run.stderr, /of equal size were not compared/);
  });
});
