// Sizes as people write them, to bytes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseByteSize } from '../../../server/src/primitives/byteSize';

function check(written: Record<string, number | null>): void {
  for (const [text, bytes] of Object.entries(written)) {
    assert.equal(parseByteSize(text), bytes, JSON.stringify(text));
  }
}

test('units are decimal, as docker prints them', () => {
  check({
    '200MB': 200_000_000,
    '200 MB': 200_000_000,
    '20mb': 20_000_000,
    '300k': 300_000,
    '300kB': 300_000,
    '1.5G': 1_500_000_000,
    '2TB': 2_000_000_000_000,
  });
});

test('an i makes them binary', () => {
  check({ '1KiB': 1024, '1Ki': 1024, '1.5 GiB': 1_610_612_736, '512mib': 536_870_912 });
});

test('without a unit it is bytes', () => {
  check({ '0': 0, '1024': 1024, '17 B': 17, '17b': 17, ' 9 ': 9 });
});

test('part of a byte is rounded where a unit allows it, and refused where none does', () => {
  check({ '0.0001kB': 0, '1.0015kB': 1002, '1.5': null, '1.5B': null, '1.0': 1 });
});

test('what is no size is refused', () => {
  check({
    '': null,
    MB: null,
    '-1MB': null,
    '+1MB': null,
    '1,5GB': null,
    '1.5.2GB': null,
    '1e3': null,
    '0x10': null,
    '10 MBs': null,
    '10 XB': null,
    '10iB': null,
    '10 M B': null,
    '.5GB': null,
    '9007199254740993': null,
    '9999999999PB': null,
    NaN: null,
    Infinity: null,
  });
});
