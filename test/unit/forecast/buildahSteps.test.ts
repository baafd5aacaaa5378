// How buildah and podman find a step again, as seen with podman 4.3: by what they write into the history.
import { test } from 'node:test';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { type Built, checkForecast } from '../../support/drawnForecast';

/** A build of the one text and then the forecast of the other: each line with what becomes of it. */
function checkEdit(before: string, after: string, expected: string[], more: Partial<Built> = {}): void {
  const text = (lines: string) => `FROM base\n${lines}\n`;
  const built = { text: text(before), rules: 'buildah' as const, files: more.files };
  checkForecast([built], { ...more, text: text(after), rules: 'buildah' }, expected);
}

test('all of a RUN behind its first blank counts, the case of the word does not', () => {
  checkEdit('RUN echo hi', 'run echo hi', ['2 cached']);
  checkEdit('RUN echo hi', 'RUN\techo hi', ['2 cached']);
  checkEdit('RUN echo hi', 'RUN  echo hi', ['2 reruns: the line changed']);
});

test('other lines count as they are written', () => {
  checkEdit('ENV A=1', 'env A=1', ['2 reruns: the line changed']);
  checkEdit('LABEL a=b', 'LABEL  a=b', ['2 reruns: the line changed']);
});

test('of an ARG the names of all that have a value count, so that another value is felt by the next RUN', () => {
  checkEdit('ARG V=1\nRUN echo hi', 'arg  V=2\nRUN echo hi', [
    '2 cached',
    '3 reruns: a build argument changed',
  ]);
  checkEdit('ARG W\nRUN echo hi', 'ARG W\nRUN echo hi', ['2 cached', '3 cached']);
  const choice = { ...defaultChoice, buildArgs: { W: '1' } };
  checkEdit(
    'ARG W\nRUN echo hi',
    'ARG W\nRUN echo hi',
    ['2 reruns: a build argument changed', '3 reruns: line 2 reruns'],
    { choice },
  );
});

const files = {
  'COPY a /x': { a: 'one' },
  'COPY ./a /x': { a: 'one' },
  'COPY --chown=0 a /x': { a: 'one' },
  'COPY --chown=1:0 a /x': { a: 'one' },
  'COPY a $X': { a: 'one' },
  'COPY b /x': { b: 'one' },
};

test('of a COPY its files and its destination as written count', () => {
  checkEdit('COPY a /x', 'COPY ./a /x', ['2 cached'], { files });
  checkEdit('COPY a /x', 'COPY --chown=0 a /x', ['2 cached'], { files });
  checkEdit('COPY a /x', 'COPY --chown=1:0 a /x', ['2 reruns: --chown changed'], { files });
  checkEdit('COPY a /x', 'COPY a $X', ['2 reruns: its destination is $X, was /x'], { files });
});

test('files that are named in another way may still be the same', () => {
  const because = 'what it copies is named in another way than before; the same content would hit';
  checkEdit('COPY a /x', 'COPY b /x', [`2 depends: ${because}`], { files });
});
