import { expect, test } from 'vitest';
import type { Metrics } from '../engine/generated/Metrics';
import type { PartialConfig } from '../engine/partial';
import { openingRun } from '../settings/settings';
import { isPredictable, predict } from './predict';

const virtual = { ...openingRun(), runtime: 'virtual' as const };

test('both runs are simulated, and differ by the changes alone', async () => {
  const simulated: PartialConfig[] = [];
  const simulate = (config: PartialConfig) => {
    simulated.push(config);
    const metrics = { records_per_second: simulated.length * 5 } as Metrics;
    return Promise.resolve({ metrics } as never);
  };
  const changes = [{ path: 'transformer.workers', value: 4 }];
  expect(await predict({ simulate }, virtual, changes)).toEqual({ before: 5, after: 10 });
  const [before, after] = simulated;
  expect(after).toEqual({ ...before, transformer: { ...before?.transformer, workers: 4 } });
});

test('where the engine refuses the settings, nothing is predicted', async () => {
  const simulate = () => Promise.resolve({ problems: [] } as never);
  expect(await predict({ simulate }, virtual, [])).toBeNull();
});

test('only short runs of generated records on the virtual clock are simulated', () => {
  expect(isPredictable(virtual)).toBe(true);
  expect(isPredictable(openingRun())).toBe(false);
  expect(isPredictable({ ...virtual, source: 'file' })).toBe(false);
  expect(isPredictable({ ...virtual, records: 1_000_000 })).toBe(false);
});
