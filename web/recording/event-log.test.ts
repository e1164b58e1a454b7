import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventLog, NONE, packed } from './event-log';
import type { LoggedEvent } from './event-log';
import { KIND } from './events';

type Event = Omit<LoggedEvent, 'index'>;

const event = (time: number, record = 0, thread = 0): Event => ({
  ...{ time, kind: KIND.arrive, node: 16, worker: 3, thread, record },
});

const words = (events: Event[]) => new BigUint64Array(events.flatMap((one) => packed(one)));

const times = (log: EventLog) =>
  Array.from({ length: log.length }, (_, at) => log.time(log.begin + at));

describe('the event log', () => {
  it('reads what the engine packs', () => {
    const log = new EventLog();
    const events: Event[] = [
      { time: 5, kind: 18, node: 0, worker: 65_535, thread: 255, record: 0 },
      { time: 2 ** 48 - 1, kind: 2, node: 22, worker: 0, thread: 7, record: 2 ** 40 - 2 },
      { time: 2 ** 48 - 1, kind: 15, node: 2, worker: 1, thread: 0, record: NONE },
    ];
    log.add(words(events), 0);
    log.finish();
    expect([0, 1, 2].map((index) => log.at(index))).toEqual(
      events.map((one, index) => ({ index, ...one })),
    );
    expect(log.at(3)).toBeNull();
  });

  it('sorts what threads deliver one after the other, and holds back what may not be complete', () => {
    const log = new EventLog();
    log.add(words([event(10), event(100e6), event(5, 1), event(90e6, 1)]), 100e6);
    expect(times(log)).toEqual([5, 10]);
    log.add(words([event(85e6, 2), event(120e6, 2)]), 125e6);
    expect(times(log)).toEqual([5, 10, 85e6, 90e6, 100e6]);
    expect(log.watermark).toBe(105e6);
    log.finish();
    expect(log.lastTime).toBe(120e6);
  });

  it('keeps the order of a thread’s events at the same time', () => {
    const log = new EventLog();
    log.add(words([event(10, 1), event(10, 2), event(10, 3), event(9, 4, 1), event(10, 5, 1)]), 10);
    log.finish();
    const order = times(log).map((_, at) => log.record(at));
    expect(order[0]).toBe(4);
    expect(order.filter((record) => record <= 3)).toEqual([1, 2, 3]);
  });

  it('drops the oldest where there is no room, and keeps the indexes', () => {
    const log = new EventLog(8);
    log.add(words(Array.from({ length: 20 }, (_, at) => event(at, at))), 0);
    log.finish();
    expect([log.begin, log.end, log.dropped]).toEqual([12, 20, 12]);
    expect(log.record(15)).toBe(15);
    expect(log.at(11)).toBeNull();
  });

  it('finds the first event after a time', () => {
    const log = new EventLog();
    log.add(words([event(1), event(3), event(3), event(8)]), 0);
    log.finish();
    expect([0, 1, 3, 7, 8, 9].map((time) => log.indexAfter(time))).toEqual([0, 1, 3, 3, 4, 4]);
  });

  it('has every event once and in order, however they are delivered', () => {
    const chunk = fc.array(fc.record({ time: fc.nat(1000), thread: fc.nat(2) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 6 }), (chunks) => {
        const log = new EventLog();
        let number = 0;
        chunks.forEach((events, at) => {
          const byThread = [0, 1, 2].flatMap((thread) =>
            events
              .filter((one) => one.thread === thread)
              .sort((a, b) => a.time - b.time)
              // The events of each chunk are newer than those of the previous one, apart from how late a thread may be.
              .map(({ time }) => event(at * 30e6 + time, number++, thread)),
          );
          log.add(words(byThread), at * 30e6 + 1000);
        });
        log.finish();
        expect(log.length).toBe(number);
        expect(times(log)).toEqual([...times(log)].sort((a, b) => a - b));
        const records = times(log).map((_, index) => log.record(index));
        expect(new Set(records).size).toBe(number);
      }),
    );
  });
});
