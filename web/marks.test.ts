import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  MAX_MARKS,
  MAX_MARK_LENGTH,
  markText,
  neighbourMark,
  withMark,
  withoutMark,
} from './marks';
import type { Mark } from './marks';

test('marks are in the order of time, one at each', () => {
  let marks: readonly Mark[] = [];
  for (const time of [30, 10, 20, 10]) marks = withMark(marks, { time, text: `at ${time}` });
  expect(marks.map(({ time }) => time)).toEqual([10, 20, 30]);
  marks = withMark(marks, { time: 20, text: 'renamed' });
  expect(marks[1]).toEqual({ time: 20, text: 'renamed' });
  expect(neighbourMark(marks, 20, 1)?.time).toBe(30);
  expect(neighbourMark(marks, 20, -1)?.time).toBe(10);
  expect(neighbourMark(marks, 30, 1)).toBeNull();
  expect(withoutMark(marks, 20)).toHaveLength(2);
});

test('there are only so many, and renaming still works then', () => {
  let marks: readonly Mark[] = [];
  for (let time = 0; time < 100; time += 1) marks = withMark(marks, { time, text: '' });
  expect(marks).toHaveLength(MAX_MARKS);
  expect(withMark(marks, { time: 3, text: 'x' })[3]).toEqual({ time: 3, text: 'x' });
});

const character = fc.constantFrom(
  ...['a', 'é', '😀', ' ', '\n', '\u202e', '\u200d', '\ud800', '\udc00', '{', '\\', '&', '%'],
);

test('any text becomes one line that can be linked to, and stays as it is then', () => {
  expect(markText('  two\n lines\t ')).toBe('two lines');
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 120 }), (text) => {
      const mark = markText(text);
      expect(mark.length).toBeLessThanOrEqual(MAX_MARK_LENGTH);
      expect(markText(mark)).toBe(mark);
      expect(decodeURIComponent(encodeURIComponent(mark))).toBe(mark);
    }),
    { numRuns: 300 },
  );
  expect(markText('\ud800')).toBe('\ufffd');
});
