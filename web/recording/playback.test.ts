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

describe('backwards and in steps', () => {
  function over(times: number[]): Playback {
    const recording = recordingOf(times);
    recording.end(testMetrics({ elapsed_seconds: (times.at(-1) ?? 0) / 1e9 }));
    return new Playback(recording);
  }

  test('it plays from where it stands to the beginning, and stays there', () => {
    const playback = over([1e6, 50e6, 100e6]);
    playback.seek(90e6);
    playback.setSpeed(-1 / 10);
    playback.play();
    playback.frame(0, null);
    playback.frame(100, null);
    expect(playback.time).toBe(80e6);
    expect(playback.ramp).toBe((RAMP * 1e6) / 10);
    for (let now = 200; now < 1200; now += 100) playback.frame(now, null);
    expect(playback.time).toBe(1e6);
    expect(playback.playing).toBe(false);
    // What is played next is played forwards.
    expect(playback.speed).toBe(1 / 10);
  });

  test('at the beginning it begins anew at the end', () => {
    const playback = over([0, 100e6]);
    playback.seek(0);
    playback.setSpeed(-1);
    playback.play();
    expect(playback.time).toBe(100e6);
  });

  test('J and L go faster with each press, and a halt brings the former speed back', () => {
    const playback = over([0, 1e9]);
    playback.seek(5e8);
    playback.setSpeed(1 / 4);
    const speeds = ([1, 1, 1, -1, -1, 1] as const).map((direction) => {
      playback.shuttle(direction);
      return playback.speed;
    });
    expect(speeds).toEqual([1 / 4, 1 / 2, 1, -1 / 4, -1 / 2, 1 / 4]);
    expect(playback.playing).toBe(true);
    playback.shuttle(1);
    playback.halt();
    expect([playback.speed, playback.playing]).toEqual([1 / 4, false]);
    // There is nothing faster.
    for (let press = 0; press < 30; press += 1) playback.shuttle(-1);
    expect(playback.speed).toBe(-10);
  });

  test('forwards there is nothing beyond the live picture', () => {
    const playback = new Playback(recordingOf([0, 1e9]));
    playback.shuttle(1);
    expect([playback.live, playback.speed]).toEqual([true, 1]);
    playback.shuttle(-1);
    expect([playback.live, playback.speed]).toEqual([false, -1]);
  });

  test('a step by time is as long as it looks', () => {
    const playback = over([0, 1e9]);
    playback.seek(5e8);
    playback.setSpeed(1 / 1000);
    playback.stepTime(1);
    expect(playback.time).toBe(5e8 + 250e3);
    playback.stepTime(-1);
    playback.stepTime(-1);
    expect(playback.time).toBe(5e8 - 250e3);
  });

  test('a step goes to the events that are wanted, both ways', () => {
    const playback = over([10, 20, 30, 40]);
    playback.seek(10);
    const { log } = playback.recording;
    const isEven = (index: number) => log.record(index) % 2 === 0;
    expect(playback.step(1, isEven)).toBe(2);
    expect(playback.time).toBe(30);
    expect(playback.step(1, isEven)).toBeNull();
    expect(playback.step(-1)).toBe(1);
    expect(playback.step(-1, isEven)).toBe(0);
    expect(playback.time).toBe(10);
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
