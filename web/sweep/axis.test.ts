import { expect, test } from 'vitest';
import { positionOn, roundUp, ticksOf } from './axis';

const axis = { least: 1, most: 100, from: 10, to: 210 };

test('equal factors are equal distances', () => {
  expect([1, 10, 100].map((value) => positionOn(axis, value))).toEqual([10, 110, 210]);
  expect(positionOn({ ...axis, most: 1 }, 1)).toBe(110);
});

test('as many values are named as there is room for', () => {
  const named = (least: number, most: number, room: number, isCounted = false) =>
    ticksOf({ ...axis, least, most }, isCounted, room, String).map(({ text }) => text);
  expect(named(1, 100, 20)).toEqual(['1', '2', '5', '10', '20', '50', '100']);
  expect(named(1, 100, 40)).toEqual(['1', '3', '10', '30', '100']);
  expect(named(1, 100, 80)).toEqual(['1', '10', '100']);
  expect(named(1, 32, 20, true)).toEqual(['1', '2', '4', '8', '16', '32']);
  expect(named(1, 32, 70, true)).toEqual(['1', '4', '16']);
  expect(named(0.09, 9, 40)).toEqual(['0.1', '0.3', '1', '3']);
  expect(named(5, 5, 40, true)).toEqual([]);
});

test('an axis ends at a round number', () => {
  for (const [value, end] of [
    [0, 1],
    [6.6, 8],
    [8, 8],
    [8.2, 10],
    [101, 150],
    [0.0041, 0.005],
  ] as const) {
    expect(roundUp(value)).toBe(end);
  }
});
