// `strata layers | tree | diff` on images in the forms that people have, as text and JSON, and what is said when an
// image is not what it should be.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { commandNames } from '../../server/src/cli/help';
import { sha256 } from '../../server/src/primitives/digest';
import { cliFolder } from '../support/cliRun';
import { type ImageForm, type ImageLiteral, imageFixture, writeImages } from '../support/imageFixture';

const at = cliFolder();
after(() => at.remove());

const literal: ImageLiteral = {
  layers: [
    { 'etc/conf': 'port=80\n', 'srv/big': 'x'.repeat(5000), 'srv/old/a': 'a' },
    { 'etc/conf': { content: 'port=80\n', mode: 0o600 }, 'srv/.wh.big': '', 'srv/new': 'hello' },
  ],
  history: [
    { created_by: 'COPY rootfs / # buildkit', comment: 'buildkit.dockerfile.v0' },
    { created_by: 'RUN /bin/sh -c change # buildkit', comment: 'buildkit.dockerfile.v0' },
  ],
};

async function writeForm(form: ImageForm, name: string): Promise<string> {
  for (const [file, data] of await writeImages([await imageFixture(literal)], form))
    at.write(`${name}/${file}`, data);
  return form === 'oci'
    ? `oci:${name}/layout`
    : `${form === 'oci-archive' ? form : 'docker-archive'}:${name}/image.tar`;
}

interface Layers {
  schema: number;
  image: { layers: number; unpackedBytes: number };
  layers: { unpackedBytes: number; wastedBytes: number; createdBy: string; added: number; removed: number }[];
}

describe('strata layers', () => {
  for (const form of [
    'docker-archive',
    'docker-archive-legacy',
    'podman-archive',
    'oci',
    'oci-archive',
  ] as const) {
    test(`reads ${form}`, async () => {
      const run = at.strata('layers', await writeForm(form, `layers-${form}`), '--format', 'json');
      assert.equal(run.code, 0, run.stderr);
      const report = JSON.parse(run.stdout) as Layers;
      assert.equal(report.schema, 1);
      assert.deepEqual(
        report.layers.map((one) => [one.unpackedBytes, one.wastedBytes, one.createdBy]),
        [
          [5009, 5008, 'COPY rootfs / # buildkit'],
          [13, 0, 'RUN /bin/sh -c change # buildkit'],
        ],
      );
    });
  }

  test('names each layer by its chain, and the chain of the one below it', async () => {
    const run = at.strata('layers', await writeForm('oci', 'chains'), '--format', 'json');
    const { layers } = JSON.parse(run.stdout) as {
      layers: { diffId: string; chainId: string; parent: string }[];
    };
    const [first, second] = layers;
    // image-spec, config.md: the ChainID of the first layer is its DiffID.
    assert.deepEqual([first!.chainId, first!.parent], [first!.diffId, null]);
    assert.deepEqual(
      [second!.chainId, second!.parent],
      [sha256(`${first!.chainId} ${second!.diffId}`), first!.chainId],
    );
  });

  test('shows a table to a person, sizes to the right', async () => {
    const run = at.strata('layers', await writeForm('oci', 'table'));
    assert.match(run.stdout, /^layer {2}unpacked/);
    assert.match(run.stdout, /^ {4}0 {3}5\.01 kB/m);
  });
});

describe('strata tree', () => {
  test('merged shows what a container sees, upper what the layer holds and deletes', async () => {
    const reference = await writeForm('oci', 'tree');
    const paths = (view: string) => {
      const run = at.strata('tree', reference, '--view', view, '--format', 'json');
      assert.equal(run.code, 0, run.stderr);
      const { entries } = JSON.parse(run.stdout) as { entries: { path: string; change: string }[] };
      return entries.filter((one) => one.path.includes('/')).map((one) => `${one.path} ${one.change}`);
    };
    assert.deepEqual(paths('merged'), [
      'etc/conf modified',
      'srv/new added',
      'srv/old unchanged',
      'srv/old/a unchanged',
    ]);
    assert.deepEqual(paths('upper'), ['etc/conf modified', 'srv/big removed', 'srv/new added']);
  });

  test('a path, a depth and the largest first', async () => {
    const reference = await writeForm('oci', 'tree');
    const run = at.strata('tree', reference, '/srv', '--layer', '0', '--depth', '1', '--sort', 'size');
    assert.match(run.stdout, /srv\/\n.*big\n.*old\/\n$/s);
    const same = at.strata(
      'tree',
      reference,
      './etc/../srv//',
      ...['--layer', '0', '--depth', '1', '--sort', 'size'],
    );
    assert.equal(same.stdout, run.stdout);
  });
});

describe('strata diff', () => {
  test('a layer against what lies below it', async () => {
    const run = at.strata('diff', await writeForm('oci', 'diff'), '--format', 'json');
    assert.equal(run.code, 0, run.stderr);
    const report = JSON.parse(run.stdout) as { entries: { path: string; change: string; what: string[] }[] };
    assert.deepEqual(
      report.entries.filter((one) => one.path.includes('/')).map((one) => [one.path, one.change, one.what]),
      [
        ['etc/conf', 'modified', ['mode']],
        ['srv/big', 'removed', []],
        ['srv/new', 'added', []],
      ],
    );
  });

  test('two states of an image by REF@N', async () => {
    const reference = await writeForm('oci', 'diff');
    const run = at.strata('diff', `${reference}@1`, `${reference}@0`, '--format', 'json');
    const report = JSON.parse(run.stdout) as { added: number; removed: number; bytesAdded: number };
    assert.deepEqual([report.added, report.removed, report.bytesAdded], [1, 1, 5000]);
  });
});

