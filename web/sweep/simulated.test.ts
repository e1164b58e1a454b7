import { expect, test } from 'vitest';
import { computing, openingRun, referenceRun } from '../settings/settings';
import type { Settings } from '../settings/settings';
import { simulatedRun, takesTime } from './simulated';

const machine = { engine: { kind: 'threads', threads: 4 } as const, processors: 8 };

const run = (settings: Partial<Settings>, on = machine as Parameters<typeof simulatedRun>[1]) => {
  const found = simulatedRun({ ...openingRun(), ...settings }, on);
  if (typeof found === 'string') throw new Error(found);
  return found;
};

test('200 records, unless the run is shorter', () => {
  expect(run({ records: 1_000_000 }).records).toBe(200);
  expect(run({ records: 30 })).toMatchObject({ records: 30, config: { records: 30 } });
  // The default is that of the engine.
  expect(run({ records: null }).records).toBe(50);
});

test('as many more as go together', () => {
  const records = 1_000_000;
  expect(run({ records, batch: '16' }).records).toBe(3200);
  expect(run({ records, batch: 'auto' }).records).toBe(200);
  expect(run({ records, rate: 10, burst: 40 }).records).toBe(200);
  expect(run({ records, rate: 10, burst: 1000 }).records).toBe(5000);
  // Without a rate there are no bursts.
  expect(run({ records, rate: 0, burst: 1_000_000 }).records).toBe(200);
});

test('with the cores that the run has', () => {
  expect(run({ runtime: 'virtual', cores: 3 }).cores).toBe(3);
  expect(run({ runtime: 'virtual', cores: null }).cores).toBe(4);
  expect(run({ runtime: 'local', cores: 3 }).cores).toBe(1);
  expect(run({ runtime: 'pool' }).cores).toBe(4);
  expect(run({ runtime: 'pool', threads: 16 }).cores).toBe(8);
  expect(run({ runtime: 'pool' }, { ...machine, engine: null }).cores).toBe(8);
  const single = { engine: { kind: 'single', threads: 1 } as const, processors: 8 };
  expect(run({ runtime: 'pool', threads: 4 }, single).cores).toBe(1);
});

test('all other settings are as they are', () => {
  const { config } = run({ validators: 7, seed: 5, runtime: 'virtual', scheduleSeed: 9 });
  expect(config).toMatchObject({
    ...{ seed: 5, validator: { workers: 7 } },
    runtime: { kind: 'virtual', seed: 9 },
    service: { transformer: { wait: '300-900ms' } },
  });
});

test.each([
  [{ source: 'file' }, 'those of a file'],
  [{ workers: -1 }, 'have a problem'],
  [{ batch: '1024' }, 'batches of 1,024'],
  [{ rate: 10, burst: 10_000 }, 'bursts of 10,000'],
] as const)('%j is not simulated', (settings, words) => {
  expect(simulatedRun({ ...openingRun(), ...settings }, machine)).toContain(words);
});

test('whether anything takes time', () => {
  const { config } = run({ service: computing({ loader: '5ms' }) });
  expect(takesTime(config)).toBe(true);
  expect(takesTime(run(referenceRun()).config)).toBe(false);
});
