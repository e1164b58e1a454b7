import { describe, expect, test } from 'vitest';
import { NONE } from '../recording/event-log';
import { NODE } from '../recording/events';
import { channelHistory, workerHistory } from './history';
import { ledgerOf } from './ledger';
import { MS, recordingOf, testConfig, testMetrics, journeyEvents } from './testing';
import type { TestEvent } from './testing';

function recorded(events: TestEvent[], config = testConfig()) {
  const recording = recordingOf(
    events.toSorted((a, b) => a.at - b.at),
    config,
  );
  ledgerOf(recording).catchUp();
  return recording;
}

/** `state record from-to`, in milliseconds. */
function told(...[recording, stage, worker, window]: Parameters<typeof workerHistory>): string[] {
  const history = workerHistory(recording, stage, worker, window);
  if (history.origin !== 'events') return ['measured'];
  return history.intervals.map(
    ({ state, record, from, to }) =>
      `${state}${record === NONE ? '' : ` ${record}`} ${from / MS}-${to / MS}`,
  );
}

describe('a worker', () => {
  test('one record after the other', () => {
    const recording = recorded([...journeyEvents(0), ...journeyEvents(1, 4)]);
    expect(told(recording, NODE.validator, 0, { from: 0, to: 7 * MS })).toEqual([
      'waiting 0-1',
      'busy 0 1-2',
      'waiting 2-5',
      'busy 1 5-6',
      'waiting 6-7',
    ]);
    expect(told(recording, NODE.validator, 1, { from: 0, to: 7 * MS })).toEqual(['waiting 0-7']);
    // The state at the beginning of the window follows from earlier events.
    expect(told(recording, NODE.validator, 0, { from: 1.5 * MS, to: 3 * MS })).toEqual([
      'busy 0 1.5-2',
      'waiting 2-3',
    ]);
  });

  test('blocked, and ready without a thread', () => {
    const recording = recorded([
      { at: 1, kind: 'runStart', node: 'validator' },
      { at: 1, kind: 'depart', node: 'dataCh', record: 0 },
      { at: 1, kind: 'workStart', node: 'validator', record: 0 },
      { at: 2, kind: 'invalid', node: 'validator', record: 0 },
      { at: 2, kind: 'workEnd', node: 'validator', record: 0 },
      { at: 2, kind: 'blocked', node: 'errorCh', record: 0 },
      { at: 2, kind: 'runEnd', node: 'validator' },
      { at: 5, kind: 'woken', node: 'validator' },
      { at: 7, kind: 'runStart', node: 'validator' },
      { at: 7, kind: 'released', node: 'errorCh', record: 0 },
      { at: 7, kind: 'arrive', node: 'errorCh', record: 0 },
      { at: 8, kind: 'runEnd', node: 'validator' },
      // The Transformer with the same number also sends there, but is a different worker.
      { at: 8.5, kind: 'workStart', node: 'transformer', record: 1 },
      { at: 9, kind: 'blocked', node: 'errorCh', record: 1 },
    ]);
    expect(told(recording, NODE.validator, 0, { from: 0, to: 9 * MS })).toEqual([
      'waiting 0-1',
      'busy 0 1-2',
      'blocked 0 2-5',
      'ready 0 5-7',
      'busy 0 7-8',
      'waiting 8-9',
    ]);
  });

  test('a consumer that takes a service time', () => {
    const service = { ...testConfig().service, loader: { wait: '2ms', compute: 'off' } };
    const recording = recorded(
      [
        { at: 1, kind: 'runStart', node: 'loader' },
        { at: 1, kind: 'depart', node: 'loaderCh', record: 3 },
        { at: 1, kind: 'workStart', node: 'loader', record: 3 },
        { at: 1, kind: 'runEnd', node: 'loader' },
        { at: 3, kind: 'runStart', node: 'loader' },
        // It is held back for an earlier record that the Loader is waiting for.
        { at: 3, kind: 'runEnd', node: 'loader' },
        { at: 6, kind: 'runStart', node: 'loader' },
      ],
      testConfig({ service }),
    );
    expect(told(recording, NODE.loader, 0, { from: 0, to: 6 * MS })).toEqual([
      'waiting 0-1',
      'busy 3 1-3',
      'waiting 3-6',
    ]);
  });

  test('from measurements, where not every record is traced', () => {
    const config = testConfig({ trace: { enabled: true, sample: 2, tasks: true, ring: 1024 } });
    const recording = recorded(journeyEvents(0), config);
    for (const [at, busy] of [
      [1, 0.5],
      [2, 1.5],
    ] as const) {
      const worker = { busy_seconds: busy };
      recording.addSnapshot(
        testMetrics({ elapsed_seconds: at, trace_sample: 2 }, { loader: [worker] }),
      );
    }
    const history = workerHistory(recording, NODE.loader, 0, { from: 0, to: 2e9 });
    expect(history).toMatchObject({
      origin: 'measured',
      shares: [
        { from: 0, to: 1e9, shares: { busy: 0.5, waiting: 0.5 } },
        { from: 1e9, to: 2e9, shares: { busy: 1, waiting: 0 } },
      ],
    });
  });
});

describe('a channel', () => {
  test('step by step', () => {
    const recording = recorded([...journeyEvents(0), ...journeyEvents(1, 0.5)]);
    const { origin, steps } = channelHistory(recording, NODE.validCh, { from: 0, to: 9 * MS });
    expect(origin).toBe('events');
    expect(steps.map(({ time, depth }) => [time / MS, depth])).toEqual([
      [0, 0],
      [2, 1],
      [2.5, 2],
      [3, 1],
      [3.5, 0],
    ]);
    // In the middle of it.
    const { steps: later } = channelHistory(recording, NODE.validCh, {
      from: 2.2 * MS,
      to: 2.8 * MS,
    });
    expect(later.map(({ depth }) => depth)).toEqual([1, 2]);
  });

  test('from measurements', () => {
    const recording = recorded(
      [],
      testConfig({ trace: { enabled: false, sample: 1, tasks: true, ring: 1024 } }),
    );
    recording.addSnapshot(testMetrics({ elapsed_seconds: 1 }, {}, { validCh: { depth: 7 } }));
    expect(channelHistory(recording, NODE.validCh, { from: 0, to: 2e9 })).toMatchObject({
      origin: 'measured',
      steps: [{ time: 1e9, depth: 7 }],
      capacity: 100,
    });
  });
});
