import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KIND, NODE } from '../recording/events';
import type { Recording } from '../recording/recording';
import { MomentList } from './moment-list';
import { Moments, momentsOf } from './moments';
import type { MomentKind, Wanted } from './moments';
import { MS, journeyEvents, recordingOf, testConfig } from './testing';
import type { TestEvent } from './testing';

function read(recording: Recording): Moments {
  const moments = momentsOf(recording);
  moments.catchUp();
  return moments;
}

/** The times in milliseconds of all moments of a kind, forwards. */
function timesOf(moments: Moments, kind: MomentKind, wanted: Wanted = {}): number[] {
  const times: number[] = [];
  for (let moment = moments.next(kind, -Infinity, 1, wanted); moment;) {
    times.push(moment.time / MS);
    moment = moments.next(kind, moment.time, 1, wanted);
  }
  return times;
}

const small = testConfig({ channels: { ...testConfig().channels, valid: 2 } });

/** A Transformer that takes long: the channel before it fills up, and a Validator is blocked twice. */
const pressed: TestEvent[] = [
  { at: 1, kind: 'arrive', node: 'validCh', record: 0 },
  { at: 2, kind: 'arrive', node: 'validCh', record: 1, worker: 1 },
  { at: 3, kind: 'blocked', node: 'validCh', record: 2, worker: 2 },
  { at: 5, kind: 'depart', node: 'validCh', record: 0 },
  { at: 5, kind: 'released', node: 'validCh', record: 2, worker: 2 },
  { at: 5, kind: 'arrive', node: 'validCh', record: 2, worker: 2 },
  { at: 6, kind: 'blocked', node: 'validCh', record: 3, worker: 1 },
  { at: 7, kind: 'arrive', node: 'errorCh', record: 0 },
  { at: 16, kind: 'depart', node: 'validCh', record: 1 },
  { at: 16, kind: 'released', node: 'validCh', record: 3, worker: 1 },
  { at: 16, kind: 'arrive', node: 'validCh', record: 3, worker: 1 },
];

describe('what is found', () => {
  const moments = read(recordingOf(pressed, small));

  test('a channel that is full for the first time, and only that', () => {
    expect(timesOf(moments, 'full')).toEqual([2]);
    const full = moments.firstFull(NODE.validCh);
    expect(full).toMatchObject({ time: 2 * MS, record: 1, worker: 1, node: NODE.validCh });
    expect(moments.firstFull(NODE.errorCh)).toBeNull();
    expect(moments.deepest(NODE.validCh)).toEqual({ depth: 2, time: 2 * MS });
    expect(moments.deepest(NODE.dataCh)).toBeNull();
  });

  test('who was blocked, for how long, and until when', () => {
    expect(timesOf(moments, 'blocked')).toEqual([3, 6]);
    expect(timesOf(moments, 'released')).toEqual([5, 16]);
    expect(moments.next('blocked', 0, 1)).toMatchObject({ record: 2, duration: 2 * MS });
    expect(timesOf(moments, 'blocked', { longerThan: 2 * MS })).toEqual([6]);
    expect(timesOf(moments, 'blocked', { worker: 2 })).toEqual([3]);
    expect(timesOf(moments, 'blocked', { node: NODE.dataCh })).toEqual([]);
  });

  test('a worker of a pool that is left without a record', () => {
    const idle = moments.next('idle', 0, 1);
    expect(idle).toMatchObject({ time: 7 * MS, node: NODE.transformer, worker: 0 });
    expect(idle?.duration).toBe(9 * MS);
  });

  test('failures, anomalies and the slowest record', () => {
    const slow = journeyEvents(3, 100).map((event) =>
      event.kind === 'written' ? { ...event, at: 150 } : event,
    );
    const failing: TestEvent[] = [
      ...journeyEvents(1, 0),
      { at: 3, kind: 'invalid', node: 'validator', record: 7, worker: 2 },
      { at: 4, kind: 'anomaly', node: 'transformer', record: 8 },
      { at: 5, kind: 'transformationError', node: 'transformer', record: 9 },
      ...slow,
    ];
    const found = read(recordingOf(failing));
    expect(timesOf(found, 'failure')).toEqual([3, 5]);
    expect(found.next('failure', 0, 1)).toMatchObject({ record: 7, worker: 2 });
    expect(timesOf(found, 'anomaly')).toEqual([4]);
    expect(found.slowest).toEqual({ record: 3, from: 100 * MS, to: 150 * MS });
  });

  test('a change of settings', () => {
    const recording = recordingOf(pressed);
    recording.adjust(5 * MS, testConfig({ workers: 4 }));
    recording.adjust(9 * MS, testConfig({ workers: 5 }));
    const found = read(recording);
    expect(timesOf(found, 'setting')).toEqual([5, 9]);
    expect(found.next('setting', 9 * MS, -1)?.time).toBe(5 * MS);
  });

  test('if not every record is traced, whoever is blocked shows what is full', () => {
    const few = pressed.filter(({ record }) => record === 3);
    expect(timesOf(read(recordingOf(few, small)), 'full')).toEqual([6]);
  });
});

