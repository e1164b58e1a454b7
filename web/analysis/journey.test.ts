import { describe, expect, test } from 'vitest';
import { STANDARD } from '../recording/topology';
import { doneAt, journeyOf } from './journey';
import type { Journey } from './journey';
import { ledgerOf } from './ledger';
import { MS, recordingOf, testConfig, journeyEvents } from './testing';
import type { TestEvent } from './testing';

const waiting = { wait: '1ms', compute: 'off' };

function journey(
  events: TestEvent[],
  record: number,
  config = testConfig({ ordered: false }),
): Journey | null {
  const recording = recordingOf(
    events.toSorted((a, b) => a.at - b.at),
    config,
  );
  ledgerOf(recording).catchUp();
  return journeyOf(recording, record);
}

/** `node kind from-to`, in milliseconds. */
function told(found: Journey | null): string[] {
  return (found?.spans ?? []).map(({ node, kind, from, to }) => {
    const until = to === null ? '' : String(to / MS);
    return `${STANDARD.nameOf(node)} ${kind} ${from / MS}-${until}`;
  });
}

test('the way of a record that nobody holds up', () => {
  const found = journey([...journeyEvents(4), ...journeyEvents(5, 0.5)], 4);
  expect(told(found)).toEqual([
    'dataCh channel 0-1',
    'Validator work 1-2',
    'validCh channel 2-3',
    'Transformer work 3-4',
    'processedCh channel 4-5',
    'Fan-out work 5-6',
    'loaderCh channel 6-7',
    'errorHandlerCh channel 6-7',
    'metricsCh channel 6-7',
    'Loader work 7-9',
    'Error Handler work 7-7',
    'Metrics Collector work 7-8',
  ]);
  expect(found).toMatchObject({
    produced: 0,
    outcome: 'processed',
    decided: 4 * MS,
    written: 9 * MS,
    counted: 8 * MS,
    fault: null,
  });
  expect(found && doneAt(found)).toBe(9 * MS);
});

describe('blocked', () => {
  const validator: TestEvent[] = [
    { at: 1, kind: 'depart', node: 'dataCh', record: 0, worker: 2 },
    { at: 1, kind: 'workStart', node: 'validator', record: 0, worker: 2, thread: 1 },
    { at: 2, kind: 'invalid', node: 'validator', record: 0, worker: 2 },
    { at: 2, kind: 'workEnd', node: 'validator', record: 0, worker: 2 },
  ];

  test('a worker that cannot send', () => {
    const found = journey(
      [
        ...validator,
        { at: 2, kind: 'blocked', node: 'errorCh', record: 0, worker: 2 },
        { at: 5, kind: 'released', node: 'errorCh', record: 0, worker: 2 },
        { at: 5, kind: 'arrive', node: 'errorCh', record: 0, worker: 2 },
      ],
      0,
    );
    expect(told(found)).toEqual([
      'Validator work 1-2',
      'Validator blocked 2-5',
      'errorCh channel 5-',
    ]);
    expect(found?.outcome).toBe('invalid');
    expect(found?.produced).toBeNull();
    expect(found?.spans[0]).toMatchObject({ worker: 2, thread: 1 });
    expect(found && doneAt(found)).toBeNull();
  });

  test('one of a batch whose first record is blocked', () => {
    const found = journey(
      [...validator, { at: 4, kind: 'arrive', node: 'errorCh', record: 0, worker: 2 }],
      0,
    );
    expect(told(found)).toContain('Validator blocked 2-4');
  });

  test('the Producer, by the channel or since too many records are in flight', () => {
    const found = journey(
      [
        { at: 0, kind: 'produced', node: 'producer', record: 0 },
        { at: 3, kind: 'arrive', node: 'dataCh', record: 0 },
      ],
      0,
    );
    expect(told(found)).toEqual(['Producer blocked 0-3', 'dataCh channel 3-']);
  });

  test('the fan-out, by a slow consumer', () => {
    const found = journey(
      [
        { at: 0, kind: 'depart', node: 'processedCh', record: 0 },
        { at: 0, kind: 'workStart', node: 'fan_out', record: 0 },
        { at: 0, kind: 'blocked', node: 'loaderCh', record: 0 },
        { at: 6, kind: 'released', node: 'loaderCh', record: 0 },
        { at: 6, kind: 'arrive', node: 'loaderCh', record: 0 },
        { at: 6, kind: 'arrive', node: 'errorHandlerCh', record: 0 },
        { at: 6, kind: 'arrive', node: 'metricsCh', record: 0 },
        { at: 6.001, kind: 'workEnd', node: 'fan_out', record: 0 },
      ],
      0,
    );
    expect(told(found).filter((span) => span.startsWith('Fan-out'))).toEqual([
      'Fan-out work 0-0',
      'Fan-out blocked 0-6',
    ]);
  });
});

describe('held back for the order', () => {
  const loader: TestEvent[] = [
    { at: 0, kind: 'processed', node: 'transformer', record: 7 },
    { at: 0, kind: 'depart', node: 'loaderCh', record: 7 },
    { at: 0, kind: 'workStart', node: 'loader', record: 7 },
    { at: 8, kind: 'written', node: 'loader', record: 7 },
    { at: 8, kind: 'workEnd', node: 'loader', record: 7 },
  ];

  test('from the beginning, where there is no service time', () => {
    expect(told(journey(loader, 7, testConfig()))).toEqual(['Loader held 0-8']);
  });

  const service = { ...testConfig().service, loader: waiting };

  test('since the Loader took up the next record', () => {
    const next: TestEvent = { at: 1, kind: 'depart', node: 'loaderCh', record: 8 };
    expect(told(journey([...loader, next], 7, testConfig({ service })))).toEqual([
      'Loader work 0-1',
      'Loader held 1-8',
    ]);
  });

  test('since its task went on after the service time', () => {
    const tasks: TestEvent[] = [
      { at: 0.1, kind: 'runEnd', node: 'loader' },
      { at: 2, kind: 'runStart', node: 'loader' },
      { at: 2.1, kind: 'runEnd', node: 'loader' },
      { at: 6, kind: 'runStart', node: 'loader' },
    ];
    expect(told(journey([...loader, ...tasks], 7, testConfig({ service })))).toEqual([
      'Loader work 0-2',
      'Loader held 2-8',
    ]);
  });

  test('not at all, where it was the one that others waited for', () => {
    expect(told(journey(loader, 7, testConfig({ service })))).toEqual(['Loader work 0-8']);
    expect(told(journey(loader, 7, testConfig({ ordered: false })))).toEqual(['Loader work 0-8']);
  });

  test('and it may be there still', () => {
    expect(told(journey(loader.slice(0, 3), 7, testConfig()))).toEqual(['Loader held 0-']);
  });
});

test('a record that is not in the log', () => {
  expect(journey(journeyEvents(1), 2)).toBeNull();
});
