// What is in the key of a step and what is not: text, arguments, variables, directories.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { checkForecast, forecastOf } from '../../support/drawnForecast';

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
