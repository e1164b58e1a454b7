import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workerHistory } from '../analysis/history';
import { ledgerOf } from '../analysis/ledger';
import {
  MS,
  journeyEvents,
  recordingOf,
  testConfig,
  testMetrics,
  words,
} from '../analysis/testing';
import type { TestEvent } from '../analysis/testing';
import { WORKER_STATES } from '../analysis/worker-state-machine';
import { EventLog } from '../recording/event-log';
import { NODE } from '../recording/events';
import { RECORD_STATE, Residencies } from '../recording/residencies';
import { Recording } from '../recording/recording';
import { changeMarks, placeFlags, pressureMarks } from './flags';
import { recordUnder } from './hit';
import { lanesOf } from './lanes';
import { measure, measureText } from './measure';
import { rateAt, scaleFor } from './rate';
import { depthAt, describe as describeLane, readingOf } from './readings';
import { staysOf } from './draw-record';
import { BLOCKED, BUSY, RUNS, TimelineData, WAITING } from './timeline-data';

/** Some records, one every `interval` milliseconds, by three Validators and four Transformers. */
function records(count: number, interval: number): TestEvent[] {
  return Array.from({ length: count }, (_, record) =>
    journeyEvents(record, record * interval, record % 3, record % 4),
  )
    .flat()
    .sort((a, b) => a.at - b.at);
}

function dataOf(recording: Recording): TimelineData {
  const data = new TimelineData(recording);
  data.advance();
  return data;
}

/** A Validator blocked at a full validCh, and errorCh, to which two pools send. */
const BLOCKED_EVENTS: TestEvent[] = [
  { at: 0, kind: 'produced', node: 'producer', record: 0 },
  { at: 0, kind: 'arrive', node: 'dataCh', record: 0 },
  { at: 1, kind: 'depart', node: 'dataCh', record: 0, worker: 1 },
  { at: 1, kind: 'workStart', node: 'validator', record: 0, worker: 1 },
  { at: 3, kind: 'invalid', node: 'validator', record: 0, worker: 1 },
  { at: 3, kind: 'workEnd', node: 'validator', record: 0, worker: 1 },
  { at: 3, kind: 'blocked', node: 'errorCh', record: 0, worker: 1 },
  { at: 7, kind: 'released', node: 'errorCh', record: 0, worker: 1 },
  { at: 7, kind: 'arrive', node: 'errorCh', record: 0, worker: 1 },
  { at: 9, kind: 'depart', node: 'errorCh', record: 0 },
];

describe('workers', () => {
  test('have the states of their events, at every channel that they send to', () => {
    const data = dataOf(recordingOf(BLOCKED_EVENTS));
    const track = data.worker(NODE.validator, 1);
    const spans = Array.from({ length: track?.length ?? 0 }, (_, index) => [
      (track?.time(index) ?? 0) / MS,
      track?.value(index),
      track?.tag(index),
    ]);
    expect(spans).toEqual([
      [0, WAITING, -1],
      [1, BUSY, 0],
      [3, BLOCKED, 0],
      [7, WAITING, -1],
    ]);
    // The Transformers, which send there as well, did nothing.
    expect(data.worker(NODE.transformer, 1)).toBeUndefined();
  });

  test('spend as long in each state as the ledger counts, to the nanosecond', () => {
    const recording = recordingOf([
      ...records(40, 0.7),
      ...BLOCKED_EVENTS.map((event) => ({ ...event, record: 900, at: event.at + 60 })),
    ]);
    const data = dataOf(recording);
    const ledger = ledgerOf(recording);
    ledger.catchUp();
    const end = recording.duration;
    for (const { node } of recording.topology.stages) {
      const sums = WORKER_STATES.map(() => 0);
      for (let worker = 0; worker < data.workersOf(node); worker += 1) {
        const track = data.worker(node, worker);
        track?.sumsBetween(0, end).forEach((sum, state) => {
          sums[state] = (sums[state] ?? 0) + sum;
        });
      }
      for (const [state, name] of WORKER_STATES.entries()) {
        if (name === 'waiting') continue;
        expect(sums[state], `${node} ${name}`).toBe(ledger.at(end).timeIn(node, name));
      }
    }
  });

  test('have the intervals of their history', () => {
    const recording = recordingOf(records(60, 0.9));
    ledgerOf(recording).catchUp();
    const data = dataOf(recording);
    for (const [stage, worker] of [
      [NODE.producer, 0],
      [NODE.validator, 1],
      [NODE.transformer, 3],
      [NODE.fan_out, 0],
      [NODE.loader, 0],
    ] as const) {
      const to = recording.duration;
      const history = workerHistory(recording, stage, worker, { from: 0, to });
      if (history.origin !== 'events') throw new Error('not from events');
      const track = data.worker(stage, worker);
      const spans = Array.from({ length: track?.length ?? 0 }, (_, index) => ({
        from: track?.time(index),
        to: Math.min(to, track?.until(index) ?? 0),
        state: WORKER_STATES[track?.value(index) ?? WAITING],
        record: track?.tag(index),
      })).filter(({ from, to }) => to > (from ?? 0));
      expect(spans, `${stage} ${worker}`).toEqual(history.intervals);
    }
  });
});