test('forwards and backwards are the same moments, read in slices or at once', () => {
  const kinds = ['blocked', 'invalid', 'anomaly', 'arrive', 'depart', 'released'] as const;
  const events = fc.array(
    fc.record({
      at: fc.nat(50),
      kind: fc.constantFrom(...kinds),
      record: fc.nat(6),
      worker: fc.nat(2),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 7 }), (events, slice) => {
      const recording = recordingOf(
        events.map((event) => ({
          ...event,
          node: ['invalid', 'anomaly'].includes(event.kind) ? 'validator' : 'validCh',
        })),
      );
      const { log } = recording;
      const moments = new Moments(recording);
      while (!moments.catchUp(slice));
      for (const [kind, logged] of [
        ['blocked', KIND.blocked],
        ['released', KIND.released],
        ['failure', KIND.invalid],
        ['anomaly', KIND.anomaly],
      ] as const) {
        const all = Array.from({ length: log.end }, (_, index) => index)
          .filter((index) => log.kind(index) === logged)
          .map((index) => log.time(index) / MS);
        expect(timesOf(moments, kind)).toEqual([...new Set(all)]);
        for (let time = -1; time <= 51; time += 3) {
          const before = moments.next(kind, time * MS, -1)?.time;
          expect(before).toBe(
            all.findLast((other) => other < time) === undefined
              ? undefined
              : (all.findLast((other) => other < time) ?? 0) * MS,
          );
        }
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);

describe('a list of moments', () => {
  test('has its members in order, and spans that end later', () => {
    const list = new MomentList();
    const numbers = Array.from({ length: 1000 }, (_, at) => list.add(at * 10, at, at % 7));
    list.close(numbers[500] ?? -1, 5020);
    expect(list.duration(500)).toBe(20);
    expect(list.next(95, 1)).toBe(10);
    expect(list.next(100, 1)).toBe(11);
    expect(list.next(100, -1)).toBe(9);
    expect(list.next(100, 1, (at) => list.place(at) === 3)).toBe(17);
    expect(list.next(9990, 1)).toBe(-1);
    expect(list.next(0, -1)).toBe(-1);
  });

  test('keeps the newest if there are too many', () => {
    const list = new MomentList();
    const most = 2 ** 20;
    let last = 0;
    for (let at = 0; at < most + 10; at += 1) last = list.add(at, at, 0);
    expect(list.length).toBe(most / 2 + 10);
    expect(list.time(0)).toBe(most / 2);
    list.close(last, most + 100);
    list.close(0, 5);
    expect(list.duration(list.length - 1)).toBe(91);
    expect(list.duration(0)).toBe(-1);
  });
});
