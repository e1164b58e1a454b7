import { expect, test } from 'vitest';
import type { Point } from './sweep.svelte';
import { SERIES, textOfChange, textOfPoint } from './words';

const point = (rate: number | null, p99: number | null = 0.041, isOwn = false): Point => ({
  ...{ value: 6, place: 6, words: '6 Transformers', isOwn },
  figures: rate === null ? null : { rate, p99 },
});

test('a point is named with both figures', () => {
  expect(textOfPoint(point(182))).toBe('6 Transformers: 182\u00a0records/s, p99\u00a041.0\u00a0ms');
  expect(textOfPoint(point(182, null))).toBe('6 Transformers: 182\u00a0records/s, none processed');
  expect(textOfPoint(point(null))).toBe('6 Transformers: not simulated yet');
});

test('it is compared with what is', () => {
  const own = point(100, 0.05, true);
  expect(textOfChange(own, own)).toBe('as it is set now');
  expect(textOfChange(point(120, 0.04), own)).toBe('+20\u00a0% records/s, −20\u00a0% p99');
  expect(textOfChange(point(100.2, 0.1), own)).toBe('the same records/s, +100\u00a0% p99');
  expect(textOfChange(point(120, null), own)).toBe('+20\u00a0% records/s');
  expect(textOfChange(point(null), own)).toBe('');
  expect(textOfChange(point(120), undefined)).toBe('');
});

test('axes have short numbers', () => {
  const [rate, latency] = SERIES;
  expect([1.5, 600, 15_000, 2e6].map((one) => rate?.textOf(one))).toEqual([
    '1.5',
    '600',
    '15k',
    '2M',
  ]);
  expect([2e-4, 0.05, 20].map((one) => latency?.textOf(one))).toEqual([
    ...['200\u00a0µs', '50\u00a0ms', '20\u00a0s'],
  ]);
});
