// Logs as CI systems keep them: whatever stands before the builder's lines, the steps are the same; what a log does not
// tell is not told.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { importLog, type LogOptions } from '../../../server/src/build/importLog';
import { logLine } from '../../../server/src/build/logLines';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { StrataError } from '../../../server/src/primitives/errors';
import { readFixture } from '../../support/fixtures';

const dockerfile = parseDockerfile(readFixture('imports/Dockerfile'));
const writtenMs = Date.UTC(2026, 0, 2);

function imported(log: string, options: Partial<LogOptions> = {}) {
  return importLog(log, 'ci.log', { dockerfile, dockerfileName: 'Dockerfile', writtenMs, ...options });
}

/** Steps of instructions, as `build 2/4 COPY hit`. */
function drawn(log: string, options: Partial<LogOptions> = {}): string[] {
  const { steps } = imported(log, options);
  return steps!
    .filter(({ keyword }) => keyword !== null)
    .map(({ stage, number, total, keyword, cached, durationMs, error, platform }) => {
      const how = cached ? 'hit' : error === null ? `ran ${durationMs}` : 'failed';
      return [platform, stage, `${number}/${total}`, keyword, how].filter(Boolean).join(' ');
    });
}

const plain = readFixture('imports/plain.log');
const steps = [
  'build 1/4 WORKDIR hit',
  'build 2/4 COPY hit',
  'build 3/4 RUN ran 100',
  'stage-1 1/3 COPY hit',
  'stage-1 2/3 RUN hit',
];
const stamped = (prefix: (second: string) => string, log = plain) =>
  log
    .split('\n')
    .map((line, at) => `${prefix(String(at % 60).padStart(2, '0'))}${line}`)
    .join('\n');

describe('the prefixes of CI systems', () => {
  const forms: Record<string, string> = {
    'none at all': plain,
    'Windows line ends': plain.replaceAll('\n', '\r\n'),
    'GitHub Actions': stamped((second) => `2026-01-01T00:00:${second}.1234567Z `),
    'gh run view --log': stamped((second) => `build\tBuild image\t2026-01-01T00:00:${second}.1234567Z `),
    'GitLab with timestamps': stamped((second) => `2026-01-01T00:00:${second}.123456Z 01O `),
    'GitLab without': `section_start:1767225600:build\r\u001b[0K\u001b[36;1m$ docker build .\u001b[0;m\n${plain}section_end:1767225610:build\r\u001b[0K`,
    'colours and carriage returns': stamped(() => '\u001b[34m').replaceAll('\n', '\u001b[0m\n'),
    "Jenkins' timestamper": stamped((second) => `[2026-01-01T00:00:${second}.123Z] `),
  };
  for (const [name, log] of Object.entries(forms)) {
    test(`${name}`, () => assert.deepEqual(drawn(log), steps));
  }

  test('times are those of the log, where it has some', () => {
    const { started, durationMs, notes } = imported(forms['GitHub Actions']!);
    assert.equal(started, '2026-01-01T00:00:00.123Z');
    assert.equal(durationMs, 44_000);
    assert.deepEqual(notes, []);
  });

  test('without any, the file dates it and no length is told', () => {
    const { started, durationMs, notes } = imported(plain);
    assert.equal(started, '2026-01-02T00:00:00.000Z');
    assert.equal(durationMs, null);
    assert.match(notes.join(), /tells no times/);
  });

  test('what a step prints is no prefix', () => {
    assert.equal(logLine('#5 0.1 2026-01-01T00:00:00Z').text, '#5 0.1 2026-01-01T00:00:00Z');
    assert.equal(logLine('12:00 lunch').text, '12:00 lunch');
  });
});

describe('what a log tells of the image', () => {
  test('its id and its manifests', () => {
    const { image } = imported(plain);
    assert.deepEqual(image.ids, ['sha256:eec794e5f4d54f5ac80c0fc5dd03cb1d03aa5ce32345d8dcab32c1f29846b54d']);
    assert.equal(image.manifests.length, 2);
  });

  test('where it was pushed, by its digest; what it was called, in the engine', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const log = `#1 [1/1] RUN x\n#1 DONE 0.1s\n#2 exporting to image\n#2 naming to docker.io/library/app:1 done\n#2 pushing manifest for registry.example/app:1@${digest} 0.1s done\n#2 DONE 0.1s\n`;
    assert.deepEqual(imported(log).image.references, [
      `docker://registry.example/app:1@${digest}`,
      'docker-daemon:app:1',
    ]);
  });
});

describe('several builds in one log', () => {
  test('the one whose steps are this Dockerfile’s is taken, and it is said', () => {
    const other =
      '#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n#2 [1/1] RUN other\n#2 DONE 9.0s\n';
    for (const log of [`${plain}${other}`, `${other}${plain}`, `${plain}\n$ next job\n${other}`]) {
      assert.deepEqual(drawn(log), steps);
      assert.match(imported(log).notes.join(), /holds 2 builds; number [12] fits/);
    }
  });

  test('of bake the target is asked for, and its steps alone are told', () => {
    const log = readFixture('imports/bake.log');
    assert.throws(() => imported(log), /several targets: a, b/);
    assert.deepEqual(drawn(log, { bakeTarget: 'a' }), ['build 2/4 COPY ran 0', 'build 3/4 RUN ran 200']);
    const arm = drawn(log, { bakeTarget: 'b' }).filter((step) => step.startsWith('linux/arm64'));
    assert.deepEqual(arm, [
      'linux/arm64 build 1/4 WORKDIR hit',
      'linux/arm64 build 2/4 COPY ran 0',
      'linux/arm64 build 3/4 RUN ran 100',
      'linux/arm64 stage-1 1/3 COPY ran 0',
      'linux/arm64 stage-1 2/3 RUN ran 100',
    ]);
    assert.deepEqual(imported(log, { bakeTarget: 'a' }).image.ids.length, 1);
    assert.throws(() => imported(log, { bakeTarget: 'c' }), /no target c; it has: a, b/);
  });
});

