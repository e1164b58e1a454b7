import { expect, test } from 'vitest';
import type { Lesson } from './lesson';
import { NO_PROGRESS, keepProgress, progressFile, readProgress } from './progress';
import { reviewOf } from './review';

function storage(text: string | null = null) {
  let kept = text;
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
  };
}

const lesson = (number: number): Lesson => ({
  ...{ number, id: `lesson-${number}`, title: `Lesson ${number}`, part: 'A', minutes: 5 },
  ...{ needs: [], runs: [], goal: null },
  ask: [
    {
      text: [],
      measure: { of: { quantity: 'rate', run: null }, over: null },
      unit: 'per_second',
      virtual: { value: 1, from: 0.9, to: 1.1 },
      choices: [false, true].map((is_answer) => ({
        ...{ label: is_answer ? 'right' : 'wrong', feedback: [], is_answer },
        ...{ value: is_answer ? 1 : 2, from: null, to: null },
      })),
    },
  ],
  look_at: { run: 'run', at_seconds: null, select: null },
  sections: { before: [], after: [], why: [], notes: [] },
});

const lessons = Array.from({ length: 8 }, (_, at) => lesson(at + 1));

test('what is kept is read again', () => {
  const place = storage();
  const progress = { a: { ...NO_PROGRESS, bets: [1, null], isReached: true, finished: 12 } };
  expect(keepProgress(place, progress)).toBe(true);
  expect(readProgress(place)).toEqual(progress);
});

test.each([
  null,
  '',
  'null',
  '[]',
  '{"version": 2, "lessons": {"a": {}}}',
  '{"version": 1, "lessons": 7}',
])('%j is no progress', (text) => {
  expect(readProgress(storage(text))).toEqual({});
});

test('what was changed by hand does no harm', () => {
  const text =
    '{"version": 1, "lessons": {"a": {"bets": [-1, "x", 2], "finished": 1e300}, "b": 3}}';
  expect(readProgress(storage(text))).toEqual({
    a: { ...NO_PROGRESS, bets: [null, null, 2] },
    b: NO_PROGRESS,
  });
});

test('a browser that keeps nothing is no problem', () => {
  const refuses = {
    setItem: () => {
      throw new Error('quota');
    },
  };
  expect(keepProgress(refuses, {})).toBe(false);
});

test('the file says what was bet, and whether that was right', () => {
  const progress = { 'lesson-1': { ...NO_PROGRESS, bets: [0], finished: 0 } };
  expect(JSON.parse(progressFile(progress, lessons))).toEqual({
    clearpipe_lessons: 1,
    lessons: [
      {
        ...{ id: 'lesson-1', title: 'Lesson 1', bets: [{ bet: 'wrong', right: false }] },
        ...{ goal_reached: false, best: null, finished: '1970-01-01T00:00:00.000Z' },
        reviews: { asked: 0, right: 0 },
      },
    ],
  });
});

test('three questions come back before each third lesson, of lessons that were finished', () => {
  const done = { ...NO_PROGRESS, bets: [1], finished: 1 };
  const next = (number: number) => lessons[number - 1] ?? lesson(number);
  const all = Object.fromEntries(lessons.map(({ id }) => [id, done]));
  const idsBefore = (number: number, progress = all) =>
    reviewOf(lessons, progress, next(number)).map(({ lesson }) => lesson.number);
  expect(idsBefore(3)).toEqual([]);
  // The last lesson is fresh.
  expect(idsBefore(4)).toEqual([1, 2]);
  expect(idsBefore(5)).toEqual([]);
  expect(idsBefore(7)).toEqual([1, 2, 3]);
  expect(idsBefore(7, { 'lesson-4': done })).toEqual([4]);
  // First those that have been asked least, then those that were wrong.
  const some = {
    ...all,
    'lesson-1': { ...done, reviews: { asked: 1, right: 1 } },
    'lesson-4': { ...done, bets: [0] },
  };
  expect(idsBefore(7, some)).toEqual([4, 2, 3]);
});
