// What changes brought: on handmade recordings, and on runs of the engine that `tests/vectors/changes.json` lists, whose
// truth is that of the same run with the setting changed from its beginning.

import { describe, expect, test } from 'vitest';
import measurements from '../../tests/vectors/changes-measured.json?raw';
import table from '../../tests/vectors/changes.json';
import type { Config } from '../engine/generated/Config';
import { CHANNELS } from '../recording/events';
import { Recording } from '../recording/recording';
import { effectOf } from './change-effect';
import type { Effect } from './change-effect';
import { settingChanges } from './setting-changes';
import { testConfig, testMetrics } from './testing';

interface Measured {
  before: Config;
  after: Config;
  interval: number;
  rows: number[][];
  rate_before: number;
  rate_after: number;
}

const MEASURED = JSON.parse(measurements) as Record<string, Measured>;

/** A final figure may differ from the truth by this share. */
const TOLERANCE = 0.06;

/** Builds the recording that the page would have of rows of measurements. */
function recordingOf({ before, after, interval, rows }: Measured, at: number): Recording {
  const recording = new Recording(before, 'live');
  rows.forEach(([produced = 0, processed = 0, failed = 0, ...channels], row) => {
    const gauges = CHANNELS.map((channel, index) => [
      channel,
      {
        depth: channels[index] ?? 0,
        passed: channels[CHANNELS.length + index] ?? 0,
        capacity: before.channels.capacity ?? 100,
      },
    ]);
    recording.addSnapshot(
      testMetrics(
        { elapsed_seconds: row * interval, produced, processed, failed },
        {},
        Object.fromEntries(gauges) as Parameters<typeof testMetrics>[2],
      ),
    );
  });
  recording.adjust(at * 1e9, after);
  return recording;
}

function effectAt(recording: Recording, seconds: number): Effect {
  const [change] = settingChanges(recording, seconds * 1e9);
  if (!change) throw new Error('nothing was changed by then');
  return effectOf(recording, change, seconds * 1e9);
}

const ROWS = table.flatMap(({ name, at, until }) =>
  Object.entries(MEASURED)
    .filter(([key]) => key.startsWith(`${name}, seed`))
    .map(([key, measured]) => ({ key, at, until, measured })),
);

describe.each(ROWS)('$key', ({ at, until, measured }) => {
  const recording = recordingOf(measured, at);
  const { rate_before: before, rate_after: after } = measured;

  test('in the end it is what such a run does from its beginning', () => {
    const effect = effectAt(recording, until);
    if (effect.state !== 'final') throw new Error(`it is ${effect.state}`);
    expect(Math.abs(effect.after.rate / after - 1)).toBeLessThan(TOLERANCE);
    expect(Math.abs((effect.before?.rate ?? 0) / before - 1)).toBeLessThan(TOLERANCE);
    const truth = after / before - 1;
    if (Math.abs(truth) < 0.02) expect(Math.abs(effect.change)).toBeLessThan(0.04);
    else expect(Math.abs(effect.change - truth)).toBeLessThan(2 * TOLERANCE);
  });

  test('no figure is final while a queue drains', () => {
    const states: string[] = [];
    const wrong: string[] = [];
    for (let time = at + 0.25; time <= until; time += (until - at) / 120) {
      const effect = effectAt(recording, time);
      states.push(effect.state);
      if (effect.state === 'final' && Math.abs(effect.after.rate / after - 1) > 0.1) {
        wrong.push(
          `${time.toFixed(1)} s: ${effect.after.rate.toFixed(2)}, not ${after.toFixed(2)}`,
        );
      }
    }
    expect(states[0]).toBe('measuring');
    expect(wrong).toEqual([]);
  });
});

/** A run of ten minutes of ten measurements a second, in which so many records are finished by each time. */
function madeRecording(
  finished: (seconds: number) => number,
  depth: (seconds: number) => number = () => 0,
): Recording {
  const recording = new Recording(testConfig(), 'live');
  for (let tenths = 0; tenths <= 600; tenths += 1) {
    const time = tenths / 10;
    const records = Math.floor(finished(time));
    recording.addSnapshot(
      testMetrics(
        { elapsed_seconds: time, produced: records + 10, processed: records },
        {},
        { validCh: { capacity: 10, depth: depth(time) } },
      ),
    );
  }
  return recording;
}

const four = testConfig({ transformer: { ...testConfig().transformer, workers: 4 } });

