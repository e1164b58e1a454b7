import { expect, test } from 'vitest';
import { LastSecond, rateOf } from './activity';
import type { Metrics } from './engine/generated/Metrics';

function metrics(some: Partial<Metrics>): Metrics {
  return some as Metrics;
}

test('rateOf', () => {
  const before = metrics({ processed: 100, failed: 10, elapsed_seconds: 1 });
  const now = metrics({
    processed: 190,
    failed: 20,
    elapsed_seconds: 1.5,
    records_per_second: 140,
  });
  expect(rateOf(now)).toBe(140);
  expect(rateOf(now, before)).toBe(200);
  expect(rateOf(now, now)).toBe(0);
});

test('LastSecond', () => {
  const last = new LastSecond();
  const moments = [0, 400, 800, 1200, 1600].map((at) => ({
    at,
    metrics: metrics({ produced: at }),
  }));
  const before = moments.map(({ at, metrics }) => last.add(at, metrics)?.produced);
  expect(before).toEqual([undefined, 0, 0, 0, 400]);
});
