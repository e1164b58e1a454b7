import { describe, expect, test } from 'vitest';
import { excerptOf } from './excerpt';
import type { ReasonMetrics } from '../engine/generated/ReasonMetrics';
import { phraseOf, placeOf } from './reasons';

describe('lookInto', () => {
  const file = (count: number, width = 10) =>
    new Blob(
      Array.from({ length: count }, (_, number) => `${String(number).padStart(width - 1, '0')}\n`),
    );

  test('a small file: no line twice', async () => {
    expect(await excerptOf(file(0), 5, 3)).toEqual({ first: [], last: [] });
    expect((await excerptOf(file(5), 5, 3)).last).toEqual([]);
    expect((await excerptOf(file(6), 5, 3)).last).toEqual(['000000005']);
    expect((await excerptOf(file(100), 5, 3)).last).toEqual([
      '000000097',
      '000000098',
      '000000099',
    ]);
  });

  test('a large file: only whole lines', async () => {
    const { first, last } = await excerptOf(file(100_000, 7), 2, 2);
    expect(first).toEqual(['000000', '000001']);
    expect(last).toEqual(['099998', '099999']);
  });

  test('a line that is longer than what is read', async () => {
    const { first, last } = await excerptOf(new Blob(['x'.repeat(50_000), '\n', 'y\n']), 5, 3);
    expect(first).toHaveLength(1);
    expect(last).toEqual(['y']);
  });
});

describe('reasons', () => {
  const reason: ReasonMetrics = {
    code: 'not_a_number',
    status: 'invalid',
    fields: ['v'],
    text: 'column `v`: not a number',
    example: '"\u001b"',
    count: 2,
    first: {
      record: 4,
      error: 'column `v`: "\u001b" is not a number',
      input: null,
      line: 1005,
      column: 3,
    },
  };

  test('of many records, what they have in common', () => {
    expect(phraseOf(reason)).toBe('column `v`: not a number, e.g. "\\u{1b}"');
    expect(phraseOf({ ...reason, example: null })).toBe('column `v`: not a number');
    expect(placeOf(reason)).toBe('first: line 1,005, column 3');
  });

  test('of one record, what is wrong with it', () => {
    const single = {
      ...reason,
      count: 1,
      first: { ...reason.first, column: null, input: 'b.csv' },
    };
    expect(phraseOf(single)).toBe('column `v`: "\\u{1b}" is not a number');
    expect(placeOf(single)).toBe('b.csv, line 1,005');
  });

  test('a generated record has no place', () => {
    expect(placeOf({ ...reason, first: { ...reason.first, line: null } })).toBe(null);
  });
});
