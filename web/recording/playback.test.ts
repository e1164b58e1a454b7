import { describe, expect, test } from 'vitest';
import { testMetrics } from '../analysis/testing';
import { EventLog, packed } from './event-log';
import { KIND } from './events';
import { Playback, RAMP, speedForAll, speedName } from './playback';
import { Recording } from './recording';
import { testConfig } from '../analysis/testing';

/** A run with events at these times, in nanoseconds. */
function recordingOf(times: number[]): Recording {
  const log = new EventLog();
  const events = times.map((time, record) =>
    packed({ time, kind: KIND.produced, node: 0, worker: 0, thread: 0, record }),
  );
  log.add(new BigUint64Array(events.flat()), Infinity);
  return new Recording(testConfig(), 'live', { log });
}

describe('the end of a run', () => {
  test('is its last event, however long it took to close the files', () => {
    const recording = recordingOf([100, 200, 300_000]);
    recording.addSnapshot(testMetrics({ elapsed_seconds: 0.002, processed: 1 }));
    recording.end(testMetrics({ elapsed_seconds: 0.005, processed: 3 }));
    const playback = new Playback(recording);
    for (const speed of [4, 1, 1e-3]) {
      playback.setSpeed(speed);
      expect(playback.end).toBe(300_000);
    }
    // A measurement at the end belongs there, and nothing else does.
    expect(recording.snapshotAt(playback.end)?.metrics.processed).toBe(3);
    expect(recording.snapshots).toHaveLength(1);
  });

  test('is what was measured, where there are no events or some are missing', () => {
    const none = recordingOf([]);
    none.end(testMetrics({ elapsed_seconds: 0.005 }));
    expect(new Playback(none).end).toBe(5e6);
    const some = recordingOf([100]);
    some.end(testMetrics({ elapsed_seconds: 0.005, trace_dropped_records: 7 }));
    expect(new Playback(some).end).toBe(5e6);
  });

  test('a replay goes on until the last dots have arrived, and then stands at the end', () => {
    const recording = recordingOf([0, 1000]);
    recording.end(testMetrics({ elapsed_seconds: 0.005 }));
    const playback = new Playback(recording);
    playback.setSpeed(1e-5);
    playback.seek(playback.begin);
    playback.play();
    playback.frame(0, null);
    const ramp = RAMP * 1e6 * 1e-5;
    expect(playback.ramp).toBe(ramp);
    // The whole run takes 100 ms on screen.
    playback.frame(110, null);
    expect(playback.playing).toBe(true);
    expect(playback.ramp).toBe(ramp);
    // A frame that comes late doesn't jump: it counts for 250 ms at most.
    playback.frame(110 + RAMP / 2, null);
    playback.frame(110 + RAMP, null);
    expect(playback.playing).toBe(false);
    expect(playback.time).toBe(1000);
    expect(playback.ramp).toBe(0);
  });
});

test('any short run is replayed in 10 to 20 seconds, at a round speed', () => {
  for (let length = 300; length < 2e9; length *= 1.07) {
    const speed = speedForAll(length);
    const seconds = length / 1e9 / speed;
    expect(seconds).toBeGreaterThan(9.999);
    expect(seconds).toBeLessThan(20.001);
    expect(speedName(speed)).toMatch(/^1\/[1235]0*(,?000)*$/);
  }
  expect(speedForAll(0)).toBe(1e-9);
});
