import { expect, test } from 'vitest';
import { journeyEvents, words } from '../analysis/testing';
import { EventLog } from './event-log';

const PART = { from: 3e6, eventsBefore: 2 ** 33 + 5, eventsAfter: 0, halvings: 2 };

function part(most?: number): EventLog {
  const log = new EventLog(most, PART);
  log.add(words(journeyEvents(0)), Infinity);
  log.finish();
  return log;
}

test('the events of a part are counted from the beginning of the run', () => {
  const log = part();
  const events = journeyEvents(0);
  expect([log.begin, log.length, log.dropped]).toEqual([PART.eventsBefore, events.length, 0]);
  const times = Array.from({ length: log.length }, (_, at) => log.at(log.begin + at)?.time);
  expect(times).toEqual(events.map(({ at }) => at * 1e6));
  expect(log.at(0)).toBeNull();
  expect(log.indexAfter(0) - log.begin).toBe(events.filter(({ at }) => at <= 0).length);
});

test('a part is shown from its beginning on, not from what explains it', () => {
  const log = part();
  expect([log.oldestTime, log.firstTime]).toEqual([0, PART.from]);
});

test('how often sampling had been halved is known before the first event', () => {
  expect(part().halvings.at(0)).toBe(2);
  expect(new EventLog().halvings.at(0)).toBeNull();
  expect(new EventLog(8, { ...PART, halvings: 0 }).halvings.first).toBeNull();
  expect(new EventLog(8, { ...PART, halvings: 65535 }).halvings.at(0)).toBeLessThan(50);
});

test('only what has no space is dropped', () => {
  const log = part(8);
  expect([log.length, log.dropped]).toEqual([8, journeyEvents(0).length - 8]);
  expect(log.firstTime).toBe(Math.max(log.time(log.begin), PART.from));
});
