import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatCount, formatDuration } from '../../../server/src/primitives/bytes';

test('sizes are written as docker writes them: three significant digits, decimal', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [14_200_000, '14.2 MB'],
    [981_000, '981 kB'],
    [1_240_000_000, '1.24 GB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [999_999, '1.00 MB'],
    [-12_400_000, '-12.4 MB'],
    [5e18, '5000 PB'],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
});

test('binary units count in 1024', () => {
  assert.equal(formatBytes(1024, 'binary'), '1.00 KiB');
  assert.equal(formatBytes(1023, 'binary'), '1023 B');
  assert.equal(formatBytes(1_048_575, 'binary'), '1.00 MiB');
  assert.equal(formatBytes(1000 * 1024, 'binary'), '1000 KiB');
});

test('durations are short and never show 60 seconds', () => {
  const cases: [number, string][] = [
    [0, '<0.1 s'],
    [50, '0.1 s'],
    [400, '0.4 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [12_300, '12 s'],
    [59_499, '59 s'],
    [59_500, '1 m 00 s'],
    [125_000, '2 m 05 s'],
    [3_720_000, '1 h 02 m'],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});

test('counts bear separators and their noun', () => {
  assert.equal(formatCount(1, 'file'), '1 file');
  assert.equal(formatCount(1204, 'file'), '1,204 files');
});
