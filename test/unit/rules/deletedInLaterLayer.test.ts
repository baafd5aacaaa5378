import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyze } from '../../../server/src/analysis/analyze';
import { fixAll } from '../../../server/src/analysis/fixAll';
import { applyEdits } from '../../../server/src/dockerfile/edit';
import { deletedInLaterLayer } from '../../../server/src/rules/deletedInLaterLayer';
import { type BuildLiteral, drawRule, findingsOf, measuredBuild, noise } from '../../support/measuredBuild';

const check = async (build: BuildLiteral, expected: string[]) =>
  assert.deepEqual(await drawRule('DeletedInLaterLayer', build), expected);

const big = noise(200_000);
const merged = '  fix: Merge with the RUN of line 3: saves 200 kB (same-result)';

describe('what a later line deletes', () => {
  test('is told at the line that wrote it, with the line that deletes it', () =>
    check(
      {
        text: 'FROM a\nRUN make\nRUN rm -rf /tmp/a',
        layers: { 2: { 'tmp/a': big }, 3: { 'tmp/.wh.a': '' } },
      },
      [
        '2: 200 kB written here are deleted by line 3 and stay in the image',
        '  3: deletes 200 kB in 1 file: /tmp/a',
        merged,
      ],
    ));

  test('has a fix that saves what was measured, so that all fixes together take it', async () => {
    const text = 'FROM a\nRUN make\nRUN rm -rf /tmp/a';
    const context = await measuredBuild({ text, layers: { 2: { 'tmp/a': big }, 3: { 'tmp/.wh.a': '' } } });
    const findings = deletedInLaterLayer.check(context);
    const { applied } = fixAll(text, { rules: null, review: false, taste: false }, (now) => ({
      ...analyze(now),
      findings: now === text ? findings : [],
    }));
    assert.deepEqual(
      applied.map(({ title }) => title),
      ['Merge with the RUN of line 3: saves 200 kB'],
    );
  });

  test('counts all files, however many, and names the directories that hold most of them', () => {
    const small = Object.fromEntries(
      Array.from({ length: 3000 }, (_, i) => [`src/${i % 2 ? 'odd' : 'even'}/f${i}`, noise(100, i)]),
    );
    return check(
      {
        text: 'FROM a\nRUN make\nRUN rm -rf /src /one',
        layers: { 2: { ...small, one: noise(40_000) }, 3: { '.wh.src': '', '.wh.one': '' } },
      },
      [
        '2: 340 kB written here are deleted by line 3 and stay in the image',
        '  3: deletes 340 kB in 3,001 files, most of it in /src',
        '  fix: Merge with the RUN of line 3: saves 340 kB (same-result)',
      ],
    );
  });

  test('is one finding however many lines delete it', () =>
    check(
      {
        text: 'FROM a\nRUN make\nRUN rm /a\nRUN rm /b',
        layers: { 2: { a: big, b: noise(100_000) }, 3: { '.wh.a': '' }, 4: { '.wh.b': '' } },
      },
      [
        '2: 300 kB written here are deleted by lines 3 and 4 and stay in the image',
        '  3: deletes 200 kB in 1 file: /a',
        '  4: deletes 100 kB in 1 file: /b',
      ],
    ));

  test('is nothing when it is small, of the base image, or still visible', async () => {
    await check(
      { text: 'FROM a\nRUN b\nRUN c', layers: { 2: { a: noise(99_999) }, 3: { '.wh.a': '' } } },
      [],
    );
    await check({ text: 'FROM a\nRUN rm /a', base: [{ a: big }], layers: { 2: { '.wh.a': '' } } }, []);
    await check({ text: 'FROM a\nRUN b\nRUN c', layers: { 2: { a: big }, 3: { b: big } } }, []);
  });

  test('has to be a thousandth of what the own lines wrote', async () => {
    const context = await measuredBuild({
      text: 'FROM a\nRUN b\nRUN c',
      layers: { 2: { a: big }, 3: { '.wh.a': '' } },
    });
    const found = (unpackedBytes: number) => {
      const layers = context.image!.layers.map((layer) => ({ ...layer, unpackedBytes }));
      return deletedInLaterLayer.check({ ...context, image: { ...context.image!, layers } }).length;
    };
    assert.deepEqual([found(100_000_000), found(100_000_001)], [1, 0]);
  });

  test('is not told of lines that were edited since', async () => {
    const layers = { 2: { a: big }, 3: { '.wh.a': '' } };
    const text = 'FROM a\nRUN make\nRUN rm /a';
    await check({ text, layers, edited: 'FROM a\nRUN make it\nRUN rm /a' }, []);
    await check({ text, layers, edited: 'FROM a\nRUN make\nRUN rm /a /b' }, []);
    assert.equal((await drawRule('DeletedInLaterLayer', { text, layers, edited: `# x\n${text}` })).length, 3);
  });

  test('has hostile names escaped and long ones cut', () =>
    check(
      {
        text: 'FROM a\nRUN make\nRUN rm a',
        layers: {
          2: { [`a\n\u202e${'x'.repeat(100)}`]: big },
          3: { [`.wh.a\n\u202e${'x'.repeat(100)}`]: '' },
        },
      },
      [
        '2: 200 kB written here are deleted by line 3 and stay in the image',
        `  3: deletes 200 kB in 1 file: /a\\u{a}\\u{202e}${'x'.repeat(24)}…${'x'.repeat(39)}`,
        merged,
      ],
    ));
});

