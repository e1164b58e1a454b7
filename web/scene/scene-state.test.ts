import { expect, test } from 'vitest';
import type { WorkerMetrics } from '../engine/generated/WorkerMetrics';
import { sharesOf } from './scene-state';

function worker(busy: number, ready: number, blocked: number, waiting: number): WorkerMetrics {
  return {
    ...{ records: 0, state: 'busy' },
    ...{ busy_seconds: busy, ready_seconds: ready },
    ...{ blocked_seconds: blocked, waiting_seconds: waiting },
  };
}

test('shares since the beginning', () => {
  const now = [worker(2, 1, 1, 4), worker(2, 1, 1, 4)];
  expect(sharesOf(now, [])).toEqual({ busy: 0.25, ready: 0.125, blocked: 0.125, waiting: 0.5 });
});

test('shares since a moment', () => {
  const shares = sharesOf([worker(2, 2, 2, 2)], [worker(1, 0, 1, 2)], 4);
  expect(shares).toEqual({ busy: 0.25, ready: 0.5, blocked: 0.25, waiting: 0 });
});

test('a worker that was hired a moment ago has not waited for the whole run', () => {
  // Half a second of work in the last second, after a minute in which it was not there.
  const shares = sharesOf([worker(0.5, 0, 0, 60)], [], 1);
  expect(shares).toEqual({ busy: 0.5, ready: 0, blocked: 0, waiting: 0.5 });
});

test('no time, no shares', () => {
  expect(sharesOf([], [])).toBeNull();
  expect(sharesOf([worker(1, 1, 1, 1)], [worker(1, 1, 1, 1)], 1)).toBeNull();
});
