import { expect, test } from 'vitest';
import { sharesBetween } from '../analysis/time-shares';
import { testConfig, testMetrics } from '../analysis/testing';
import { MAX_INDIVIDUAL, countOf, sumOf, aggregateWorkers, workersOf } from './worker-aggregate';
import { Recording } from './recording';

const workers = (count: number, busy: number) =>
  Array.from({ length: count }, (_, at) => ({
    ...{ records: at, busy_seconds: busy * (at % 2), blocked_seconds: busy / 2 },
  }));

test('a few are left as they are', () => {
  const metrics = testMetrics({}, { validator: workers(MAX_INDIVIDUAL, 1) });
  expect(aggregateWorkers(metrics)).toBe(metrics);
});

test('of many the first are told one by one, and all of them are counted', () => {
  const many = testMetrics({ elapsed_seconds: 4 }, { validator: workers(9999, 2) });
  const earlier = testMetrics({ elapsed_seconds: 1 }, { validator: workers(9999, 0.5) });
  const few = aggregateWorkers(many);
  const found = workersOf(few, 'validator');
  expect(found.length).toBe(MAX_INDIVIDUAL + 1);
  expect(found.slice(0, MAX_INDIVIDUAL)).toEqual(
    workersOf(many, 'validator').slice(0, MAX_INDIVIDUAL),
  );
  expect(countOf(found)).toBe(9999);
  expect(sumOf(found, ({ records }) => records)).toBe((9998 * 9999) / 2);
  expect(aggregateWorkers(few)).toBe(few);
  const expected = sharesBetween('validator', many, earlier);
  const shares = sharesBetween('validator', few, aggregateWorkers(earlier));
  expect(shares?.busy).toBeCloseTo(expected?.busy ?? NaN);
  expect(shares?.blocked).toBeCloseTo(expected?.blocked ?? NaN);
});

test('those who have left are not counted, unless all have', () => {
  const gone = { state: null };
  const some = testMetrics(
    {},
    { validator: [...workers(100, 1), ...Array<object>(50).fill(gone)] },
  );
  expect(countOf(workersOf(aggregateWorkers(some), 'validator'))).toBe(100);
  const none = testMetrics({}, { validator: Array<object>(150).fill(gone) });
  expect(countOf(workersOf(aggregateWorkers(none), 'validator'))).toBe(150);
});

test('a minute of a run with thousands of workers is kept in full', () => {
  const recording = new Recording(testConfig(), 'live');
  const many = { validator: workers(9999, 1), transformer: workers(9999, 1) };
  for (let tenth = 1; tenth <= 600; tenth += 1) {
    recording.addSnapshot(testMetrics({ elapsed_seconds: tenth / 10 }, many));
  }
  expect(recording.snapshots.length).toBe(600);
}, 60_000);
