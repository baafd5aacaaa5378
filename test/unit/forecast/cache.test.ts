// The forecast on recorded builds that are written down here: files, stages, bases, words for the builder.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import type { StepOutcome } from '../../../server/src/forecast/cacheModel';
import { sha256 } from '../../../server/src/primitives/digest';
import { type Built, checkForecast, contentsOf, forecastOf } from '../../support/drawnForecast';

const simple = 'FROM base\nRUN one\nRUN two\n';

const copy = 'FROM base\nCOPY src /src\nRUN one\n';
const taking = (files: Record<string, string>): Built => ({ text: copy, files: { 'COPY src /src': files } });

for (const [what, before, after, because] of [
  ['content', { 'src/a': '1' }, { 'src/a': '2' }, 'src/a changed (content)'],
  ['mode', { 'src/a': '1' }, { 'src/a': '1 mode 664' }, 'src/a has mode 0664, was 0644'],
  ['new files', { 'src/a': '1' }, { 'src/a': '1', 'src/b': '' }, 'src/b is new'],
  ['files that are gone', { 'src/a': '1', 'src/b': '' }, { 'src/a': '1' }, 'src/b is gone'],
] as const) {
  test(`the cause of a miss names ${what}`, () => {
    checkForecast([taking(before)], taking(after), [`2 reruns: ${because}`, '3 reruns: line 2 reruns']);
  });
}

test('an older content hits again', () => {
  checkForecast([taking({ 'src/a': '1' }), taking({ 'src/a': '2' })], taking({ 'src/a': '1' }), [
    '2 cached',
    '3 cached',
  ]);
});

test('a context that was not read leaves its lines open', () => {
  checkForecast([taking({ 'src/a': '1' })], { text: copy }, [
    '2 unknown: the files that it takes have not been read',
    '3 depends: line 2 may run',
  ]);
});

test('an edit that the client does not see is told', () => {
  const contentOf = () => ({
    key: contentsOf(taking({ 'src/a': '1' }))[0]!.key,
    parts: null,
    missed: ['src/a'],
  });
  const [first] = forecastOf([taking({ 'src/a': '1' })], { text: copy }, { contentOf });
  assert.match(first!, /^2 cached: although src\/a was edited/);
});

const stages = 'FROM base AS build\nRUN make\nFROM base\nCOPY --from=build /out /out\nRUN end\n';

test('what is copied from a stage that runs again depends on what it makes', () => {
  checkForecast([{ text: stages }], { text: stages.replace('make', 'make all') }, [
    '2 reruns: the line changed',
    '4 depends: line 2 may bring other files; the same content would hit',
    '5 depends: line 4 may run',
  ]);
});

test('a stage that made the same leads to the same lines from then on', () => {
  const other = {
    text: stages.replace('make', 'make all'),
    outcomes: ['ran', 'hit', 'hit'] as StepOutcome[],
  };
  checkForecast([{ text: stages }, other], { text: `${other.text}RUN more\n` }, [
    '2 cached',
    '4 cached',
    '5 cached',
    '6 reruns: no recorded build had it here',
  ]);
});

test('a file of a stage at another place may hit as well', () => {
  const [, second] = forecastOf([{ text: stages }], { text: stages.replace('/out /out', '/other/out /out') });
  assert.match(second!, /^4 depends: .*the same content would hit/);
});

test('a failed build leaves what it had finished', () => {
  const failed = { text: simple, outcomes: ['ran', 'none'] as StepOutcome[] };
  checkForecast([failed], { text: simple }, ['2 cached', '3 reruns: no recorded build had it here']);
});

test('a stage that the target does not need is not built', () => {
  const text = 'FROM base AS a\nRUN one\nFROM base AS b\nRUN two\n';
  checkForecast([{ text }], { text }, [
    '2 unknown: the target does not need this stage: it is not built',
    '4 cached',
  ]);
});

