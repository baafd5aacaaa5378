import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasTemplate } from '../../../server/src/describe/translate';
import { applyEdits } from '../../../server/src/dockerfile/edit';
import { drawPast, type PastLiteral, pastFindings } from '../../support/recordedBuilds';

const text = 'FROM base\nWORKDIR /srv\nCOPY . app\nRUN make\nRUN test\n';
const first: PastLiteral = { text, ran: { 2: 10, 3: 20, 4: 8_000, 5: 2_000 }, files: { 3: '0' } };

/** The first build, then one for each word: the files of line 3 at that time; `.` leaves them as they were. */
function builds(files: string, change: Partial<PastLiteral> = {}): PastLiteral[] {
  let last = '0';
  const later = [...files].map((word): PastLiteral => {
    const hits = word === '.' || word === last;
    if (word !== '.') last = word;
    return {
      ...{ text, files: { 3: last }, ran: hits ? {} : { 3: 20, 4: 8_000, 5: 2_000 } },
      ...change,
    };
  });
  return [first, ...later];
}

test('files that change in most builds are told with what runs again below them', async () => {
  assert.deepEqual(await drawPast(builds('12.34')), [
    '3 hint: missed the cache in 4 of the last 5 builds, as its files changed; what ran again below it took 10 s on average',
    '  4: ran again, 8.0 s on average',
    '  5: ran again, 2.0 s on average',
  ]);
});

test('another name that --build-context gives changes nothing of that', async () => {
  const extraArguments = ['--build-context', 'other=docker-image://a'];
  const past = builds('12345', { extraArguments });
  assert.equal((await drawPast([{ ...first, extraArguments }, ...past.slice(1)])).length, 3);
});

describe('nothing is told', () => {
  const silent: Record<string, PastLiteral[]> = {
    'of few builds': builds('1234'),
    'of a line that mostly hits': builds('12....'),
    'of what takes no time': builds('12345').map((one) => ({ ...one, ran: { ...one.ran, 4: 100, 5: 100 } })),
    'of builds without a cache': builds('12345', { noCache: true }),
    'of builds after a prune, whose lines ran though nothing had changed': [
      first,
      ...Array.from({ length: 6 }, () => first),
    ],
    'of builds that another builder made': builds('12345').map((one, at) => ({
      ...one,
      instance: `builder ${at}`,
    })),
    'of builds that asked a cache elsewhere': builds('12345', { extraArguments: ['--cache-from=x'] }),
    'of a base that moved each time, below which files changed too': builds('12345').map((one, at) => ({
      ...one,
      bases: { base: String(at) },
      ran: { 2: 10, 3: 20, 4: 8_000, 5: 10 },
    })),
  };
  for (const [name, past] of Object.entries(silent)) {
    test(name, async () => {
      const found = await pastFindings(past);
      assert.deepEqual(
        found.filter(({ rule }) => rule === 'OftenMisses').map(({ message }) => message),
        [],
      );
    });
  }
  test('of a line that was edited since', async () => {
    assert.deepEqual(await drawPast(builds('12345'), text.replace('. app', '. other')), []);
  });
  test('of an install that CopyBeforeInstall tells of', async () => {
    const npm = (one: PastLiteral) => ({
      ...one,
      text: text.replace('. app', '. .').replace('make', 'npm ci'),
    });
    assert.deepEqual(await drawPast(builds('12345').map(npm)), []);
  });
});

test('a miss is of the first line whose files changed, not of those below it', async () => {
  const both = text.replace('RUN make\n', 'RUN make\nCOPY more more\n');
  const past = Array.from({ length: 7 }, (_, at): PastLiteral => {
    const ran = { 3: 20, 4: 4_000, 5: 20, 6: 5_000 };
    return { text: both, files: { 3: String(at), 5: String(at) }, ran: at === 0 ? { ...ran, 2: 9 } : ran };
  });
  // Line 6 would have run for line 5 anyway.
  assert.deepEqual(await drawPast(past), [
    '3 hint: missed the cache in 6 of the last 6 builds, as its files changed; what ran again below it took 4.0 s on average',
    '  4: ran again, 4.0 s on average',
  ]);
});

test('an edit elsewhere leaves what the builds told', async () => {
  const edited = `# note\n${text.replace('RUN test', 'RUN other')}`;
  assert.deepEqual(await drawPast(builds('12345'), edited), [
    '4 hint: missed the cache in 5 of the last 5 builds, as its files changed; what ran again below it took 8.0 s on average',
    '  5: ran again, 8.0 s on average',
  ]);
});