describe('other forms', () => {
  test('rawjson, between other lines and behind timestamps', () => {
    const raw = readFixture('builds/buildx-rawjson-second.jsonl');
    const own = parseDockerfile(readFixture('builds/context/Dockerfile'));
    const log = stamped(() => '2026-01-01T00:00:01.1234567Z ', raw);
    const part = imported(`$ docker buildx build .\n${log}`, { dockerfile: own });
    assert.equal(part.outcome, 'built');
    assert.equal(part.steps!.filter(({ cached }) => cached).length, 10);
    // rawjson tells times of its own.
    assert.match(part.started!, /^2026-11-24T05:38:25/);
  });

  test('the classic builder: steps of another text are left out', () => {
    const own = parseDockerfile(readFixture('builds/context/Dockerfile.engine'));
    const part = imported(readFixture('builds/classic-second.txt'), { dockerfile: own });
    assert.equal(part.rules, 'classic');
    assert.equal(part.steps!.length, 18);
    assert.ok(
      part.steps!.every(({ cached, durationMs }) => (cached ? durationMs === 0 : durationMs === null)),
    );
    assert.match(part.image.ids.join(), /^[0-9a-f]{12}$/);
    const edited = parseDockerfile(own.text.replace('COPY package.txt ./', 'COPY package.txt /'));
    const other = imported(readFixture('builds/classic-second.txt'), { dockerfile: edited });
    assert.equal(other.steps!.length, 17);
    assert.match(other.notes.join(), /1 of its steps have another text/);
  });

  test('buildah: image and hits', () => {
    const id = 'b'.repeat(64);
    const log = `STEP 1/3: FROM base\nSTEP 2/3: RUN a\n--> Using cache ${id}\n--> ${id.slice(0, 11)}\nSTEP 3/3: RUN b\n--> ${'c'.repeat(11)}\nCOMMIT app\n--> ${'c'.repeat(11)}\nSuccessfully tagged localhost/app:latest\n${'c'.repeat(64)}\n`;
    const own = parseDockerfile('FROM base\nRUN a\nRUN b\n');
    const part = imported(log, { dockerfile: own });
    const edited = imported(log, { dockerfile: parseDockerfile('FROM base\nRUN a\nRUN c\n') });
    assert.deepEqual(
      edited.steps!.map(({ name }) => name),
      ['FROM base', 'RUN a'],
    );
    assert.equal(part.rules, 'buildah');
    assert.deepEqual(
      part.steps!.map(({ keyword, cached }) => [keyword, cached]),
      [
        ['FROM', false],
        ['RUN', true],
        ['RUN', false],
      ],
    );
    assert.deepEqual(part.image.ids, [`sha256:${'c'.repeat(64)}`]);
    assert.deepEqual(part.image.references, ['containers-storage:localhost/app:latest']);
  });
});

describe('how it ended', () => {
  const outcomes: Record<string, 'built' | 'failed' | 'unfinished'> = {
    'buildx-plain.txt': 'built',
    'buildx-plain-fail.txt': 'failed',
    'buildx-plain-missing.txt': 'failed',
    'buildx-plain-syntax.txt': 'failed',
    'buildx-rawjson.jsonl': 'built',
    'buildx-rawjson-fail.jsonl': 'failed',
    'buildx-rawjson-syntax.jsonl': 'failed',
    'buildkit-plain.txt': 'built',
    'buildkit-plain-fail.txt': 'failed',
    'classic.txt': 'built',
    'classic-fail.txt': 'failed',
    'classic-missing.txt': 'failed',
  };
  for (const [name, outcome] of Object.entries(outcomes)) {
    test(`${name}: ${outcome}`, () => {
      const part = imported(readFixture(`builds/${name}`));
      assert.equal(part.outcome, outcome);
      assert.equal(part.words.length > 0, outcome === 'failed');
    });
  }

  test('a log that is cut is not taken for a whole one', () => {
    const end = plain.indexOf('#8 DONE');
    const part = imported(plain.slice(0, end));
    assert.equal(part.outcome, 'unfinished');
    assert.match(part.notes.join(), /ends before the build does/);
  });
});

describe('anyone’s logs', () => {
  test('what holds no build is refused with a reason', () => {
    for (const log of ['', 'hello\n', '{"a":1}\n{}\n', '\u0000\u0001\n', '#not a step\nStep one\n']) {
      assert.throws(
        () => imported(log),
        (error) => error instanceof StrataError && error.code === 'unreadable',
      );
    }
  });

  test('names and builds without end are bounded', () => {
    const many = Array.from(
      { length: 30_000 },
      (_, at) => `#${at + 1} [1/9] RUN ${at}\n#${at + 1} DONE 0.1s`,
    );
    assert.ok(imported(many.join('\n')).steps!.length <= 20_000);
    const builds = Array.from({ length: 500 }, () => plain).join('\n');
    assert.deepEqual(drawn(builds), steps);
    const long = imported(`#1 [1/1] RUN ${'x'.repeat(5_000_000)}\n#1 DONE 0.1s\n`);
    assert.ok(long.steps![0]!.name.length <= 256 * 1024);
  });
});