test('depths are those of the picture at any time', () => {
  const recording = recordingOf(records(50, 0.4));
  const data = dataOf(recording);
  const residencies = new Residencies(recording.log, recording.topology, 1);
  residencies.update();
  fc.assert(
    fc.property(fc.nat(Math.ceil(recording.duration)), (time) => {
      for (const { node } of recording.topology.channels) {
        expect(depthAt(data, node, time)?.depth).toBe(residencies.occupancy(node, time));
      }
    }),
  );
});

test('read in small parts, as events arrive, the lanes are the same as at once', () => {
  const events = records(40, 0.7);
  const whole = dataOf(recordingOf(events));
  const log = new EventLog();
  const parts = new TimelineData(new Recording(testConfig(), 'live', { log }));
  for (let at = 0; at < events.length; at += 37) {
    log.add(words(events.slice(at, at + 37)), Infinity);
    while (!parts.advance(5));
  }
  for (const { node } of whole.recording.topology.stages) {
    for (let worker = 0; worker < whole.workersOf(node); worker += 1) {
      const [a, b] = [whole, parts].map((data) => {
        const track = data.worker(node, worker);
        return (
          track &&
          Array.from({ length: track.length }, (_, at) => [track.time(at), track.value(at)])
        );
      });
      expect(a).toEqual(b);
    }
  }
  expect(parts.ends.length).toBe(whole.ends.length);
});

test('what the log has dropped is dropped, and what it has not is still known', () => {
  const log = new EventLog(1024);
  const recording = new Recording(testConfig(), 'live', { log });
  const data = new TimelineData(recording);
  const events = records(400, 1);
  for (let at = 0; at < events.length; at += 100) {
    log.add(words(events.slice(at, at + 100)), Infinity);
    data.advance();
  }
  expect(log.begin).toBeGreaterThan(0);
  expect(data.exactFrom).toBe(log.firstTime);
  expect(data.births.length).toBeLessThan(60);
  expect(data.worker(NODE.validator, 0)?.length).toBeLessThan(200);
  expect(data.isExactAt(recording.duration)).toBe(true);
  const whole = dataOf(recordingOf(events));
  for (const time of [380.5, 390.2, 395.95].map((at) => at * MS)) {
    for (const { node } of recording.topology.channels) {
      expect(depthAt(data, node, time)?.depth).toBe(depthAt(whole, node, time)?.depth);
    }
    const [one, other] = [data, whole].map((one) => one.worker(NODE.transformer, 2)?.at(time));
    expect(one).toBe(other);
  }
});

test('if events were dropped before they were read, nothing is claimed of the time before', () => {
  const log = new EventLog(1024);
  const data = new TimelineData(new Recording(testConfig(), 'live', { log }));
  log.add(words(records(400, 1)), Infinity);
  data.advance();
  expect(data.exactFrom).toBe(log.firstTime);
  expect(data.isExactAt(log.firstTime - 1)).toBe(false);
});

