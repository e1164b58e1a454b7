import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventLog, NONE, packed } from '../recording/event-log';
import type { LoggedEvent } from '../recording/event-log';
import { NODE } from '../recording/events';
import { Recording } from '../recording/recording';
import { STANDARD } from '../recording/topology';
import { readLogFile, toLogFile } from './log-file';
import { MS, recordingOf, testConfig, journeyEvents, words } from './testing';

function eventsOf({ log }: Recording): LoggedEvent[] {
  const events: LoggedEvent[] = [];
  for (let index = log.begin; index < log.end; index += 1) {
    const event = log.at(index);
    if (event) events.push(event);
  }
  return events;
}

const head = `{"clearpipe_events":1,"kinds":["arrive"],"config":${JSON.stringify(testConfig())}}\n`;

test('what is written is read again', async () => {
  const recording = recordingOf([...journeyEvents(0), ...journeyEvents(2 ** 33, 1)]);
  const { recording: read, kinds, warning } = await readLogFile(toLogFile(recording));
  expect(eventsOf(read)).toEqual(eventsOf(recording));
  expect(read.config).toEqual(recording.config);
  expect(read.origin).toBe('file');
  expect(kinds[17]).toBe('run_end');
  expect(warning).toBeNull();
});

test('a log brings the topology of its pipeline, and has the usual one otherwise', async () => {
  const stages = STANDARD.data.stages.map((stage) =>
    stage.node === NODE.loader
      ? { ...stage, name: 'Archive\u202e', is_pool: true }
      : { ...stage, is_pool: false },
  );
  const channels = STANDARD.data.channels.map((channel) =>
    channel.node === NODE.metricsCh ? { ...channel, receivers: [6], name: 'sums' } : channel,
  );
  const with_ = (topology: unknown) =>
    new Blob([`${head.trimEnd().slice(0, -1)},"topology":${JSON.stringify(topology)}}\n`]);
  const { recording } = await readLogFile(with_({ stages, channels }));
  expect(recording.topology.workerName(NODE.loader, 1)).toBe(String.raw`Archive\u{202e} 2`);
  expect(recording.topology.workerName(NODE.validator, 1)).toBe('Validator');
  expect(recording.topology.nameOf(NODE.metricsCh)).toBe('sums');
  expect(recording.topology.receiverOf(NODE.metricsCh)).toBe(6);
  const again = await readLogFile(toLogFile(recording));
  expect(again.recording.topology.data).toEqual({ stages, channels });

  expect((await readLogFile(new Blob([head]))).recording.topology).toBe(STANDARD);
  for (const topology of [null, 7, { stages, channels: channels.slice(1) }]) {
    await expect(readLogFile(with_(topology))).rejects.toThrow('an impossible topology');
  }
});

test('any events are', async () => {
  const event = fc.record({
    time: fc.integer({ min: 0, max: 2 ** 47 }),
    kind: fc.nat(255),
    node: fc.nat(255),
    worker: fc.nat(65535),
    thread: fc.nat(255),
    record: fc.oneof(fc.constant(NONE), fc.integer({ min: 0, max: 2 ** 40 - 2 })),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event), async (events) => {
      const log = new EventLog();
      log.add(new BigUint64Array(events.flatMap(packed)), Infinity);
      log.finish();
      const recording = new Recording(testConfig(), 'over', log);
      const { recording: read } = await readLogFile(toLogFile(recording));
      expect(eventsOf(read)).toEqual(eventsOf(recording));
    }),
    { numRuns: 50 },
  );
});

test('the events of several threads are put in order, those of one stay in theirs', async () => {
  const rounds = [0, 1, 2].map((round) =>
    words(
      [0, 1, 255].flatMap((thread) =>
        [1, 2, 2, 3].map((at, record) => ({
          at: 100 * round + at + thread / 1000,
          kind: 'arrive',
          node: 'dataCh',
          record,
          thread,
        })),
      ),
    ),
  );
  const { recording } = await readLogFile(
    new Blob([head, ...(rounds as BigUint64Array<ArrayBuffer>[])]),
  );
  const events = eventsOf(recording);
  expect(events).toHaveLength(36);
  expect(events.map(({ time }) => time)).toEqual(
    events.map(({ time }) => time).toSorted((a, b) => a - b),
  );
  for (const thread of [0, 1, 255]) {
    const records = events.filter((event) => event.thread === thread).map(({ record }) => record);
    expect(records).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
  }
});

test('kinds that this page does not know are kept', async () => {
  const unknown = { time: 5 * MS, kind: 99, node: 3, worker: 0, thread: 0, record: 1 };
  const file = new Blob([head, new BigUint64Array(packed(unknown))]);
  const { recording, kinds } = await readLogFile(file);
  expect(recording.log.at(0)).toMatchObject(unknown);
  expect(kinds).toEqual(['arrive']);
});

test('a sampling that no run has stays a number', async () => {
  const sampling = { time: MS, kind: 18, node: 0, worker: 65535, thread: 0, record: 1 };
  const file = new Blob([head, new BigUint64Array(packed(sampling))]);
  const { recording } = await readLogFile(file);
  expect(recording.sampleAt(MS)).toBe(2 ** 40);
});

describe('what is the matter', () => {
  test('a part of an event at the end', async () => {
    const file = new Blob([
      head,
      words(journeyEvents(0)) as BigUint64Array<ArrayBuffer>,
      new Uint8Array(7),
    ]);
    const { recording, warning } = await readLogFile(file);
    expect(recording.log.length).toBe(29);
    expect(warning).toContain('ends in the middle of an event');
  });

  test.each([
    ['', 'no event log'],
    ['{"id":"rec-0001"}\n', 'no event log'],
    ['{"clearpipe_events":1,"config":{', 'ends within its first line'],
    ['{"clearpipe_events":1,"config":{\n', 'damaged'],
    ['{"clearpipe_events":2,"config":{}}\n', 'version 2'],
    ['{"clearpipe_events":1}\n', 'no configuration'],
  ])('%j', async (text, expected) => {
    await expect(readLogFile(new Blob([text]))).rejects.toThrow(expected);
  });
});
