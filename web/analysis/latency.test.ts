import { expect, test } from 'vitest';
import { distribution, percentile } from './latency';

test.each([
  // One value is every percentile.
  { values: [7], share: 0.5, expected: 7 },
  { values: [7], share: 0.99, expected: 7 },
  { values: [1, 2, 3, 4], share: 0.5, expected: 2 },
  { values: [1, 2, 3, 4], share: 0.51, expected: 3 },
  { values: [1, 2, 3, 4], share: 1, expected: 4 },
  { values: [1, 2, 3, 4], share: 0, expected: 1 },
  { values: Array.from({ length: 100 }, (_, at) => at + 1), share: 0.07, expected: 7 },
  { values: Array.from({ length: 100 }, (_, at) => at + 1), share: 0.99, expected: 99 },
  { values: [], share: 0.5, expected: null },
])('the percentile $share of $values.length values', ({ values, share, expected }) => {
  expect(percentile(values, share)).toBe(expected);
});

test('values come in any order', () => {
  expect(distribution([30, 10, 20])).toEqual({ count: 3, p50: 20, p90: 30, p99: 30 });
});