describe('a deletion further below', () => {
  const layers = { 2: { a: big }, 4: { '.wh.a': '' } };
  const fixed = async (text: string) =>
    (await findingsOf('DeletedInLaterLayer', { text, layers }))[0]!.fixes.map(({ edits }) =>
      applyEdits(text, edits),
    );

  test('moves into the RUN that wrote, in its own formatting', async () => {
    assert.deepEqual(await fixed('FROM a\nRUN make\nCOPY b c\nRUN rm -rf /a\nCMD x\n'), [
      'FROM a\nRUN make && rm -rf /a\nCOPY b c\nCMD x\n',
    ]);
    assert.deepEqual(await fixed('FROM a\r\nRUN make\r\nCOPY b c\r\nRUN rm -rf \\\r\n  /a'), [
      'FROM a\r\nRUN make && rm -rf /a\r\nCOPY b c',
    ]);
  });

  test('stays where it does more than delete, or where the RUN is no plain list', async () => {
    assert.deepEqual(await fixed('FROM a\nRUN make\nCOPY b c\nRUN rm -rf /a && make more\n'), []);
    assert.deepEqual(await fixed('FROM a\nRUN make\nCOPY b c\nRUN rm -rf "$A"\n'), []);
    assert.deepEqual(await fixed('FROM a\nRUN make; true\nCOPY b c\nRUN rm -rf /a\n'), []);
    assert.deepEqual(await fixed('FROM a\nRUN ["make"]\nCOPY b c\nRUN rm -rf /a\n'), []);
    assert.deepEqual(await fixed('FROM a\nRUN make || true\nCOPY b c\nRUN rm -rf /a\n'), []);
  });
});

describe('a file that is copied for one RUN', () => {
  const layers = { 2: { 'tmp/a.tgz': big }, 3: { 'tmp/.wh.a.tgz': '' } };
  const fixed = async (text: string) =>
    (await findingsOf('DeletedInLaterLayer', { text, layers }))[0]!.fixes.map(({ edits }) =>
      applyEdits(text, edits),
    );

  test('is mounted into it instead', async () => {
    const mount = '--mount=type=bind,source=dist/a.tgz,target=/tmp/a.tgz';
    assert.deepEqual(
      await fixed('FROM a\nCOPY dist/a.tgz /tmp/\nRUN tar xf /tmp/a.tgz && rm /tmp/a.tgz\nCMD x'),
      [`FROM a\nRUN ${mount} tar xf /tmp/a.tgz\nCMD x`],
    );
    assert.deepEqual(
      await fixed(
        'FROM a\nCOPY --from=b /a.tgz /tmp/a.tgz\nRUN tar xf /tmp/a.tgz \\\n  && make \\\n  && rm -rf /tmp/a.tgz\n',
      ),
      [
        'FROM a\nRUN --mount=type=bind,from=b,source=/a.tgz,target=/tmp/a.tgz tar xf /tmp/a.tgz \\\n  && make\n',
      ],
    );
  });

  test('stays where the RUN does not end with its deletion, or the COPY is more than that', async () => {
    for (const text of [
      'FROM a\nCOPY a.tgz /tmp/\nRUN tar xf /tmp/a.tgz && rm /tmp/a.tgz && make',
      'FROM a\nCOPY a.tgz /tmp/\nRUN tar xf /tmp/a.tgz; rm /tmp/a.tgz',
      'FROM a\nCOPY a.tgz /tmp/\nRUN rm /tmp/a.tgz',
      'FROM a\nCOPY a.tgz /tmp/\nRUN tar xf /tmp/a.tgz && rm /tmp/a.tgz /tmp/b',
      'FROM a\nCOPY --chown=b a.tgz /tmp/\nRUN tar xf /tmp/a.tgz && rm /tmp/a.tgz',
      'FROM a\nCOPY *.tgz /tmp/\nRUN tar xf /tmp/a.tgz && rm /tmp/a.tgz',
      'FROM a\nADD a.tgz /tmp/\nRUN tar xf /tmp/a.tgz && rm /tmp/a.tgz',
      'FROM a\nCOPY a.tgz b.tgz /tmp/\nRUN tar xf /tmp/a.tgz && rm /tmp/a.tgz',
    ])
      assert.deepEqual(await fixed(text), [], text);
  });
});
