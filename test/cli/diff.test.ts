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

describe('strata diff --format', () => {
  test('json is one document with the same keys as ever, and nothing else on either output', async () => {
    const run = at.strata('diff', await write('json', literal, 'none'), '--format', 'json');
    assert.equal(run.stderr, '');
    const report = JSON.parse(run.stdout);
    assert.deepEqual(Object.keys(report), [
      ...['schema', 'from', 'to', 'added', 'modified', 'removed', 'bytesAdded', 'bytesModified'],
      ...['bytesRemoved', 'entries', 'problems'],
    ]);
    assert.deepEqual(Object.keys(report.entries[0]), ['path', 'change', 'before', 'after', 'what']);
    assert.deepEqual(Object.keys(report.entries[0].after), ['type', 'bytes', 'mode', 'uid', 'gid', 'link']);
  });

  test('markdown and html list the changes, the largest first, with what changed', async () => {
    const layers = [base, { a: { content: 'AAAA', mtime }, big: 'x'.repeat(2000), '.wh.b': '' }];
    const reference = await write('documents', { layers }, 'none');
    const markdown = at.strata('diff', reference, '--format', 'markdown').stdout;
    assert.match(markdown, /^## Layer diff: `oci:documents\/layout@0` → `oci:documents\/layout@1`$/m);
    assert.deepEqual(
      [...markdown.matchAll(/^\| (.) \w+ \| `(\w+)` \|.*\| (.*?) ?\|$/gm)].map((row) => row.slice(1)),
      [
        ['+', 'big', ''],
        ['±', 'a', 'content'],
        ['−', 'b', ''],
      ],
    );
    const html = at.strata('diff', reference, '--format', 'html').stdout;
    assert.match(html, /^<!DOCTYPE html>\n<html lang="en">[\s\S]*<\/html>\n$/);
    assert.deepEqual(
      [...html.matchAll(/<td class="path"><bdi>(\w+)</g)].map(([, name]) => name),
      ['big', 'a', 'b'],
    );
  });

  test('another one is refused with those that there are', async () => {
    const run = at.strata('diff', 'oci:json/layout', '--format', 'sarif');
    assert.equal(run.code, 2);
    assert.match(run.stderr, /--format is one of text, json, markdown, html, not 'sarif'/);
  });
});