test('another base leaves all open, since its layers may be the same', () => {
  checkForecast([{ text: simple }], { text: simple.replace('base', 'other') }, [
    '2 depends: no recorded build stood on other; the same layers would hit',
    '3 depends: line 2 may run',
  ]);
});

test('a base that moved to other layers reruns all', () => {
  const moved = { digest: sha256('moved'), chain: sha256('b') };
  const past = [
    { text: simple, base: { chain: sha256('a') } },
    { text: 'FROM base\nRUN other\n', base: moved },
  ];
  checkForecast(past, { text: simple }, ['2 reruns: the base image moved', '3 reruns: line 2 reruns']);
});

test('without the cache all reruns but WORKDIR', () => {
  const text = 'FROM base\nWORKDIR /a\nRUN one\nWORKDIR /b\n';
  checkForecast(
    [{ text }],
    { text },
    ['2 cached', '3 reruns: the build uses no cache', '4 reruns: line 3 reruns'],
    { noCache: true },
  );
});

test('other words for the builder leave open what was built with these', () => {
  checkForecast([{ text: simple, extraArguments: ['--add-host=a:1.1.1.1'] }], { text: simple }, [
    '2 unknown: it was built like this with other arguments for the builder, or another frontend',
    '3 unknown: it was built like this with other arguments for the builder, or another frontend',
  ]);
  checkForecast([{ text: simple, extraArguments: ['--tag', 'x', '--push'] }], { text: simple }, [
    '2 cached',
    '3 cached',
  ]);
});

test('a linked COPY is independent of its base, its merge is not', () => {
  const files = { 'COPY --link a /a': { a: 'x' } };
  const text = 'FROM base\nRUN one\nCOPY --link a /a\n';
  checkForecast([{ text, files }], { text: text.replace('one', 'two'), files }, [
    '2 reruns: the line changed',
    '3 reruns: line 2 reruns',
  ]);
  const alone = 'FROM scratch\nCOPY --link a /a\n';
  checkForecast([{ text: alone, files }], { text: alone, files }, ['2 cached']);
});

test('a URL is asked for each time', () => {
  const text = 'FROM base\nADD https://example.com/a /a\n';
  checkForecast([{ text }], { text }, ['2 depends: the server of https://example.com/a is asked each time']);
});

test('the id of a cache mount is in the key only in part: a change of it stays open', () => {
  const text = 'FROM base\nRUN --mount=type=cache,target=/c,id=a x\n';
  const [first] = forecastOf([{ text }], { text: text.replace('id=a', 'id=b') });
  assert.match(first!, /^2 depends/);
  checkForecast([{ text }], { text: text.replace('/c', '/d') }, ['2 reruns: --mount changed']);
});

test('the classic builder looks each line up, and every line stands on the one above', () => {
  const text = 'FROM base\nLABEL a=1\nRUN one\n';
  checkForecast([{ text, rules: 'classic' }], { text: text.replace('a=1', 'a=2') }, [
    '2 reruns: the line changed',
    '3 reruns: line 2 reruns',
  ]);
  checkForecast([{ text, rules: 'classic' }], { text: 'FROM base\n\n# why\nlabel  a=1\nRUN one\n' }, [
    '4 cached',
    '5 cached',
  ]);
});

test('a line that takes from more places than the one before it is another line', () => {
  const text = 'FROM base\nCOPY a <<E /x/\n$U\nE\n';
  const files = { [parseDockerfile(text).instructions[1]!.text]: { a: '1' } };
  checkForecast([{ text: 'FROM base\nCOPY <<E /x/\n$U\nE\n' }], { text, files }, [
    '2 reruns: no recorded build had it here',
  ]);
});

test('no text makes it throw', () => {
  for (const text of [
    '',
    'FROM',
    'RUN x',
    'FROM a\nCOPY\nRUN --mount=\nADD x',
    'FROM $X\nWORKDIR\nUSER\nENV\nARG\nRUN <<A',
    'FROM a AS a\nFROM a\nCOPY --from=9 x y',
  ]) {
    assert.ok(forecastOf([{ text }, { text: simple }], { text }));
  }
});
