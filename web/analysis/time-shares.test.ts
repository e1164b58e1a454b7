import { expect, test } from 'vitest';
import { sharesBetween } from './time-shares';
import { testMetrics } from './testing';

test('adds up to 1; who has not begun or has ended waits', () => {
  const worker = { busy_seconds: 1, ready_seconds: 0.5, blocked_seconds: 1 };
  const now = testMetrics({ elapsed_seconds: 4 }, { validator: [worker, worker] });
  expect(sharesBetween('validator', now)).toEqual({
    busy: 0.25,
    ready: 0.125,
    blocked: 0.25,
    waiting: 0.375,
  });
  expect(sharesBetween('validator', now, now)).toBeNull();
});

test('a worker that has left the pool is no part of it', () => {
  const gone = { state: null, busy_seconds: 0 };
  const now = testMetrics({ elapsed_seconds: 4 }, { validator: [{ busy_seconds: 4 }, gone] });
  expect(sharesBetween('validator', now)?.busy).toBe(1);
  // When all workers have left, the run is over, and the shares are those of all.
  const end = testMetrics(
    { elapsed_seconds: 4 },
    { validator: [{ ...gone, busy_seconds: 4 }, gone] },
  );
  expect(sharesBetween('validator', end)?.busy).toBe(0.5);
});

test('one worker', () => {
  const before = testMetrics({ elapsed_seconds: 1 }, { validator: [{}, { busy_seconds: 1 }] });
  const now = testMetrics({ elapsed_seconds: 3 }, { validator: [{}, { busy_seconds: 2 }] });
  expect(sharesBetween('validator', now, before, 1)?.busy).toBe(0.5);
  expect(sharesBetween('validator', now, before, 2)).toBeNull();
});

test('a worker that was hired a moment ago has not waited for the whole run', () => {
  const before = testMetrics({ elapsed_seconds: 60 }, { validator: [{ busy_seconds: 60 }] });
  // Half a second of work in the last second, after a minute in which it didn't exist.
  const hired = { busy_seconds: 0.5, waiting_seconds: 60 };
  const now = testMetrics({ elapsed_seconds: 61 }, { validator: [{ busy_seconds: 60 }, hired] });
  expect(sharesBetween('validator', now, before, 1)).toEqual({
    ...{ busy: 0.5, ready: 0, blocked: 0, waiting: 0.5 },
  });
});
