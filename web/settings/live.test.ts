import { expect, test } from 'vitest';
import { LIVE_PATHS, isLive, liveConfig, same, withLiveOf } from './live';
import { openingRun, referenceRun } from './settings';
import type { Settings } from './settings';

test('what acts at once', () => {
  expect(LIVE_PATHS).toHaveLength(19);
  expect(isLive('workers')).toBe(true);
  expect(isLive('service.loader.compute')).toBe(true);
  expect(isLive('batch')).toBe(false);
});

test.each<[string, (settings: Settings) => void, boolean]>([
  ['workers', (s) => (s.workers = 4), true],
  ['Validators', (s) => (s.validators = 4), true],
  ['rate', (s) => (s.rate = 4), true],
  ['burst', (s) => (s.burst = 4), true],
  ['a service time', (s) => (s.service.loader.wait = '1ms'), true],
  ['a lock', (s) => (s.policies['locks.validator'] = '1ms'), true],
  ['tries', (s) => (s.policies['retry.tries'] = '3'), false],
  ['buffer', (s) => (s.buffer = 4), false],
  ['a channel', (s) => (s.buffers.data = 4), false],
  ['threads', (s) => (s.threads = 4), false],
])('%s', (_, change, live) => {
  const [before, after] = [openingRun(), openingRun()];
  const isTold = () => JSON.stringify(liveConfig(before)) !== JSON.stringify(liveConfig(after));
  expect(isTold()).toBe(false);
  change(after);
  expect(isTold()).toBe(live);
  expect(same(withLiveOf(before, after), after)).toBe(live);
});

test('what a run is told', () => {
  const { workers, generator, service, ...rest } = liveConfig({
    ...referenceRun(),
    source: 'file',
    rate: null,
    burst: 5,
  });
  expect(workers).toBe(3);
  expect(generator).toEqual({ rate_limit: 0, burst: 5 });
  expect(service?.error_handler).toEqual({ wait: 'off', compute: 'off' });
  expect(rest).toEqual({
    validator: {},
    transformer: {},
    locks: { validator: 'off', transformer: 'off' },
  });
});
