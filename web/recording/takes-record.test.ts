import { expect, test } from 'vitest';
import { journeyEvents, recordingOf } from '../analysis/testing';
import { NODE } from './events';
import { takesRecord } from './takes-record';
import type { Place } from './takes-record';

const recording = recordingOf([
  ...journeyEvents(0, 0, 0, 1),
  ...journeyEvents(1, 20, 1, 0),
  ...journeyEvents(2, 40, 0, 0),
]);

/** The records that a place takes, with the times in milliseconds. */
function taken(place: Place | null): [number, number][] {
  const isTaken = takesRecord(recording, place);
  const { log } = recording;
  const all = Array.from({ length: log.end }, (_, index) => index).filter(isTaken);
  return all.map((index) => [log.record(index), log.time(index) / 1e6]);
}

test('a worker takes the records that it works on', () => {
  expect(taken({ stage: NODE.validator, worker: 0 })).toEqual([
    [0, 1],
    [2, 41],
  ]);
  expect(taken({ stage: NODE.transformer, worker: 1 })).toEqual([[0, 3]]);
});

test('a channel takes what arrives', () => {
  expect(taken({ channel: NODE.validCh })).toEqual([
    [0, 2],
    [1, 22],
    [2, 42],
  ]);
});

test('without a place, as for the Producer, records are born', () => {
  const born = [
    [0, 0],
    [1, 20],
    [2, 40],
  ];
  expect(taken(null)).toEqual(born);
  expect(taken({ stage: NODE.producer, worker: 0 })).toEqual(born);
});
