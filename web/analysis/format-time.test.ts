import { expect, test } from 'vitest';
import { duration, moment } from './format-time';

test.each([
  [0, '0 s'],
  [540, '540 ns'],
  [999.7, '1.00 µs'],
  [12_345, '12.3 µs'],
  [1.25e6, '1.25 ms'],
  [999.9e6, '1.00 s'],
  [123.4e9, '123 s'],
  [-2e6, '−2.00 ms'],
])('%d ns', (nanoseconds, expected) => {
  expect(duration(nanoseconds).replace('\u00a0', ' ')).toBe(expected);
});

test('moments', () => {
  expect(moment(1.25e9).replace('\u00a0', ' ')).toBe('1.250 s');
  expect(moment(1234).replace('\u00a0', ' ')).toBe('0.000001 s');
  expect(moment(1.25e9, 50).replace('\u00a0', ' ')).toBe('1.250000000 s');
  expect(moment(1.25e9, 1e6).replace('\u00a0', ' ')).toBe('1.2500 s');
  expect(moment(1.25e9, 20e9).replace('\u00a0', ' ')).toBe('1.250 s');
});
