import { expect, test } from 'vitest';
import { bytes, count, counted, percent, seconds, sum } from './format';

test('figures', () => {
  expect(count(1234567)).toBe('1,234,567');
  expect([0, 1, 2].map((value) => counted(value, 'worker'))).toEqual([
    '0 workers',
    '1 worker',
    '2 workers',
  ]);
  expect(sum(2049.3764)).toBe('2,049.38');
  expect(sum(null)).toBe('too large');
  expect([0, 0.0000123, 0.0123, 1.234, 123.4].map(seconds)).toEqual([
    '0 µs',
    '12 µs',
    '12 ms',
    '1.23 s',
    '123 s',
  ]);
  expect([0, 1, 999, 1000, 12_345, 1_234_567_890].map(bytes)).toEqual([
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1.00\u00a0kB',
    '12.3\u00a0kB',
    '1.23\u00a0GB',
  ]);
  expect(percent(0.123)).toBe('12\u00a0%');
});
