import { expect, test } from 'vitest';
import { STANDARD } from '../recording/topology';
import type { Diagnosis, Limit } from './bottleneck';
import { findMoment, momentThatMatters } from './matters';
import { Moments } from './moments';
import { MS, journeyEvents, recordingOf, testConfig } from './testing';
import type { TestEvent } from './testing';

const diagnosis = (limit: Limit, stage: string | null): Diagnosis => ({
  ...{ limit, stage, finding: '', advice: '', sentence: '' },
  ...{ changes: [], next: null },
});

const small = testConfig({ channels: { ...testConfig().channels, capacity: 3 } });

const arrivals = (node: TestEvent['node'], from: number, count: number): TestEvent[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ at: from + at, kind: 'arrive', node, record: from * 100 + at },
  }));

/** dataCh is full at 12 ms, validCh at 22 ms; loaderCh has two records at 31 ms, and a Validator idles from 41 ms on. */
const events: TestEvent[] = [
  ...arrivals('dataCh', 10, 3),
  ...arrivals('validCh', 20, 4),
  ...arrivals('loaderCh', 30, 2),
  { at: 40, kind: 'depart', node: 'dataCh', record: 1000, worker: 1 },
  { at: 41, kind: 'arrive', node: 'errorCh', record: 1000, worker: 1 },
];

function momentOf(diagnosis: Diagnosis | null): [number, string] | null {
  const moments = new Moments(recordingOf(events, small));
  moments.catchUp();
  const found = momentThatMatters(diagnosis, STANDARD, moments);
  return found && [found.time / MS, found.title];
}

test.each<[Limit, string | null, number, string]>([
  ['workers', 'transformer', 22, 'validCh full'],
  ['workers', 'validator', 12, 'dataCh full'],
  ['slow-consumer', 'loader', 31, 'Most in loaderCh: 2'],
  ['producer', 'producer', 41, 'Validator 2 without work'],
  ['rate-limit', null, 41, 'Validator 2 without work'],
  ['several', null, 12, 'dataCh full'],
  // Nothing waits for the Error Handler, and nothing is known of the limit.
  ['workers', 'error_handler', 12, 'dataCh full'],
  ['none', null, 31, 'Most records in channels'],
])('%s, %s', (limit, stage, time, title) => {
  expect(momentOf(diagnosis(limit, stage))).toEqual([time, title]);
});

test('without a verdict it is when most is in the picture', () => {
  expect(momentOf(null)).toEqual([31, 'Most records in channels']);
});

test('where nothing moved there is none', () => {
  const moments = new Moments(recordingOf([]));
  moments.catchUp();
  expect(momentThatMatters(diagnosis('over', null), STANDARD, moments)).toBeNull();
});

test('the recording is read first', async () => {
  const recording = recordingOf([...journeyEvents(0), ...journeyEvents(1, 1)]);
  const found = await findMoment(recording, 4);
  expect(found?.time).toBeGreaterThan(0);
  expect(found?.time).toBeLessThan(10 * MS);
});
