import { expect, test } from 'vitest';
import { throughputOf } from './throughput';
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
  expect(throughputOf(now)).toBe(140);
  expect(throughputOf(now, before)).toBe(200);
  expect(throughputOf(now, now)).toBe(0);
});
