// What an editor knows of a build context at hand: sizes of what lines take, and which lines one odd file leaves open.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHashes } from '../../../server/src/context/hashes';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { cacheHistory } from '../../../server/src/forecast/cacheHistory';
import { contextSources } from '../../../server/src/forecast/contextSources';
import { predictSize } from '../../../server/src/forecast/sizes';
import { ContextState } from '../../../server/src/measure/contextState';
import { pastBuild } from '../../support/drawnForecast';
import { type MemoryHostOptions, memoryHost } from '../../support/memoryHost';
import { rawEntry, rawTar, tarEnd } from '../../support/rawTar';

/** `bytes` of each line after FROM, or why not; `+` behind it where its content is known for the cache too. */
async function checkLines(options: MemoryHostOptions, lines: Record<string, string>): Promise<void> {
  const host = memoryHost(options);
  const dockerfile = parseDockerfile(`FROM scratch\n${Object.keys(lines).join('\n')}\n`);
  const history = cacheHistory([pastBuild({ text: 'FROM scratch\n' })]);
  const state = new ContextState(host, { file: '/f/Dockerfile', root: '/c', hashes: createHashes(host) });
  const question = { dockerfile, choice: defaultChoice, history, extraArguments: [] };
  const { signal } = new AbortController();
  const sizes = () =>
    dockerfile.instructions.slice(1).map((instruction) => {
      const { files, contentOf } = state.inputs(question);
      const { bytes, why } = predictSize(dockerfile, instruction, defaultChoice, files);
      const source = contextSources(dockerfile, defaultChoice, [], history.rules).find(
        (one) => one.instruction === instruction.index,
      );
      return `${bytes ?? why}${source && contentOf(source) ? ' +' : ''}`;
    });
  await state.walk('buildkit', signal);
  // Asked before the archives were read, as a keystroke may.
  sizes();
  await state.read(question, signal);
  assert.deepEqual(Object.fromEntries(Object.keys(lines).map((line, at) => [line, sizes()[at]])), lines);
}

test('an archive is looked into however its name is written', async () => {
  const tar = rawTar(rawEntry({ name: 'in/f' }, 'hello world'), tarEnd);
  const files = { '/c/a.tar': tar, '/c/sub/b.tar': tar, '/c/plain': 'plain' };
  const entries = { '/c/link': { type: 'symlink', link: 'a.tar' } } as const;
  await checkLines(
    { files: { ...files, '/c/link': '' }, entries },
    {
      'ADD a.tar /1/': '11 +',
      'ADD a.tar/ /2/': '11 +',
      'ADD a.tar/. /3/': '11 +',
      'ADD link/ /4/': '11 +',
      'ADD a.t*r /5/': '11 +',
      'ADD ../a.tar /6/': '11 +',
      'ADD sub/../sub/b.tar/ /7/': '11 +',
      'ADD plain/ /8/': '5 +',
      'ADD --unpack=false a.tar/ /9/': `${tar.length} +`,
      'COPY a.tar/ /10/': `${tar.length} +`,
    },
  );
});

test('a name that is not UTF-8 leaves open only the lines that may take that file', async () => {
  const files = { '/c/in/f': 'hello', '/c/in/b\ufffd.txt': '', '/c/ok/f': 'good' };
  const entries = { '/c/in/b\ufffd.txt': { type: 'unknown' } } as const;
  const unknown = 'nothing is known of in/b\ufffd.txt: its name is not UTF-8';
  await checkLines(
    { files, entries },
    {
      'COPY ok /1/': '4 +',
      'COPY in/f /2/': '5 +',
      'COPY in /3/': unknown,
      'COPY . /4/': unknown,
      'COPY in/b* /5/': unknown,
      'COPY in/f* /6/': '5 +',
      'COPY --exclude=*.txt in /7/': '5 +',
    },
  );
});

test('what may not be looked at leaves all open', async () => {
  await checkLines(
    { files: { '/c/a': '', '/c/b': '' }, entries: { '/c/a': { type: 'unknown' } } },
    { 'COPY b /1/': 'Nothing is known of a: its name is no text, or permission is denied.' },
  );
});
