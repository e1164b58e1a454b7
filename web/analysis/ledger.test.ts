import { describe, expect, test } from 'vitest';
import { NODE } from '../recording/events';
import { Ledger, isComplete, ledgerOf } from './ledger';
import { MS, recordingOf, testConfig, testMetrics, journeyEvents } from './testing';

const { dataCh: DATA, validCh: VALID, loader: LOADER } = NODE;

describe('the totals', () => {
  test('count what went through a channel, how long it was there and how long it waited', () => {
    const ledger = new Ledger(recordingOf([...journeyEvents(0), ...journeyEvents(1, 10)]));
    expect(ledger.catchUp()).toBe(true);
    expect(ledger.at(2.5 * MS).channel(VALID)).toEqual({
      arrived: 1,
      departed: 0,
      depthIntegral: 0.5 * MS,
      waitCount: 0,
      waitTime: 0,
    });
    expect(ledger.at(20 * MS).channel(VALID)).toEqual({
      arrived: 2,
      departed: 2,
      depthIntegral: 2 * MS,
      waitCount: 2,
      waitTime: 2 * MS,
    });
  });

  test('go on behind the last event: what is in a channel stays there', () => {
    const ledger = new Ledger(recordingOf(journeyEvents(0).slice(0, 2)));
    ledger.catchUp();
    expect(ledger.at(5 * MS).channel(DATA)).toMatchObject({ arrived: 1, depthIntegral: 5 * MS });
  });

  test('say how workers spent their time', () => {
    const ledger = new Ledger(recordingOf([...journeyEvents(0), ...journeyEvents(1, 10)]));
    ledger.catchUp();
    const [from, to] = [ledger.at(3 * MS), ledger.at(13 * MS)];
    const spent = (state: 'busy' | 'waiting') => to.timeIn(1, state) - from.timeIn(1, state);
    expect(spent('busy')).toBeCloseTo(MS);
    expect(spent('waiting')).toBeCloseTo(9 * MS);
    // Writing takes no time, so all that the Loader did was wait.
    expect(to.timeIn(LOADER, 'waiting') - from.timeIn(LOADER, 'waiting')).toBeCloseTo(6 * MS);
  });

  test('count each outcome and how long records took', () => {
    const failed = [
      ...journeyEvents(1, 10).filter(({ kind }) => kind !== 'valid'),
      { at: 12, kind: 'invalid', node: 'validator', record: 1 } as const,
    ].sort((a, b) => a.at - b.at);
    const ledger = new Ledger(recordingOf([...journeyEvents(0), ...failed]));
    ledger.catchUp();
    const end = ledger.at(30 * MS);
    expect([end.produced, end.finished('processed'), end.finished('invalid')]).toEqual([2, 1, 1]);
    expect(ledger.completions.between(0, 10 * MS)).toEqual([9 * MS]);
    expect(ledger.completions.between(0, 30 * MS)).toEqual([9 * MS, 9 * MS]);
  });

  test('a traced record stands for those that the sampling left out', () => {
    const config = testConfig({ trace: { enabled: true, sample: 4, tasks: true, ring: 1024 } });
    const recording = recordingOf([...journeyEvents(0), ...journeyEvents(4, 10)], config);
    const ledger = new Ledger(recording);
    ledger.catchUp();
    expect(ledger.at(20 * MS).finished('processed')).toBe(8);
    expect(ledger.at(0.5 * MS).channel(DATA).arrived).toBe(4);
    expect(isComplete(recording, 0, 20 * MS)).toBe(false);
  });
});

test('a long log is read bit by bit, with as much precision as a few thousand lines have', () => {
  const ways = Array.from({ length: 1000 }, (_, record) => journeyEvents(record, record));
  const recording = recordingOf(ways.flat().sort((a, b) => a.at - b.at));
  const ledger = new Ledger(recording);
  let rounds = 1;
  while (!ledger.catchUp(10_000)) rounds += 1;
  expect(rounds).toBe(3);
  // A record per millisecond, each there for a millisecond.
  const [from, to] = [ledger.at(100 * MS).channel(VALID), ledger.at(900 * MS).channel(VALID)];
  expect((to.depthIntegral - from.depthIntegral) / (800 * MS)).toBeCloseTo(1, 2);
  expect(Math.abs(to.departed - from.departed - 800)).toBeLessThan(2);
});

test('what the log has dropped before it was read is counted, and nothing is made up for it', () => {
  const ways = Array.from({ length: 100 }, (_, record) => journeyEvents(record, 10 * record));
  const recording = recordingOf(ways.flat(), testConfig(), { most: 1024 });
  const ledger = ledgerOf(recording);
  ledger.catchUp();
  expect(ledger.missed).toBe(recording.log.begin);
  const end = ledger.at(2000 * MS).channel(VALID);
  expect(end.arrived - end.departed).toBe(0);
  expect(isComplete(recording, 0, MS)).toBe(false);
});

test('records that the engine could not trace are missing', () => {
  const recording = recordingOf(journeyEvents(0));
  expect(isComplete(recording, 0, 10 * MS)).toBe(true);
  recording.addSnapshot(testMetrics({ elapsed_seconds: 0.005, trace_dropped_records: 3 }));
  expect(isComplete(recording, 0, 10 * MS)).toBe(false);
});
