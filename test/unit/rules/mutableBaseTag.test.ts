import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasTemplate } from '../../../server/src/describe/translate';
import { applyEdits } from '../../../server/src/dockerfile/edit';
import { sha256 } from '../../../server/src/primitives/digest';
import { drawPast, type PastLiteral, pastFindings } from '../../support/recordedBuilds';

const text = 'FROM base:1\nRUN make\nRUN test\n';

/** A build for each word: what `base:1` was then. */
function builds(images: string, whole = text, change: Partial<PastLiteral> = {}): PastLiteral[] {
  const seen = new Set<string>();
  return [...images].map((image): PastLiteral => {
    const ran: Record<number, number> = seen.has(image) ? {} : { 2: 8_000, 3: 4_000 };
    seen.add(image);
    return { text: whole, bases: { 'base:1': image }, ran, ...change };
  });
}

test('a tag that moved is told with what it took', async () => {
  assert.deepEqual(await drawPast(builds('aab')), [
    '1 info: base:1 moved once in the last 2 builds; steps of 12 s ran again then',
    '  fix: Pin base:1 to the image of the last build',
  ]);
  assert.deepEqual(await drawPast(builds('aabbcd')), [
    '1 info: base:1 moved 3 times in the last 5 builds; steps of 12 s ran again each time, on average',
    '  fix: Pin base:1 to the image of the last build',
  ]);
});

test('each sentence of it has a translation', async () => {
  for (const images of ['ab', 'abc']) {
    const [finding] = await pastFindings(builds(images));
    const { message, fixes } = finding!;
    for (const said of [message, fixes[0]!.title, fixes[0]!.note!]) assert.ok(hasTemplate(said), said);
  }
});

describe('nothing is told', () => {
  const silent: Record<string, PastLiteral[]> = {
    'of a tag that stayed': builds('aaaa'),
    'of what took no time': builds('ab', text, { ran: { 2: 10, 3: 10 } }),
    'where all ran for another reason': builds('ab').map((one, at) => ({
      ...one,
      text: text.replace('make', `make ${at}`),
    })),
    'where --build-context put another image there': builds('ab', text, {
      extraArguments: ['--build-context', 'base:1=docker-image://other'],
    }),
    'of builds without a cache': builds('ab', text, { noCache: true }),
  };
  for (const [name, past] of Object.entries(silent)) {
    test(name, async () => assert.deepEqual(await drawPast(past), []));
  }
  test('of another base that is named since, nor of one with a digest', async () => {
    assert.deepEqual(await drawPast(builds('ab'), text.replace('base:1', 'base:2')), []);
    assert.deepEqual(await drawPast(builds('ab'), text.replace('base:1', `base:1@${sha256('')}`)), []);
  });
});

describe('the fix', () => {
  const digest = sha256('base:1 b');
  const fixed = async (whole: string) => {
    const [finding] = await pastFindings(builds('ab', whole));
    return finding && finding.fixes.length > 0 ? applyEdits(whole, finding.fixes[0]!.edits) : null;
  };
  test('adds the digest and leaves the rest of the line', async () => {
    const whole = 'from\t base:1  as  App \r\nRUN make\r\n';
    assert.equal(await fixed(whole), `from\t base:1@${digest}  as  App \r\nRUN make\r\n`);
  });
  test('is for each FROM of that image', async () => {
    const whole = 'FROM base:1 AS a\nRUN make\nFROM base:1\nCOPY --from=a / /\n';
    assert.equal(
      await fixed(whole),
      `FROM base:1@${digest} AS a\nRUN make\nFROM base:1@${digest}\nCOPY --from=a / /\n`,
    );
  });
  test('is not offered where a variable names the tag', async () => {
    const whole = 'ARG TAG=1\nFROM base:$TAG\nRUN make\n';
    const past = builds('ab', whole).map((one) => ({ ...one, ran: { 3: 8_000 } }));
    const [finding] = await pastFindings(past);
    assert.match(finding!.message, /^base:1 moved once/);
    assert.deepEqual(finding!.fixes, []);
  });
});
