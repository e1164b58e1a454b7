import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventLog, NONE, packed } from '../recording/event-log';
import { EVENT_KINDS } from '../recording/events';
import { Recording } from '../recording/recording';
import { STANDARD } from '../recording/topology';
import { isLogFile, toLogFile } from './log-file';
import { journeyEvents, recordingOf, testConfig, words } from './testing';

/** Returns the first line of a file, and the words after it. */
async function partsOf(file: Blob): Promise<{ header: unknown; words: BigUint64Array }> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const start = bytes.indexOf(0x0a) + 1;
  return {
    header: JSON.parse(new TextDecoder().decode(bytes.subarray(0, start))),
    words: new BigUint64Array(bytes.slice(start).buffer),
  };
}

test('a log starts with what is needed to understand its events', async () => {
  const file = toLogFile(recordingOf(journeyEvents(0)));
  expect(await isLogFile(file)).toBe(true);
  const { header, words: written } = await partsOf(file);
  expect(header).toMatchObject({
    clearpipe_events: 1,
    kinds: [...EVENT_KINDS],
    topology: STANDARD.data,
    config: testConfig(),
  });
  expect(written).toEqual(words(journeyEvents(0)));
});

test('any events are written as they were recorded', async () => {
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
      const sorted = events.toSorted((a, b) => a.time - b.time);
      const log = new EventLog();
      log.add(new BigUint64Array(sorted.flatMap(packed)), Infinity);
      log.finish();
      const recording = new Recording(testConfig(), 'over', { log });
      expect((await partsOf(toLogFile(recording))).words).toEqual(
        new BigUint64Array(sorted.flatMap(packed)),
      );
    }),
    { numRuns: 50 },
  );
});

test('a sampling that no run has stays a number', () => {
  const log = new EventLog();
  const sampling = { time: 1e6, kind: 18, node: 0, worker: 65535, thread: 0, record: 1 };
  log.add(new BigUint64Array(packed(sampling)), Infinity);
  log.finish();
  expect(new Recording(testConfig(), 'file', { log }).sampleAt(1e6)).toBe(2 ** 40);
});
