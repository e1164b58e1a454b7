import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTime, timeText } from './time-text';

test('whatever is formatted is read as it was', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(9), (time, zeros) => {
      const some = Math.floor(time / 10 ** zeros);
      expect(parseTime(timeText(some))).toBe(some);
    }),
    { numRuns: 2000 },
  );
});

test('short and readable', () => {
  const times = [0, 1, 999, 1500, 999_999, 1e6, 35_500_000, 1_240_000_000, 60e9, 1_000_000_001];
  expect(times.map(timeText)).toEqual([
    ...['0s', '1ns', '999ns', '1.5us', '999.999us', '0.001s', '0.0355s', '1.24s', '60s'],
    '1.000000001s',
  ]);
});

test.each([
  ['1.24s', 1.24e9],
  ['1.24 s', 1.24e9],
  [' .5ms', 5e5],
  ['12µs', 12_000],
  ['12μs', 12_000],
  ['3ns', 3],
])('%s', (text, time) => {
  expect(parseTime(text)).toBe(time);
});

test.each(['', 's', '.s', '5', '-1s', '1e3s', '1.2.3s', '1h', '99999999999s', 'NaNs', '1s2'])(
  '“%s” is no time',
  (text) => {
    expect(parseTime(text)).toBeNull();
  },
);
