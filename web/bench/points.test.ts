import { expect, test } from 'vitest';
import { DEFAULTS, largestBatch, parseList, planOf, pointConfig, recordsOf } from './points';

test('lists have numbers, each once, and auto where that is one', () => {
  expect(parseList('1, 2,4,2', 10, false)).toEqual([1, 2, 4]);
  expect(parseList('16,auto', 100, true)).toEqual([16, 'auto']);
  expect(parseList('auto', 100, false)).toContain('“auto” is not allowed');
  expect(parseList('1,,2', 100, false)).toContain('a number is missing');
  expect(parseList('', 100, true)).toContain('a number is missing');
  for (const wrong of ['0', '101', '1.5', '-1', '1e1', '1 2', 'x']) {
    expect(parseList(wrong, 100, true), wrong).toContain('numbers from 1 to 100, or auto');
  }
});

test('a plan has every combination', () => {
  const plan = planOf(DEFAULTS);
  expect(plan).toMatchObject({ records: 200_000, rounds: 3 });
  expect('points' in plan && plan.points).toHaveLength(36);
  expect('points' in plan && plan.points[1]).toEqual({ batch: 1, buffer: 10, workers: 2 });
});

test('what is wrong is said at its field', () => {
  const plan = planOf({ ...DEFAULTS, workers: 'two', records: 0, rounds: null });
  expect('problems' in plan && Object.keys(plan.problems)).toEqual([
    'workers',
    'records',
    'rounds',
  ]);
  const long = Array.from({ length: 501 }, (_, at) => at + 1).join(',');
  expect(planOf({ ...DEFAULTS, workers: long })).toHaveProperty('problems.batch');
});

test('small batches take a tenth of the records', () => {
  expect(largestBatch({ batch: 256, buffer: 10, workers: 1 }, 5000)).toBe(10);
  expect(recordsOf({ batch: 256, buffer: 10, workers: 1 }, 5000)).toBe(500);
  expect(recordsOf({ batch: 'auto', buffer: 'auto', workers: 1 }, 5000)).toBe(5000);
  expect(recordsOf({ batch: 1, buffer: 100, workers: 1 }, 5)).toBe(1);
});

test('a point is run without a trace, and with channels of its size', () => {
  const config = pointConfig({ batch: 'auto', buffer: 100, workers: 2 }, 1000);
  expect(config).toMatchObject({
    batch: 'auto',
    channels: { capacity: 100 },
    trace: { enabled: false },
  });
  expect(pointConfig({ batch: 1, buffer: 'auto', workers: 2 }, 1000).channels).toEqual({});
});