describe('the fix', () => {
  /** The text after the fix of line 3, whose files changed in each of the builds, `RUN`s below taking 5 s each. */
  async function fixed(lines: string, top = 'FROM base\nWORKDIR /srv\n'): Promise<string | null> {
    const whole = `${top}${lines}`;
    const runs = Object.fromEntries(
      whole
        .split(/\r?\n/)
        .flatMap((line, at) => (/^(?:RUN|COPY)/.test(line) && at > 1 ? [[at + 1, 5_000]] : [])),
    );
    const others: Record<number, string> = /^COPY.*\nCOPY/m.test(whole) ? { 4: 'the same' } : {};
    const past = Array.from({ length: 7 }, (_, at): PastLiteral => {
      return { text: whole, files: { 3: String(at), ...others }, ran: at === 0 ? { ...runs, 2: 1 } : runs };
    });
    const [finding] = await pastFindings(past);
    assert.ok(finding, 'the line is told');
    const [fix] = finding.fixes;
    assert.equal(finding.severity, fix ? 'info' : 'hint');
    for (const said of [finding.message, ...(fix ? [fix.title, fix.note!] : [])]) {
      assert.ok(hasTemplate(said), said);
    }
    return fix ? applyEdits(whole, fix.edits).slice(top.length) : null;
  }
  const moves: Record<string, [before: string, after: string]> = {
    'goes below an install': [
      'COPY . .\nRUN apt-get update && apt-get install -y --no-install-recommends curl git\nRUN make\n',
      'RUN apt-get update && apt-get install -y --no-install-recommends curl git\nCOPY . .\nRUN make\n',
    ],
    'goes below several, and what lies between': [
      'COPY --chown=1 . app\nRUN apk add --no-cache git\nLABEL a=b\nRUN apk add curl \\\n  jq\nRUN make\n',
      'RUN apk add --no-cache git\nLABEL a=b\nRUN apk add curl \\\n  jq\nCOPY --chown=1 . app\nRUN make\n',
    ],
    'goes to the end': ['COPY . .\r\nRUN dnf install -y gcc', 'RUN dnf install -y gcc\r\nCOPY . .'],
  };
  for (const [name, [before, after]] of Object.entries(moves)) {
    test(name, async () => assert.equal(await fixed(before), after));
  }
  const refused: Record<string, string> = {
    'a RUN that might read the files': 'COPY . .\nRUN make\n',
    'a package that is a file': 'COPY . .\nRUN apt-get install -y ./tool.deb\n',
    'a list of packages that is a file': 'COPY . .\nRUN apt-get install -y $(cat packages)\n',
    'more than the install': 'COPY . .\nRUN apt-get install -y git && make\n',
    'files of the system': 'COPY sources.list /etc/apt/sources.list\nRUN apt-get update\n',
    'a place that a variable names': 'COPY . $HOME\nRUN apk add git\n',
    'a COPY between': 'COPY . .\nCOPY b c\nRUN apk add git\n',
  };
  for (const [name, before] of Object.entries(refused)) {
    test(`is not offered for ${name}`, async () => assert.equal(await fixed(before), null));
  }
});

describe('a build argument', () => {
  const withArg = 'FROM base\nARG REVISION\nRUN long\nRUN echo $REVISION\n';
  const past = (whole = withArg) =>
    Array.from({ length: 7 }, (_, at): PastLiteral => {
      return { text: whole, args: { REVISION: String(at) }, ran: { 3: 5_000, 4: 100 } };
    });
  test('is told at its line, and goes down to the first line that names it', async () => {
    assert.deepEqual(await drawPast(past()), [
      '2 info: had another value in 6 of the last 6 builds; what ran again below it took 5.1 s on average',
      '  3: ran again, 5.0 s on average',
      '  4: ran again, 0.1 s on average',
      '  fix: Move it below line 3, which then need not run again',
    ]);
    const [finding] = await pastFindings(past());
    assert.equal(
      applyEdits(withArg, finding!.fixes[0]!.edits),
      'FROM base\nRUN long\nARG REVISION\nRUN echo $REVISION\n',
    );
    assert.ok(hasTemplate(finding!.message) && hasTemplate(finding!.fixes[0]!.note!));
  });
  test('stays where the first line names it, or none does', async () => {
    for (const lines of [
      'RUN long $REVISION\nRUN x\n',
      'RUN long\nRUN x\n',
      'RUN env > /e\nRUN $REVISION\n',
    ]) {
      const [finding] = await pastFindings(past(`FROM base\nARG REVISION\n${lines}`));
      assert.deepEqual(finding!.fixes, [], lines);
    }
  });
});
