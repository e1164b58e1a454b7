import { expect, test } from 'vitest';
import { EventLog } from '../recording/event-log';
import { RecordIndex } from './record-index';
import { journeyEvents, words } from './testing';

function recordIndexOf(log: EventLog): RecordIndex {
  const recordIndex = new RecordIndex(log);
  for (let index = log.begin; index < log.end; index += 1) recordIndex.add(index);
  return recordIndex;
}

test('the events of a record among those of others', () => {
  const log = new EventLog();
  log.add(words([...journeyEvents(3), ...journeyEvents(5, 2)]), Infinity);
  log.finish();
  const recordIndex = recordIndexOf(log);
  for (const record of [3, 5]) {
    const indexes = recordIndex.eventsOf(record);
    expect(indexes).toHaveLength(29);
    expect(indexes.map((index) => log.record(index)).every((found) => found === record)).toBe(true);
    expect(indexes).toEqual(indexes.toSorted((a, b) => a - b));
  }
  expect(recordIndex.eventsOf(4)).toEqual([]);
  expect(recordIndex.neighbour(3, 1)).toBe(5);
  expect(recordIndex.neighbour(5, -1)).toBe(3);
  expect(recordIndex.neighbour(4, -1)).toBe(3);
  expect(recordIndex.neighbour(5, 1)).toBeNull();
  expect(recordIndex.neighbour(3, -1)).toBeNull();
});

test('forgets what the log forgets', () => {
  const log = new EventLog(1024);
  const recordIndex = new RecordIndex(log);
  let read = 0;
  for (let record = 0; record < 5000; record += 1) {
    log.add(words(journeyEvents(record, 10 * record)), Infinity);
    for (read = Math.max(read, log.begin); read < log.end; read += 1) recordIndex.add(read);
  }
  expect(recordIndex.eventsOf(0)).toEqual([]);
  expect(recordIndex.has(4999)).toBe(true);
  expect(recordIndex.records).toBeLessThan(300);
  // 1024 events are the last 35 records and a part of the one before.
  expect(recordIndex.neighbour(0, 1)).toBe(4999 - 35);
});