test('from when on records are sampled, events don’t tell everything', () => {
  const data = dataOf(
    recordingOf([
      ...records(3, 20),
      { at: 100, kind: 'sampling', node: 'producer', record: 3, worker: 1 },
      ...journeyEvents(4, 110),
    ]),
  );
  expect(data.isExactAt(99 * MS)).toBe(true);
  expect(data.isExactAt(101 * MS)).toBe(false);
});

test('no more tasks run at a time than there are threads', () => {
  const runs: TestEvent[] = [];
  for (let at = 0; at < 50; at += 1) {
    const thread = at % 2;
    runs.push({ at, kind: 'runStart', node: 'validator', worker: at % 5, thread });
    runs.push({ at: at + 1.5, kind: 'runEnd', node: 'validator', worker: at % 5, thread });
  }
  const data = dataOf(recordingOf(runs.sort((a, b) => a.at - b.at)));
  expect(data.threads).toHaveLength(2);
  for (let time = 0; time < 52; time += 0.25) {
    const running = data.threads.filter((track) => track.at(time * MS) === RUNS);
    expect(running.length).toBeLessThanOrEqual(2);
  }
  const [runsFor = 0] = data.threads[0]?.sumsBetween(0, 60 * MS) ?? [];
  expect(runsFor).toBe(25 * 1.5 * MS);
});

test('records end with what became of them', () => {
  const events = [
    ...journeyEvents(0),
    ...journeyEvents(1, 20).map((event): TestEvent =>
      event.kind === 'processed' ? { ...event, kind: 'anomaly' } : event,
    ),
    ...journeyEvents(2, 40).map((event): TestEvent =>
      event.kind === 'processed' ? { ...event, kind: 'transformationError' } : event,
    ),
  ];
  const { ends } = dataOf(recordingOf(events));
  expect([0, 1, 2].map((index) => ends.kind(index))).toEqual([
    RECORD_STATE.processed,
    RECORD_STATE.anomaly,
    RECORD_STATE.failed,
  ]);
  expect(ends.lengths(0, 1)).toBe(9 * MS);
});

describe('what is said', () => {
  const recording = recordingOf(records(100, 1));
  const data = dataOf(recording);

  test('of a part of a steady run is Little’s law', () => {
    const found = measure(data, { from: 20 * MS, to: 70 * MS });
    expect(found).toMatchObject({ records: 50, rate: 1000, births: 50 });
    expect(found?.wait).toBeCloseTo(0.009, 6);
    expect(found?.inFlight).toBeCloseTo(9, 1);
    expect(found && measureText(found)).toBe('50 ms: 50 records, 1,000/s × 9 ms = 9.0 in flight');
  });

  test('of a part in which more are born than end is that it fills', () => {
    const found = measure(data, { from: 12 * MS, to: 0 });
    expect(found && measureText(found)).toMatch(/counted: it fills$/);
  });

  test('of a lane, at a time and of a part', () => {
    const part = { from: 0, to: 50 * MS };
    const lane = { kind: 'worker', stage: NODE.validator, worker: 0 } as const;
    expect(describeLane(data, lane, 1.5 * MS, part, 10 * MS)).toEqual({
      now: 'busy, record 0',
      within: '34\u00a0% busy',
    });
    const channel = { kind: 'depth', channel: 16 } as const;
    expect(describeLane(data, channel, 1.5 * MS, part, 10 * MS).now).toMatch(/^1 of/);
    expect(readingOf(data, { kind: 'rate' }, 60 * MS, 20 * MS)?.text).toBe('1,000');
  });

  test('of records per second early in a run is about the time since it began', () => {
    expect(rateAt(data, 12 * MS, 100 * MS)).toBeCloseTo(4 / 0.012, 6);
    expect([0, 3, 7.2, 1000, 1001].map(scaleFor)).toEqual([1, 5, 10, 1000, 2000]);
  });

  test('where the pointer is, is the record of the span there', () => {
    const lanes = lanesOf({
      ...{ topology: recording.topology, isVirtual: false, height: 286, set: 'full', threads: 0 },
      ...{ folded: {}, stage: null },
      workers: new Map([
        [NODE.validator, 3],
        [NODE.transformer, 4],
      ]),
    });
    const lane = lanes.find(({ key }) => key === `worker ${NODE.validator} 1`);
    const window = { from: 0, to: 12 * MS };
    const y = (lane?.y ?? 0) + 2;
    expect(recordUnder(data, lanes, window, 2.5 / 12, y)).toBe(1);
    expect(recordUnder(data, lanes, window, 0.5 / 12, y)).toBeNull();
  });

  test('where a record was is on the lane of each worker and channel', () => {
    ledgerOf(recording).catchUp();
    const stays = staysOf(data, 7).map(({ key, from, to }) => [key, from / MS, to / MS]);
    expect(stays).toContainEqual([`worker ${NODE.validator} 1`, 8, 9]);
    expect(stays).toContainEqual([`channel ${NODE.validCh}`, 9, 10]);
    expect(stays).toContainEqual([`worker ${NODE.transformer} 3`, 10, 11]);
  });
});

