import { expect, test } from 'vitest';
import { givenMarks, placeFlags, userMark } from './flags';
import type { Mark } from './flags';

const reached = (time: number, text: string): Mark => ({ time, text, kind: 'pressure' });

/** The sides of the texts of marks, one pixel to a nanosecond, 400 pixels wide. */
const sidesOf = (...marks: Mark[]) =>
  placeFlags(marks, (time) => time, 400, 1).map(({ text, shownSide }) => [text, shownSide]);

test('texts are on the right, else on the left, else not shown', () => {
  expect(sidesOf(reached(100, 'validCh full'), reached(300, 'dataCh full'))).toEqual([
    ['validCh full', 'right'],
    ['dataCh full', 'right'],
  ]);
  // 12 characters take 85 pixels.
  expect(sidesOf(reached(100, 'validCh full'), reached(150, 'dataCh full'))).toEqual([
    ['validCh full', 'left'],
    ['dataCh full', 'right'],
  ]);
  expect(sidesOf(reached(10, 'validCh full'), reached(30, 'a'), reached(45, 'b'))).toEqual([
    ['validCh full', null],
    ['a', null],
    ['b', 'right'],
  ]);
  expect(sidesOf(reached(380, 'validCh full'))).toEqual([['validCh full', 'left']]);
});

test('where there is space for one, it is the user’s', () => {
  expect(sidesOf(reached(10, 'validCh full'), userMark({ time: 30, text: 'here' }))).toEqual([
    ['validCh full', null],
    ['here', 'right'],
  ]);
  expect(sidesOf(reached(20, 'validCh full'), userMark({ time: 60, text: 'here' }))).toEqual([
    ['validCh full', null],
    ['here', 'right'],
  ]);
  // Also where the run has a flag of its own at that moment.
  expect(sidesOf(reached(199, 'validCh full'), userMark({ time: 200, text: 'here' }))).toEqual([
    ['validCh full', 'left'],
    ['here', 'right'],
  ]);
});

test('the text of the moment that matters comes before those of others that the run has reached', () => {
  const moment = { ...reached(20, 'validCh full'), isMoment: true };
  expect(sidesOf(reached(10, 'dataCh full'), moment)).toEqual([
    ['dataCh full', null],
    ['validCh full', 'right'],
  ]);
  expect(sidesOf(moment, userMark({ time: 60, text: 'here' }))).toEqual([
    ['validCh full', null],
    ['here', 'right'],
  ]);
});

test('what is outside is not shown, and a mark without a text is only a flag', () => {
  expect(sidesOf(reached(-1, 'a'), reached(401, 'b'))).toEqual([]);
  expect(sidesOf(userMark({ time: 10, text: '' }))).toEqual([['', null]]);
});

test('a text from a link can’t pretend to be another', () => {
  expect(userMark({ time: 0, text: 'a\u202eb' }).text).toBe('a\\u{202e}b');
});

test('the moment that matters is flagged beside the marks', () => {
  const marks = [{ time: 5, text: 'here' }];
  expect(givenMarks({ moment: null, marks })).toEqual([userMark({ time: 5, text: 'here' })]);
  const moment = { time: 3, title: 'Most in validCh: 32' };
  expect(givenMarks({ moment, marks })[0]).toEqual({
    ...{ time: 3, text: 'Most in validCh: 32', kind: 'pressure', isMoment: true },
  });
});
