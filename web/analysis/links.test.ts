import { expect, test } from 'vitest';
import { EventLog } from '../recording/event-log';
import { Links } from './links';
import { wayOf, words } from './testing';

function linksOf(log: EventLog): Links {
  const links = new Links(log);
  for (let index = log.begin; index < log.end; index += 1) links.add(index);
  return links;
}

test('the events of a record among those of others', () => {
  const log = new EventLog();
  log.add(words([...wayOf(3), ...wayOf(5, 2)]), Infinity);
  log.finish();
  const links = linksOf(log);
  for (const record of [3, 5]) {
    const indexes = links.of(record);
    expect(indexes).toHaveLength(29);
    expect(indexes.map((index) => log.record(index)).every((found) => found === record)).toBe(true);
    expect(indexes).toEqual(indexes.toSorted((a, b) => a - b));
  }
  expect(links.of(4)).toEqual([]);
  expect(links.neighbour(3, 1)).toBe(5);
  expect(links.neighbour(5, -1)).toBe(3);
  expect(links.neighbour(4, -1)).toBe(3);
  expect(links.neighbour(5, 1)).toBeNull();
  expect(links.neighbour(3, -1)).toBeNull();
});

test('forgets what the log forgets', () => {
  const log = new EventLog(1024);
  const links = new Links(log);
  let read = 0;
  for (let record = 0; record < 5000; record += 1) {
    log.add(words(wayOf(record, 10 * record)), Infinity);
    for (read = Math.max(read, log.begin); read < log.end; read += 1) links.add(read);
  }
  expect(links.of(0)).toEqual([]);
  expect(links.has(4999)).toBe(true);
  expect(links.records).toBeLessThan(300);
  // 1024 events are the last 35 records and a part of the one before.
  expect(links.neighbour(0, 1)).toBe(4999 - 35);
});
