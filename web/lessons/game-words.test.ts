import { describe, expect, test } from 'vitest';
import type { Goal } from '../engine/generated/Goal';
import type { SchedulePosition } from '../engine/protocol';
import { goalState, isLost, nextText, taskName, waitText } from './game-words';

const EMPTY: SchedulePosition = {
  ...{ path: [], refused: null, ready: [], waiting: [], choices: [], ends: [0] },
  events: new BigUint64Array(),
  standing: {
    channels: {
      ...{ dataCh: [], validCh: [], processedCh: [], errorCh: [] },
      ...{ loaderCh: [], errorHandlerCh: [], metricsCh: [] },
    },
    ...{ processed: [], failed: [], blocked: [], ended: [], isOver: false, isReached: false },
  },
};

function position(
  standing: Partial<SchedulePosition['standing']>,
  ready: readonly string[] = [],
): SchedulePosition {
  return {
    ...EMPTY,
    ready: ready.map((task) => ({ task, next: { does: 'ends' } })),
    standing: { ...EMPTY.standing, ...standing },
  };
}

test('tasks have names', () => {
  expect(['P', 'V2', 'T10', 'F', 'L', 'E', 'M', 'C'].map(taskName)).toEqual([
    ...['Producer', 'Validator 2', 'Transformer 10', 'Fan-out', 'Loader', 'Error Handler'],
    ...['Metrics Collector', 'The clock'],
  ]);
});

test('what a task would do, and what it waits for', () => {
  expect(nextText({ does: 'takes', channel: 'dataCh', record: 3 })).toBe('takes #3 from dataCh');
  expect(nextText({ does: 'takes', channel: 'dataCh', record: null })).toBe('finds dataCh empty');
  expect(nextText({ does: 'sends', record: 0, channel: 'validCh' })).toBe('sends #0 to validCh');
  expect(waitText([{ for: 'full', what: 'validCh' }])).toBe('validCh is full');
  expect(
    waitText([
      { for: 'empty', what: 'processedCh' },
      { for: 'empty', what: 'errorCh' },
    ]),
  ).toBe('nothing in processedCh or errorCh');
  // The time only matters to the lines that it has collected.
  expect(
    waitText([
      { for: 'empty', what: 'loaderCh' },
      { for: 'time', what: 0.02 },
    ]),
  ).toBe('nothing in loaderCh');
  expect(waitText([{ for: 'time', what: 0.02 }])).toBe('sleeps until 20 ms');
});

describe('goals', () => {
  const channels = { ...EMPTY.standing.channels, validCh: [1] };
  const cases: [Goal, SchedulePosition, string, boolean][] = [
    [{ full: 'validCh' }, position({ channels }), 'validCh has 1 of 2.', false],
    [
      { blocked: ['producer', 'validator'] },
      position({ blocked: ['V1'] }),
      'Producer not blocked, Validator blocked.',
      false,
    ],
    [{ only: 'loader' }, position({}, ['L', 'P', 'V1']), '2 others can go on.', false],
    [{ only: 'loader' }, position({}, ['L', 'P']), 'One other can go on.', false],
    [{ only: 'loader' }, position({ isReached: true }, ['L']), 'Nobody else can.', false],
    [{ before: [1, 0] }, position({}), 'Written so far: nothing.', false],
    [{ before: [1, 0] }, position({ processed: [0] }), 'Written so far: #0.', true],
    [{ before: [2, 0] }, position({ processed: [1] }), 'Written so far: #1.', false],
    [{ order: [2, 1, 0] }, position({ processed: [2, 1] }), 'Written so far: #2, #1.', false],
    [{ order: [2, 1, 0] }, position({ processed: [2, 0] }), 'Written so far: #2, #0.', true],
    ['over', position({ ended: ['P'] }), '1 task has ended.', false],
    ['over', position({ isOver: true, isReached: true }), 'All tasks have ended.', false],
    ['deadlock', position({}, ['P']), 'One task can go on.', false],
    ['deadlock', position({ isOver: true }), 'The run is over, and nothing got stuck.', true],
  ];
  test.each(cases)('%j: %#', (goal, at, state, lost) => {
    expect(goalState(goal, at, () => 2)).toBe(state);
    expect(isLost(goal, at)).toBe(lost);
  });
});
