// The forecast on recorded builds that are written down here: an outcome for each step as BuildKit gave it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordedBase, RecordedContent } from '../../../server/src/build/model';
import { type BuildChoice, defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { forecastCache } from '../../../server/src/forecast/cache';
import {
  type CacheFacts,
  cacheHistory,
  noFacts,
  type PastBuild,
} from '../../../server/src/forecast/cacheHistory';
import type { StepOutcome } from '../../../server/src/forecast/cacheModel';
import { sha256 } from '../../../server/src/primitives/digest';

interface Built {
  text: string;
  choice?: BuildChoice;
  /** Content of the files that lines take: by the line's text, path to content. */
  files?: Record<string, Record<string, string>>;
  /** Of each step, in order of the lines; `ran` where it is left out. */
  outcomes?: StepOutcome[];
  base?: Partial<RecordedBase>;
  extraArguments?: string[];
  rules?: PastBuild['rules'];
}

function contentsOf({ text, files = {} }: Built): RecordedContent[] {
  return parseDockerfile(text).instructions.flatMap(({ text: line, index }) => {
    const taken = files[line];
    if (!taken) return [];
    const parts = Object.entries(taken).map(([from, content]) => {
      const mode = Number.parseInt(/mode (\d+)/.exec(content)?.[1] ?? '644', 8);
      const digest = sha256(content.replace(/ ?mode \d+/, ''));
      return {
        path: from,
        from,
        type: 'file' as const,
        mode,
        link: null,
        digest,
        size: content.length,
        mtimeMs: 0,
      };
    });
    return [{ instruction: index, key: sha256(JSON.stringify(parts)), parts }];
  });
}

function pastBuild(built: Built): PastBuild {
  const dockerfile = parseDockerfile(built.text);
  const steps = dockerfile.instructions.filter(({ keyword }) => /^(?:RUN|COPY|ADD|WORKDIR)$/.test(keyword));
  const base: RecordedBase = {
    reference: 'base',
    platform: '',
    digest: sha256('base'),
    chain: null,
    environment: ['PATH=/bin'],
    doubtful: [],
    user: '',
    directory: '/',
    shell: '["/bin/sh","-c"]',
    ...built.base,
  };
  return {
    dockerfile,
    choice: built.choice ?? defaultChoice,
    rules: built.rules ?? 'buildkit',
    cache: {
      noCache: false,
      extraArguments: built.extraArguments ?? [],
      bases: [base],
      contents: contentsOf(built),
    },
    outcome: (instruction) =>
      built.outcomes?.[steps.findIndex(({ index }) => index === instruction)] ?? 'ran',
    duration: () => null,
    triggered: new Set(),
    store: 'here',
  };
}

/** `<line> <cache>[: <because>]` for each line that has a step. */
function forecastOf(past: Built[], next: Built, facts: Partial<CacheFacts> = {}): string[] {
  const dockerfile = parseDockerfile(next.text);
  const contents = new Map(
    contentsOf(next).map(({ instruction, key, parts }) => [instruction, { key, parts }]),
  );
  const lines = forecastCache(dockerfile, next.choice ?? defaultChoice, cacheHistory(past.map(pastBuild)), {
    ...noFacts,
    extraArguments: next.extraArguments ?? [],
    contentOf: (instruction) => contents.get(instruction) ?? null,
    ...facts,
  });
  return lines.flatMap((line) =>
    line
      ? [
          `${dockerfile.instructions[line.instruction]!.line} ${line.cache}${line.because === '' ? '' : `: ${line.because}`}`,
        ]
      : [],
  );
}

function checkForecast(past: Built[], next: Built, expected: string[], facts: Partial<CacheFacts> = {}) {
  assert.deepEqual(forecastOf(past, next, facts), expected);
}

const simple = 'FROM base\nRUN one\nRUN two\n';

test('without a record nothing is told', () => {
  checkForecast([], { text: simple }, [
    '2 unknown: no build of it is recorded',
    '3 unknown: no build of it is recorded',
  ]);
});

test('the same again is cached', () => {
  checkForecast([{ text: simple }], { text: simple }, ['2 cached', '3 cached']);
});

test('a changed line reruns, and what stands on it', () => {
  checkForecast([{ text: simple }], { text: 'FROM base\nRUN other\nRUN two\n' }, [
    '2 reruns: the line changed',
    '3 reruns: line 2 reruns',
  ]);
});

test('an older text hits again', () => {
  const other = { text: 'FROM base\nRUN other\nRUN two\n' };
  checkForecast([{ text: simple }, other], { text: simple }, ['2 cached', '3 cached']);
});

test('what is in no key changes nothing: comments, casing, labels, ports, stage names, commands', () => {
  checkForecast(
    [{ text: 'FROM base AS a\nLABEL a=1\nRUN one \\\n  # why\n  and\nCMD ["x"]\nRUN two\n' }],
    { text: 'FROM base AS b\nrun   one \\\n  # therefore\n\n  and\nEXPOSE 80\nLABEL a=2\nRUN two\n' },
    ['2 cached', '8 cached'],
  );
});

test('blanks within a shell command count, those of the JSON form do not', () => {
  checkForecast(
    [{ text: 'FROM base\nRUN ["a",  "b"]\nRUN a \\\n b\n' }],
    { text: 'FROM base\nRUN ["a","b"]\nRUN a \\\n  b\n' },
    ['2 cached', '3 reruns: the line changed'],
  );
});

test('comments in a document count', () => {
  checkForecast([{ text: 'FROM base\nRUN <<E\n# a\nx\nE\n' }], { text: 'FROM base\nRUN <<E\n# b\nx\nE\n' }, [
    '2 reruns: the line changed',
  ]);
});

test('the name of a lone document does not count', () => {
  checkForecast([{ text: 'FROM base\nRUN <<A\nx\nA\n' }], { text: 'FROM base\nRUN <<B\nx\nB\n' }, [
    '2 cached',
  ]);
});

test('an argument counts from its line on, used or not', () => {
  checkForecast(
    [{ text: 'FROM base\nRUN one\nARG V=1\nRUN two\n' }],
    { text: 'FROM base\nRUN one\nARG V=2\nRUN two\n' },
    ['2 cached', '4 reruns: ARG V changed in line 3'],
  );
});

test('an argument without a value is in no key', () => {
  checkForecast([{ text: simple }], { text: 'FROM base\nARG V\nRUN one\nRUN two\n' }, [
    '3 cached',
    '4 cached',
  ]);
});

test('the value that the build gives counts, not the default', () => {
  const text = 'FROM base\nARG V=1\nRUN one\n';
  const given = { ...defaultChoice, buildArgs: { V: '2' } };
  checkForecast([{ text, choice: given }], { text: text.replace('1', '2') }, ['3 cached']);
  checkForecast([{ text }], { text, choice: given }, ['3 reruns: ARG V changed in line 2']);
});

test('variables count in their order', () => {
  checkForecast(
    [{ text: 'FROM base\nENV A=1 B=2\nRUN one\n' }],
    { text: 'FROM base\nENV B=2 A=1\nRUN one\n' },
    ['3 reruns: its variables are set in another order'],
  );
});

test('a variable that the base has with the same value changes its place', () => {
  const base = { environment: ['PATH=/bin', 'LANG=C'] };
  checkForecast([{ text: simple, base }], { text: 'FROM base\nENV LANG=C\nRUN one\nRUN two\n' }, [
    '3 cached',
    '4 cached',
  ]);
  checkForecast([{ text: simple, base }], { text: 'FROM base\nENV PATH=/bin\nRUN one\nRUN two\n' }, [
    '3 reruns: its variables are set in another order',
    '4 reruns: line 3 reruns',
  ]);
});

test('of a base whose variables are not known a new first one stays open', () => {
  const base = { environment: null };
  const [first] = forecastOf([{ text: simple, base }], { text: 'FROM base\nENV LANG=C\nRUN one\nRUN two\n' });
  assert.match(first!, /^3 depends/);
});

test('and the value of one that the lines set is certain all the same', () => {
  const base = { environment: null };
  checkForecast(
    [{ text: 'FROM base\nENV A=1\nRUN one\n', base }],
    { text: 'FROM base\nENV A=2\nRUN one\n' },
    ['3 reruns: ENV A changed in line 2'],
  );
});

test('SHELL, USER and WORKDIR count in RUN; USER does not in COPY', () => {
  const files = { 'COPY a /a': { a: 'x' } };
  const past = [{ text: 'FROM base\nCOPY a /a\nRUN one\n', files }];
  checkForecast(past, { text: 'FROM base\nUSER 1\nCOPY a /a\nRUN one\n', files }, [
    '3 cached',
    '4 reruns: USER is 1, was root',
  ]);
  checkForecast(past, { text: 'FROM base\nCOPY a /a\nSHELL ["/bin/bash", "-c"]\nRUN one\n', files }, [
    '2 cached',
    '4 reruns: SHELL changed',
  ]);
});

test('a directory below another is the same by any way', () => {
  checkForecast(
    [{ text: 'FROM base\nWORKDIR /a\nWORKDIR b\nRUN one\n' }],
    { text: 'FROM base\nWORKDIR a\nWORKDIR /a/b\nRUN one\n' },
    ['2 cached', '3 cached', '4 cached'],
  );
});

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