test('it is told how long one has to wait; then the figure comes', () => {
  const recording = madeRecording((time) => (time < 20 ? 10 * time : 200 + 12 * (time - 20)));
  recording.adjust(20e9, four);
  const early = effectAt(recording, 21);
  expect(early.state).toBe('measuring');
  if (early.state === 'measuring') expect(early.left / 1e9).toBeCloseTo(3, 1);
  const late = effectAt(recording, 26);
  expect(late).toMatchObject({ state: 'final' });
  if (late.state === 'final') expect(late.change).toBeCloseTo(0.2, 2);
});

test('while the queue drains the figure is a passing one', () => {
  const drained = 40;
  const recording = madeRecording(
    (time) =>
      time < 20
        ? 5 * time
        : 100 + 7 * (Math.min(time, drained) - 20) + 6 * Math.max(0, time - drained),
    (time) => (time < 20 ? 10 : Math.max(0, 10 - (time - 20) / 2)),
  );
  recording.adjust(20e9, four);
  const draining = effectAt(recording, 30);
  expect(draining.state).toBe('draining');
  if (draining.state === 'draining') {
    expect(draining.now).toBeCloseTo(7, 0);
    expect(recording.topology.nameOf(draining.draining.channel)).toBe('validCh');
  }
  const settled = effectAt(recording, 55);
  expect(settled.state).toBe('final');
  if (settled.state === 'final') {
    expect(settled.after.rate).toBeCloseTo(6, 0);
    expect(settled.after.from).toBeGreaterThan(33e9);
  }
});

test('noise is not sold as an effect', () => {
  // The same rate before and after, of records that come in irregular groups.
  let seed = 7;
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const counts: number[] = [0];
  for (let tenths = 1; tenths <= 600; tenths += 1) {
    counts.push((counts.at(-1) ?? 0) + (random() < 0.2 ? 3 : 0));
  }
  const recording = madeRecording((time) => counts[Math.round(time * 10)] ?? 0);
  recording.adjust(30e9, four);
  const effect = effectAt(recording, 55);
  expect(effect).toMatchObject({ state: 'final', change: 0 });
});

test('a change that is replaced, or that the run outlives by too little, is not measured', () => {
  const recording = madeRecording((time) => 10 * time);
  recording.adjust(20e9, four);
  const [change] = settingChanges(recording, 30e9);
  if (!change) throw new Error('nothing was changed');
  expect(effectOf(recording, change, 30e9, { next: 21e9 })).toMatchObject({
    state: 'unknown',
    isReplaced: true,
  });
  const short = madeRecording((time) => 10 * time);
  short.adjust(59e9, four);
  short.origin = 'over';
  expect(effectAt(short, 60)).toMatchObject({ state: 'unknown', isReplaced: false });
});

test('what the run does after its source has ended is no effect', () => {
  // From 30 s on nothing is produced, and what is left trickles out.
  const recording = new Recording(testConfig(), 'over');
  for (let tenths = 0; tenths <= 600; tenths += 1) {
    const time = tenths / 10;
    const produced = Math.floor(10 * Math.min(30, time));
    const processed = time < 30 ? produced : 300 - Math.max(0, 20 - (time - 30));
    recording.addSnapshot(testMetrics({ elapsed_seconds: time, produced, processed }));
  }
  recording.adjust(15e9, four);
  const effect = effectAt(recording, 60);
  expect(effect).toMatchObject({ state: 'final', change: 0 });
});

test('a slider is one change, and what is taken back at once is none', () => {
  const recording = new Recording(testConfig(), 'live');
  const rated = (rate_limit: number) =>
    testConfig({ generator: { ...testConfig().generator, rate_limit } });
  recording.adjust(5e9, rated(10));
  recording.adjust(5.3e9, rated(20));
  recording.adjust(6e9, rated(50));
  recording.adjust(20e9, rated(60));
  recording.adjust(20.5e9, rated(50));
  expect(settingChanges(recording, 30e9).map(({ time, text }) => [time, text])).toEqual([
    [6e9, 'Rate off → 50'],
  ]);
  expect(settingChanges(recording, 4e9)).toEqual([]);
  // A pool without a number of its own had that of all pools.
  recording.adjust(30e9, { ...rated(50), transformer: four.transformer });
  expect(settingChanges(recording, 30e9).at(-1)?.text).toBe('Transformers 3 → 4');
});
