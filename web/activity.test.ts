import { describe, expect, test } from 'vitest';
import { LastSecond, rateOf, sharesOf } from './activity';
import type { Metrics } from './engine/generated/Metrics';

interface Times {
  busy?: number;
  ready?: number;
  waiting?: number;
  blocked?: number;
}

function metrics({
  busy = 0,
  ready = 0,
  waiting = 0,
  blocked = 0,
  ...rest
}: Times & Partial<Metrics>) {
  const worker = {
    busy_seconds: busy,
    ready_seconds: ready,
    waiting_seconds: waiting,
    blocked_seconds: blocked,
  };
  return { stages: [{ stage: 'validator', workers: [worker, worker] }], ...rest } as Metrics;
}

describe('sharesOf', () => {
  test('since the beginning', () => {
    const now = metrics({ busy: 2, ready: 1, waiting: 4, blocked: 1 });
    const shares = { busy: 0.25, ready: 0.125, waiting: 0.5, blocked: 0.125 };
    expect(sharesOf('validator', now)).toEqual(shares);
  });

  test('since a moment', () => {
    const before = metrics({ busy: 1, waiting: 2, blocked: 1 });
    const now = metrics({ busy: 2, ready: 2, waiting: 2, blocked: 2 });
    const shares = { busy: 0.25, ready: 0.5, waiting: 0, blocked: 0.25 };
    expect(sharesOf('validator', now, before)).toEqual(shares);
  });

  test('nobody was there', () => {
    expect(sharesOf('validator', metrics({}), metrics({}))).toBeNull();
    expect(sharesOf('loader', metrics({ busy: 1 }))).toBeNull();
  });
});

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
