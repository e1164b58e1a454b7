import { describe, expect, test } from 'vitest';
import { excerptOf } from './excerpt';
import { normalizeReason, reasonsIn } from './reasons';

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

describe('reasonsIn', () => {
  const record = (error: string, status = 'invalid') => `${JSON.stringify({ status, error })}\n`;

  test('counted, the most frequent first', async () => {
    const file = new Blob([record('a'), record('b', 'transformation_error'), record('b')]);
    expect(await reasonsIn(file)).toEqual({
      reasons: [
        { text: 'b', status: 'transformation_error', count: 2 },
        { text: 'a', status: 'invalid', count: 1 },
      ],
      records: 3,
      whole: true,
    });
  });

  test('only the beginning of a large file', async () => {
    const file = new Blob([record('a'), record('a'), record('b')]);
    const { reasons, records, whole } = await reasonsIn(file, record('a').length + 5);
    expect([reasons.length, records, whole]).toEqual([1, 1, false]);
  });

  test('no failures', async () => {
    expect((await reasonsIn(new Blob([]))).reasons).toEqual([]);
  });

  test('what differs from record to record does not count', () => {
    expect(normalizeReason('line 3, column 12: "a\\"b" is no number')).toBe('"…" is no number');
    expect(normalizeReason('line 1,234: column `x`: "7" is no number')).toBe(
      'column `x`: "…" is no number',
    );
    expect(normalizeReason('Value out of expected range (0-1000)')).toBe(
      'Value out of expected range (0-1000)',
    );
  });

  test('nor does the input, where there are several', async () => {
    const failed = [
      { file: 'b.jsonl', line: 2, error: 'b.jsonl, line 2: no number' },
      { file: 'a: (b).csv', line: 12, error: 'a: (b).csv, line 12, column 3: no number' },
      // With a source field.
      { line: 3, error: 'c, d: e.csv, line 3: no number', source: 'c, d: e.csv' },
      { line: 3, error: 'c.csv, line 33: no' },
    ];
    const { reasons } = await reasonsIn(
      new Blob(failed.map((line) => `${JSON.stringify(line)}\n`)),
    );
    expect(reasons.map(({ text, count }) => [text, count])).toEqual([
      ['no number', 3],
      ['c.csv, line 33: no', 1],
    ]);
  });
});
