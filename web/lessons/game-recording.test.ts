import { expect, test } from 'vitest';
import { KIND, NODE } from '../engine/generated/topology';
import { packed } from '../recording/event-log';
import { STEP, recordingOf, spread } from './game-recording';

const event = (kind: number, node: number, record: number) =>
  packed({ time: 0, kind, node, worker: 0, thread: 0, record });

const EVENTS = new BigUint64Array([
  ...event(KIND.woken, NODE.producer, -1),
  ...event(KIND.produced, NODE.producer, 0),
  ...event(KIND.arrive, NODE.dataCh, 0),
  ...event(KIND.depart, NODE.dataCh, 0),
]);

test('each step has a second of its own, and its events stay in order', () => {
  const times = [...spread(EVENTS, [1, 3, 3, 4])]
    .filter((_, at) => at % 2 === 0)
    .map((word) => word >> 16n);
  const [before = 0n, first = 0n, second = 0n, third = 0n] = times;
  expect(before).toBe(0n);
  expect(Number(first)).toBeGreaterThan(0);
  expect(second).toBeGreaterThan(first);
  expect(Number(second)).toBeLessThan(STEP);
  // The second step had no events.
  expect(Number(third)).toBeGreaterThan(2 * STEP);
  expect(Number(third)).toBeLessThan(3 * STEP);
  // All else is as the engine says.
  const rest = (words: BigUint64Array) =>
    [...words].map((word, at) => (at % 2 === 0 ? word & 0xffffn : word));
  expect(rest(spread(EVENTS, [1, 3, 3, 4]))).toEqual(rest(EVENTS));
});

test('a schedule that isn’t over is shown as a run that goes on', () => {
  const position = {
    ...{ path: ['P', 'F', 'V1'], refused: null, ready: [], waiting: [], choices: [] },
    ...{ events: EVENTS, ends: [1, 3, 3, 4] },
    standing: {
      channels: {
        ...{ dataCh: [], validCh: [], processedCh: [], errorCh: [] },
        ...{ loaderCh: [], errorHandlerCh: [], metricsCh: [] },
      },
      ...{ processed: [], failed: [], blocked: [], ended: [], isOver: false, isReached: false },
    },
  };
  const recording = recordingOf({ records: 1, workers: 1 }, position);
  expect(recording.log.length).toBe(4);
  expect(recording.isVirtual).toBe(true);
  expect(recording.isOverAt(recording.duration)).toBe(false);
  const over = { ...position, standing: { ...position.standing, isOver: true } };
  expect(recordingOf({ records: 1, workers: 1 }, over).isOverAt(Infinity)).toBe(true);
});
