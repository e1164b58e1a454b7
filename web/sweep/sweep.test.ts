import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PartialConfig } from '../engine/partial';
import { sweep } from '../engine/sweep';
import type { SimulationResult } from '../engine/protocol';
import { settingsControls } from '../settings/on-picture';
import { openingRun, referenceRun } from '../settings/settings';
import type { Settings } from '../settings/settings';
import { simulatedRun } from './simulated';
import { Sweep, identityOf } from './sweep.svelte';
import type { Question } from './sweep.svelte';
import { sweepableAt } from './sweepable';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function questionOf(settings: Settings, path = 'transformer.workers'): Question {
  const run = simulatedRun(settings, { engine: null, processors: 2 });
  const sweepable = sweepableAt(
    path,
    settingsControls(settings, () => true, settings),
  );
  if (typeof run === 'string' || !sweepable) throw new Error('it can be simulated');
  return { run, sweepable };
}

/** An engine that answers in turn, and knows what it was asked. */
function engine(answer: (config: PartialConfig) => SimulationResult | Error = result) {
  const asked: PartialConfig[] = [];
  const signals = new Set<AbortSignal>();
  return {
    asked,
    signals,
    sweep: (...[config, path, values, signal]: Parameters<Sweeps>) =>
      sweep(
        async (one) => {
          signal?.throwIfAborted();
          if (signal) signals.add(signal);
          asked.push(one);
          await new Promise((resolve) => setTimeout(resolve, 10));
          signal?.throwIfAborted();
          const found = answer(one);
          if (found instanceof Error) throw found;
          return found;
        },
        config,
        path,
        values,
      ),
  };
}

type Sweeps = ConstructorParameters<typeof Sweep>[0]['sweep'];

function result(config: PartialConfig): SimulationResult {
  const rate = Math.min(5, config.transformer?.workers ?? config.generator?.rate_limit ?? 5) || 5;
  const processed = { from_production: { count: 1, p99_seconds: 1 / rate } };
  return { metrics: { records_per_second: rate, latency: { processed } } } as SimulationResult;
}

const workersOf = (configs: readonly PartialConfig[]) =>
  configs.map(({ transformer }) => transformer?.workers);

test('one’s own value comes first, and each is simulated once', async () => {
  const server = engine();
  const curve = new Sweep(server);
  const question = questionOf(openingRun());
  expect(curve.points(question).every(({ figures }) => figures === null)).toBe(true);
  const end = curve.work(question, true);
  await vi.advanceTimersByTimeAsync(15);
  expect(workersOf(server.asked).slice(0, 2)).toEqual([3, 1]);
  const known = curve.points(question).filter(({ figures }) => figures !== null);
  expect(known).toMatchObject([{ value: 3, isOwn: true, figures: { rate: 3, p99: 1 / 3 } }]);
  await vi.runAllTimersAsync();
  expect(
    curve
      .points(question)
      .map(({ figures }) => figures?.rate)
      .slice(0, 6),
  ).toEqual([...[1, 2, 3, 4, 5, 5]]);
  expect(server.asked).toHaveLength(20);
  end();

  // What is known stays known, whatever one's own value is.
  const moved = questionOf({ ...openingRun(), transformers: 6 });
  expect(identityOf(moved)).not.toBe(identityOf(question));
  expect(curve.points(moved).every(({ figures }) => figures !== null)).toBe(true);
  curve.work(moved, false);
  await vi.runAllTimersAsync();
  expect(server.asked).toHaveLength(20);
});

test('it ends when it isn’t wanted, and waits until settings are left alone', async () => {
  const server = engine();
  const curve = new Sweep(server);
  const end = curve.work(questionOf(openingRun()), true);
  await vi.advanceTimersByTimeAsync(25);
  end();
  const { length } = server.asked;
  await vi.runAllTimersAsync();
  expect(server.asked).toHaveLength(length);
  expect([...server.signals].map(({ aborted }) => aborted)).toEqual([true]);
  expect(curve.failure).toBe('');

  const other = questionOf({ ...openingRun(), validators: 5 });
  curve.work(other, false)();
  await vi.runAllTimersAsync();
  expect(server.asked).toHaveLength(length);
  curve.work(other, false);
  await vi.advanceTimersByTimeAsync(200);
  expect(server.asked).toHaveLength(length);
  await vi.advanceTimersByTimeAsync(100);
  expect(server.asked.length).toBeGreaterThan(length);
});

test('rates follow from what is reached without a limit', async () => {
  const server = engine();
  const curve = new Sweep(server);
  const question = questionOf(openingRun(), 'generator.rate_limit');
  curve.work(question, true);
  await vi.runAllTimersAsync();
  expect(server.asked[0]?.generator?.rate_limit).toBe(0);
  const points = curve.points(question);
  expect(points.length).toBeGreaterThan(15);
  expect(points.at(-2)?.value).toBe(10);
  expect(points.every(({ figures }) => figures !== null)).toBe(true);
});

test('what takes no time is left out', () => {
  const curve = new Sweep(engine());
  expect(curve.points(questionOf(referenceRun()))).toEqual([]);
  const values = curve.points(questionOf(referenceRun(), 'service.loader.wait'));
  expect(values.length).toBeGreaterThan(15);
  expect(values.some(({ value }) => value === 'off')).toBe(false);
});

test('settings that the engine refuses, and an engine that fails', async () => {
  const refusing = engine(() => ({ problems: [] }));
  const curve = new Sweep(refusing);
  const question = questionOf(openingRun());
  curve.work(question, true);
  await vi.runAllTimersAsync();
  expect(curve.isRefused(question)).toBe(true);
  expect(refusing.asked).toHaveLength(1);

  const broken = new Sweep(engine(() => new Error('the engine stopped')));
  broken.work(question, true);
  await vi.runAllTimersAsync();
  expect(broken.failure).toContain('the engine stopped');
});
