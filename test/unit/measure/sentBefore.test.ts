// What BuildKit still has of the context from the builds before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordedPart } from '../../../server/src/build/model';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { cacheHistory, type PastBuild } from '../../../server/src/forecast/cacheHistory';
import { sentBefore } from '../../../server/src/measure/sentBefore';
import { sha256 } from '../../../server/src/primitives/digest';

/** `path` or `path/` for a folder; `:755` behind it is its mode. */
function part(drawn: string): RecordedPart {
  const [name = '', mode = '644'] = drawn.split(':');
  const isFolder = name.endsWith('/');
  const path = name.replace(/\/$/, '');
  return {
    path,
    from: path,
    type: isFolder ? 'directory' : 'file',
    mode: Number.parseInt(mode, 8),
    link: null,
    digest: isFolder ? null : sha256(path),
    size: 0,
    mtimeMs: 0,
  };
}

function checkSent(builds: string[][], expected: string[], rules: PastBuild['rules'] = 'buildkit') {
  const past = builds.map(
    (drawn): PastBuild => ({
      dockerfile: parseDockerfile('FROM base\nCOPY a b\n'),
      choice: defaultChoice,
      rules,
      cache: {
        noCache: false,
        extraArguments: [],
        bases: [],
        contents: drawn.length === 0 ? [] : [{ instruction: 1, key: sha256('key'), parts: drawn.map(part) }],
      },
      outcome: () => 'ran',
      duration: () => null,
      triggered: new Set(),
      store: 'here',
    }),
  );
  const sent = [...sentBefore(cacheHistory(past)).values()].map(
    ({ from, type, mode }) => `${from}${type === 'directory' ? '/' : ''}:${mode.toString(8)}`,
  );
  assert.deepEqual(sent.sort(), expected);
}

test('the files of the last build that took any', () => {
  checkSent([['a', 'b'], ['b', 'c'], []], ['b:644', 'c:644']);
});

test('a folder keeps the mode that it came with while something below it is asked for', () => {
  checkSent([['d/:755', 'd/a'], ['d/a']], ['d/:755', 'd/a:644']);
  checkSent([['d/:755', 'd/a'], ['e']], ['e:644']);
});

test('other builders read everything anew', () => {
  checkSent([['a']], [], 'classic');
});
