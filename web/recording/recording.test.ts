import { expect, test } from 'vitest';
import { testConfig, testMetrics } from '../analysis/testing';
import { Recording } from './recording';

test('the figures of a second before, or the first ones', () => {
  const recording = new Recording(testConfig(), 'live');
  const before = [0.1, 0.5, 0.9, 1.3, 1.7].map((elapsed_seconds) => {
    const metrics = testMetrics({ elapsed_seconds });
    recording.addSnapshot(metrics);
    return recording.secondBefore(metrics)?.elapsed_seconds;
  });
  expect(before).toEqual([undefined, 0.1, 0.1, 0.1, 0.5]);
});
