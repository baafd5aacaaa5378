import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyEdits } from '../../../server/src/dockerfile/edit';
import { type BuildLiteral, drawRule, findingsOf, noise } from '../../support/measuredBuild';

const check = async (build: BuildLiteral, expected: string[]) =>
  assert.deepEqual(await drawRule('CopiedUpByMetadata', build), expected);

const file = (mode: number, bytes = 200_000) => ({ content: noise(bytes), mode });
const one = { 2: { 'app/x': file(0o644) }, 3: { 'app/x': file(0o755) } };
/** The folder is there already, so that the COPY makes the file alone. */
const base = [{ 'app/': { mode: 0o755 } }];

test('files of lines and of the base image are told at the line that changes them', () =>
  check(
    {
      text: 'FROM a\nCOPY x /x\nRUN chmod -R a+r /',
      base: [{ y: file(0o600, 300_000) }],
      layers: { 2: { x: file(0o600) }, 3: { x: file(0o644), y: file(0o644, 300_000) } },
    },
    ['3: 500 kB of line 2 and the base image are stored again here by chmod', '  2: wrote 200 kB of it, /x'],
  ));

test('a RUN that names no such command is not told, nor one that writes other content', async () => {
  await check({ text: 'FROM a\nCOPY x /app/x\nRUN touch /app/x', base, layers: one }, []);
  const other = { 2: one[2], 3: { 'app/x': { content: noise(200_001), mode: 0o755 } } };
  await check({ text: 'FROM a\nCOPY x /app/x\nRUN chmod 755 /app/x', base, layers: other }, []);
});

describe('the fix', () => {
  async function fix(text: string, layers: BuildLiteral['layers'] = one): Promise<string[]> {
    const findings = await findingsOf('CopiedUpByMetadata', { text, base, layers });
    return findings.flatMap(({ fixes }) =>
      fixes.map(({ effect, edits }) => `${effect} ${applyEdits(text, edits)}`),
    );
  }

  test('sets mode or owner by the COPY, and the RUN goes', async () => {
    assert.deepEqual(await fix('FROM a\nCOPY x /app/x\nRUN chmod 755 /app/x\nCMD x'), [
      'same-result FROM a\nCOPY --chmod=755 x /app/x\nCMD x',
    ]);
    assert.deepEqual(await fix('FROM a\nCOPY --from=b x /app/\nRUN chown app:app /app/x'), [
      'same-result FROM a\nCOPY --chown=app:app --from=b x /app/',
    ]);
  });
  test('is for review where the COPY makes directories, or a whole directory is meant', async () => {
    const deep = { 2: { 'new/x': file(0o644) }, 3: { 'new/x': file(0o755) } };
    assert.deepEqual(await fix('FROM a\nCOPY x /new/x\nRUN chmod 755 /new/x', deep), [
      'review FROM a\nCOPY --chmod=755 x /new/x',
    ]);
    const two = {
      2: { 'app/x': file(0o644), 'app/y': file(0o644) },
      3: { 'app/x': file(0o755), 'app/y': file(0o755) },
    };
    assert.deepEqual(await fix('FROM a\nCOPY . /app/\nRUN chown -R 1:1 /app', two), [
      'review FROM a\nCOPY --chown=1:1 . /app/',
    ]);
  });
  test('is for review where the RUN left something else, or the file has special bits', async () => {
    const more = { ...one, 3: { ...one[3], log: 'x' } };
    assert.deepEqual(await fix('FROM a\nCOPY x /app/x\nRUN chmod 755 /app/x', more), [
      'review FROM a\nCOPY --chmod=755 x /app/x',
    ]);
    const setuid = { 2: { 'app/x': file(0o4755) }, 3: { 'app/x': file(0o755) } };
    assert.deepEqual(await fix('FROM a\nCOPY x /app/x\nRUN chown 1:1 /app/x', setuid), [
      'review FROM a\nCOPY --chown=1:1 x /app/x',
    ]);
  });
  test('is not offered where the RUN does more, or something stands between', async () => {
    for (const text of [
      'FROM a\nCOPY x /app/x\nRUN chmod 755 /app/x && ls',
      'FROM a\nCOPY x /app/x\nRUN chmod +x /app/x',
      'FROM a\nCOPY x /app/x\nRUN chmod 4755 /app/x',
      'FROM a\nCOPY x /app/x\nRUN chown app /app/x',
      'FROM a\nCOPY x /app/x\nRUN chmod 755 /app/y',
      'FROM a\nCOPY --chmod=700 x /app/x\nRUN chmod 755 /app/x',
      'FROM a\nCOPY --link x /app/x\nRUN chmod 755 /app/x',
      'FROM a\nRUN make\nRUN chmod 755 /app/x',
    ])
      assert.deepEqual(await fix(text), [], text);
    assert.deepEqual(
      await fix('FROM a\nCOPY x /app/x\nUSER b\nRUN chmod 755 /app/x', { 2: one[2], 4: one[3] }),
      [],
    );
  });
});
