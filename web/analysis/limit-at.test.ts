import { describe, expect, test } from 'vitest';
import type { Stage } from '../engine/generated/Stage';
import type { WorkerMetrics } from '../engine/generated/WorkerMetrics';
import { CHANNELS } from '../recording/events';
import { Recording } from '../recording/recording';
import { ledgerOf } from './ledger';
import { isTooEarly, limitAt } from './limit-at';
import { recordingOf, testConfig, testMetrics, journeyEvents } from './testing';

/** A run that was measured ten times a second: the Loader is busy all the time, and all others wait for it. */
function measured(recordsPerSecond: number, seconds: number): Recording {
  const service = { ...testConfig().service, loader: { wait: '10ms', compute: 'off' } };
  const recording = new Recording(testConfig({ service }), 'live');
  for (let tenths = 1; tenths <= 10 * seconds; tenths += 1) {
    const time = tenths / 10;
    const records = Math.floor(time * recordsPerSecond);
    const blocked: Partial<WorkerMetrics> = { state: 'blocked', blocked_seconds: time };
    const stages: Partial<Record<Stage, Partial<WorkerMetrics>[]>> = {
      producer: [blocked],
      validator: [blocked],
      transformer: [blocked],
      fan_out: [blocked],
      loader: [{ state: 'busy', busy_seconds: time }],
    };
    const figures = { passed: records, depth: 100, blocked_seconds: time };
    recording.addSnapshot(
      testMetrics(
        { elapsed_seconds: time, produced: records, processed: records },
        stages,
        Object.fromEntries(CHANNELS.map((channel) => [channel, figures])),
      ),
    );
  }
  return recording;
}

describe('what limits at a time', () => {
  test('is told of the last two seconds, where that is enough', () => {
    const found = limitAt(measured(20, 8), 7.05e9, 2);
    expect(found).toMatchObject({ isMeasured: true, diagnosis: { limit: 'slow-consumer' } });
    // The window of the measurements that were used, not the requested one.
    expect(found?.window).toEqual({ from: 5e9, to: 7e9 });
  });

  test('is told of a longer time, where few records come', () => {
    const found = limitAt(measured(2.5, 8), 7e9, 2);
    expect(found?.diagnosis.limit).toBe('slow-consumer');
    expect(found?.window).toEqual({ from: 2e9, to: 7e9 });
  });

  test('is not told of too few records, however long one looks', () => {
    const found = limitAt(measured(0.5, 16), 15e9, 2);
    expect(found?.diagnosis.sentence).toBe('Too early to tell.');
    expect(limitAt(measured(20, 8), 0.35e9, 2)?.diagnosis.limit).toBe('too-early');
  });

  test('is not known of a run that has just begun, which is no fault of the log', () => {
    const recording = new Recording(testConfig(), 'live');
    expect(limitAt(recording, 0, 2)).toBeNull();
    expect(isTooEarly(recording, 0)).toBe(true);
    recording.addSnapshot(testMetrics({ elapsed_seconds: 0 }));
    expect(limitAt(recording, 0, 2)).toBeNull();
    expect(isTooEarly(recording, 0)).toBe(true);
    const config = testConfig({ trace: { ...testConfig().trace, sample: 8 } });
    expect(isTooEarly(new Recording(config, 'live'), 0)).toBe(true);
    expect(isTooEarly(new Recording(config, 'file'), 0)).toBe(false);
  });

  test('is told only of the time since the settings changed', () => {
    const recording = measured(20, 8);
    const { config } = recording;
    const changed = { ...config, workers: config.workers + 1 };
    recording.adjust(6.75e9, changed);
    expect(limitAt(recording, 6.7e9, 2)?.window).toEqual({ from: 4.7e9, to: 6.7e9 });
    expect(limitAt(recording, 6.7e9, 2)?.config).toBe(config);
    expect(limitAt(recording, 6.9e9, 2)).toBeNull();
    expect(isTooEarly(recording, 6.9e9)).toBe(true);
    const since = limitAt(recording, 8e9, 2);
    expect(since).toMatchObject({ window: { from: 6.7e9, to: 8e9 }, isMeasured: true });
    expect(since?.config).toBe(changed);
  });

  test('is told of what was there, behind the end', () => {
    expect(limitAt(measured(20, 8), 1e12, 2)?.window).toEqual({ from: 6e9, to: 8e9 });
  });

  test('is told by the events where nothing was measured', () => {
    const recording = recordingOf(
      Array.from({ length: 30 }, (_, record) => journeyEvents(record, record)).flat(),
      testConfig({ runtime: { kind: 'virtual', cores: 4 } }),
    );
    ledgerOf(recording).catchUp();
    const found = limitAt(recording, 20e6, 2);
    expect(found).toMatchObject({ isMeasured: false, window: { from: 10e6, to: 20e6 } });
    expect(limitAt(recordingOf([]), 1e9, 2)).toBeNull();
  });
});
