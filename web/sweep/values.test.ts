import { expect, test } from 'vitest';
import { coarseToFine, countsAround, factors, spread } from './values';

const workers = { least: 1, most: 65_535, usual: 32, each: 16 };
const places = { least: 1, most: 16_777_216, usual: 64, each: 8 };

test('each number up to 16, then a few for each doubling', () => {
  const few = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
  expect(countsAround(3, 200, workers)).toEqual([...few, 20, 24, 28, 32]);
  expect(countsAround(17, 200, workers)).toEqual([...few, 17, 20, 24, 28, 32, 40, 48, 56, 64]);
  expect(countsAround(10, 200, places)).toEqual([
    ...[1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64],
  ]);
});

test('no more than there are records, unless one has more', () => {
  expect(countsAround(3, 5, workers)).toEqual([1, 2, 3, 4, 5]);
  expect(countsAround(100, 200, places).at(-1)).toBe(192);
  expect(countsAround(1000, 200, places).at(-1)).toBe(1000);
});

test('one’s own value is among them, in order, and they are few', () => {
  for (const own of [1, 2, 16, 17, 99, 1000, 12_345, 65_535]) {
    for (const counts of [workers, places]) {
      const found = countsAround(own, 100_000, counts);
      expect(found).toContain(own);
      expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
      expect(found.length).toBeGreaterThanOrEqual(20);
      expect(found.length).toBeLessThanOrEqual(41);
    }
  }
});

test('times from a tenth to ten times as long', () => {
  expect(factors()).toHaveLength(25);
  expect(factors()[12]).toBe(1);
  expect(factors()[0]).toBeCloseTo(0.1);
  expect(factors().at(-1)).toBeCloseTo(10);
});

test('rates are round numbers and evenly spread', () => {
  const found = spread(1, 100);
  expect(found).toHaveLength(25);
  expect(found.slice(0, 4)).toEqual([1, 1.2, 1.5, 1.8]);
  expect(found.at(-1)).toBe(100);
});

test('the first one comes first, then the ends, then ever finer', () => {
  expect(coarseToFine(9, 3)).toEqual([3, 0, 8, 4, 2, 6, 1, 5, 7]);
  for (const count of [0, 1, 2, 3, 24, 40]) {
    const order = coarseToFine(count, 0);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at));
  }
});
