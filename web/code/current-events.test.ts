import { describe, expect, test } from 'vitest';
import { journeyEvents, MS, recordingOf } from '../analysis/testing';
import type { TestEvent } from '../analysis/testing';
import { ledgerOf } from '../analysis/ledger';
import { KIND, NODE } from '../recording/events';
import { RECORD_STATE } from '../recording/residencies';
import type { Recording } from '../recording/recording';
import { STANDARD } from '../recording/topology';
import { currentEvents, isOf, stateAfter } from './current-events';
import type { Whose } from './current-events';
import { did } from './did';

function recordingWith(events: readonly TestEvent[]): Recording {
  const recording = recordingOf(events);
  ledgerOf(recording).catchUp();
  return recording;
}

/** What a worker has just done at a time in milliseconds, in words. */
function at(recording: Recording, whose: Whose, time: number): string[] {
  const isWanted = ({ kind }: { kind: number }) => kind !== KIND.workEnd;
  return currentEvents(recording, whose, time * MS, isWanted).map((event) => did(event, STANDARD));
}

const of = (stage: keyof typeof NODE, worker: number | null = null): Whose => ({
  stage: NODE[stage],
  worker,
});

describe('the current events of a worker', () => {
  const recording = recordingWith(journeyEvents(7, 0, 1, 2));

  test('are those of its last moment, the current one last', () => {
    expect(at(recording, of('validator', 1), 1)).toEqual([
      'took #7 from dataCh',
      'began to work on #7',
    ]);
    expect(at(recording, of('validator', 1), 1.9)).toEqual(at(recording, of('validator', 1), 1));
    expect(at(recording, of('validator', 1), 2)).toEqual(['found #7 valid', 'sent #7 to validCh']);
    expect(at(recording, of('validator', 1), 9)).toEqual(['found #7 valid', 'sent #7 to validCh']);
  });

  test('are none before it has done anything', () => {
    expect(at(recording, of('validator', 1), 0.9)).toEqual([]);
    expect(at(recording, of('validator', 0), 9)).toEqual([]);
    expect(at(recordingWith([]), of('producer'), 9)).toEqual([]);
  });

  test('of a stage are those of the worker that did something last', () => {
    const two = recordingWith([
      { at: 0, kind: 'depart', node: 'dataCh', record: 3, worker: 0 },
      { at: 1, kind: 'depart', node: 'dataCh', record: 4, worker: 1 },
      { at: 1, kind: 'workStart', node: 'validator', record: 3, worker: 0 },
    ]);
    expect(at(two, of('validator'), 0)).toEqual(['took #3 from dataCh']);
    // Both did something at that time: it isn't about the other one.
    expect(at(two, of('validator'), 1)).toEqual(['began to work on #3']);
    expect(at(two, of('validator', 1), 1)).toEqual(['took #4 from dataCh']);
  });

  test('at a channel to which two stages send belong to the one that had the record', () => {
    const failing = recordingWith([
      { at: 0, kind: 'workStart', node: 'validator', record: 1 },
      { at: 1, kind: 'invalid', node: 'validator', record: 1 },
      { at: 1, kind: 'arrive', node: 'errorCh', record: 1 },
      { at: 2, kind: 'workStart', node: 'transformer', record: 2 },
      { at: 3, kind: 'transformationError', node: 'transformer', record: 2 },
      { at: 4, kind: 'blocked', node: 'errorCh', record: 2 },
    ]);
    expect(at(failing, of('validator', 0), 9)).toEqual(['rejected #1', 'sent #1 to errorCh']);
    expect(at(failing, of('transformer', 0), 9)).toEqual(['waits to send #2: errorCh is full']);
  });

  test('belong to one worker and no other', () => {
    const { log } = recording;
    const owners = Array.from({ length: log.end }, (_, index) =>
      STANDARD.stages.filter(({ node }) => isOf(recording, { stage: node, worker: null })(index)),
    );
    expect(owners.every(({ length }) => length === 1)).toBe(true);
  });
});

test('a record is in the state that its events say', () => {
  const recording = recordingWith(journeyEvents(7));
  const states = Array.from({ length: recording.log.end }, (_, index) => {
    const event = recording.log.at(index);
    return event && stateAfter(recording, event);
  });
  const { raw, valid, processed } = RECORD_STATE;
  expect(states.slice(0, 4)).toEqual([raw, raw, raw, raw]);
  expect(states.slice(4, 9)).toEqual([valid, valid, valid, valid, valid]);
  expect(new Set(states.slice(9))).toEqual(new Set([processed]));
});