describe('strata blame', () => {
  test('tells the whole history of a path, and what lies under a deleted folder', async () => {
    const image = await imageFixture({
      layers: [
        { 'srv/a': 'one', 'srv/b/c': 'cc' },
        { 'srv/a': { content: 'one', uid: 7 } },
        { 'srv/.wh.a': '', 'srv/.wh.b': '' },
        { 'srv/a': 'again' },
      ],
    });
    for (const [file, data] of await writeImages([image], 'oci')) at.write(`blame/${file}`, data);
    const history = (path: string) => {
      const run = at.strata('blame', 'oci:blame/layout', path, '--format', 'json');
      assert.equal(run.code, 0, run.stderr);
      const report = JSON.parse(run.stdout) as {
        history: { layer: number; action: string; bytes: number }[];
      };
      return report.history.map((one) => `${one.layer} ${one.action} ${one.bytes}`);
    };
    assert.deepEqual(history('/srv/a'), ['0 added 3', '1 modified 3', '2 deleted 3', '3 added 5']);
    assert.deepEqual(history('srv/b/c'), ['0 added 2', '2 hidden 2']);
    assert.equal(at.strata('blame', 'oci:blame/layout', 'never/was').code, 3);
  });
});

describe('strata cat', () => {
  test('gives the bytes as they are, also as an older layer had them', async () => {
    for (const form of ['docker-archive', 'oci'] as const) {
      const reference = await writeForm(form, `cat-${form}`);
      assert.equal(at.strata('cat', reference, '/srv/new').stdout, 'hello');
      assert.equal(at.strata('cat', reference, 'srv/big', '--layer', '0').stdout, 'x'.repeat(5000));
      const gone = at.strata('cat', reference, 'srv/big');
      assert.equal(gone.code, 3);
      assert.match(gone.stderr, /There is no file \/srv\/big/);
    }
  });

  test('what has no bytes is called what it is', async () => {
    const image = await imageFixture({
      layers: [{ 'srv/a': 'one', 'srv/l': { type: 'symlink', link: 'a' } }],
    });
    for (const [file, data] of await writeImages([image], 'oci')) at.write(`kinds/${file}`, data);
    const said = (inside: string) => {
      const run = at.strata('cat', 'oci:kinds/layout', inside);
      assert.deepEqual([run.code, run.stdout], [3, '']);
      return run.stderr;
    };
    assert.match(said('srv/l'), /^strata: \/srv\/l in .* is a symbolic link to a\. Name that file\.\n$/);
    assert.match(said('srv'), /^strata: \/srv in .* is a directory\./);
  });
});

describe('what goes wrong is told in one message', () => {
  test('no such file: exit 3, nothing on stdout', () => {
    const run = at.strata('layers', 'docker-archive:nowhere.tar', '--format', 'json');
    assert.equal(run.code, 3);
    assert.equal(run.stdout, '');
    assert.match(run.stderr, /^strata: There is no file or folder nowhere\.tar/);
  });

  test('wrong usage: exit 2, the word is named', () => {
    for (const args of [
      ['layers'],
      ['tree', 'x', '--view', 'sideways'],
      ['diff', 'a', '--layers', '3'],
      ['dig'],
    ]) {
      const run = at.strata(...args);
      assert.equal(run.code, 2, args.join(' '));
      assert.match(run.stderr, /^strata/);
    }
  });

  test('an archive that is cut short does not crash and gives no number without a problem', async () => {
    const files = await writeImages([await imageFixture(literal)], 'docker-archive');
    const whole = files.get('image.tar')!;
    for (let end = 0; end < whole.length; end += 3001) {
      at.write('cut.tar', whole.subarray(0, end));
      const run = at.strata('layers', 'docker-archive:cut.tar', '--format', 'json');
      assert.ok(run.code === 3 || run.code === 0, run.stderr);
      if (run.code !== 0) continue;
      const report = JSON.parse(run.stdout) as {
        problems: string[];
        image: { unpackedBytes: number | null };
      };
      if (report.image.unpackedBytes !== 5022) assert.ok(report.problems.length > 0);
    }
  });

  test('names that a terminal would obey are printed harmless', async () => {
    const evil = await imageFixture({ layers: [{ 'etc/\u001b[2Jx\nname': 'x' }] });
    for (const [file, data] of await writeImages([evil], 'oci')) at.write(`evil/${file}`, data);
    const run = at.strata('tree', 'oci:evil/layout');
    assert.equal(run.code, 0, run.stderr);
    assert.ok(!run.stdout.includes('\u001b'));
    assert.equal(run.stdout.split('\n').length, 3);
  });
});

test('help names each command, and each command has help', () => {
  const { stdout } = at.strata('help');
  for (const name of commandNames) {
    assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'));
    assert.match(at.strata('help', name).stdout, new RegExp(`^strata ${name}`));
    assert.equal(at.strata(name, '--help').code, 0);
  }
});