describe('flags', () => {
  test('are at the first time at which a channel was full for a while', () => {
    const arrivals = (from: number, count: number, kind: 'arrive' | 'depart'): TestEvent[] =>
      Array.from({ length: count }, (_, at) => ({
        ...{ at: from + at * 0.01, kind, node: 'validCh' as const, record: at },
      }));
    const config = testConfig({ channels: { ...testConfig().channels, capacity: 5 } });
    const recording = recordingOf(
      [
        // Full for an instant, and later for long.
        ...[...arrivals(0, 5, 'arrive'), ...arrivals(0.05, 5, 'depart')],
        ...[...arrivals(500, 5, 'arrive'), ...arrivals(900, 5, 'depart')],
      ],
      config,
    );
    const data = dataOf(recording);
    expect(pressureMarks(data, data.readUntil)).toEqual([
      { time: 500.04 * MS, text: 'validCh full', kind: 'pressure' },
    ]);
  });

  test('say what was changed', () => {
    const recording = recordingOf(records(5, 1));
    const { transformer } = recording.config;
    recording.adjust(2 * MS, { ...recording.config, transformer: { ...transformer, workers: 4 } });
    recording.adjust(3 * MS, { ...recording.config, transformer: { ...transformer, workers: 5 } });
    const before = recording.configAt(0).transformer.workers ?? recording.configAt(0).workers;
    expect(changeMarks(dataOf(recording))).toEqual([
      { time: 2 * MS, text: `Transformers ${before} → 4`, kind: 'user' },
      { time: 3 * MS, text: 'Transformers 4 → 5', kind: 'user' },
    ]);
  });

  test('have their texts where they don’t overlap', () => {
    const mark = (time: number) => ({ time, text: 'validCh full', kind: 'pressure' as const });
    const sides = (...times: number[]) =>
      placeFlags(times.map(mark), (time) => time, 800, 1).map(({ shownSide }) => shownSide);
    expect(sides(100, 400)).toEqual(['right', 'right']);
    expect(sides(200, 220)).toEqual(['left', 'right']);
    expect(sides(200, 220, 240)).toEqual(['left', null, 'right']);
    expect(sides(-5, 900)).toEqual([]);
  });
});

test('without every record traced, measurements tell', () => {
  const recording = recordingOf(
    [{ at: 0, kind: 'sampling', node: 'producer', record: 0, worker: 3 }, ...records(3, 100)],
    testConfig(),
    { origin: 'live' },
  );
  for (let at = 1; at <= 10; at += 1) {
    recording.addSnapshot(
      testMetrics(
        { elapsed_seconds: at / 10, processed: at * 1000 },
        {},
        { validCh: { depth: at } },
      ),
    );
  }
  const data = dataOf(recording);
  expect(rateAt(data, 800 * MS, 500 * MS)).toBeCloseTo(10_000, 0);
  expect(depthAt(data, NODE.validCh, 550 * MS)).toEqual({ depth: 5, capacity: 100 });
});
