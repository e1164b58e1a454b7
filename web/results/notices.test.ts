import { expect, test } from 'vitest';
import { noticesOf } from './notices';
import { testMetrics } from '../analysis/testing';

test('what is worth knowing of an input is said in sentences', () => {
  expect(noticesOf(testMetrics())).toEqual([]);
  const columns = [
    { column: 3, name: 'x', kept_as: 'x_2' },
    { column: 4, name: '', kept_as: 'column_4' },
    { column: 5, name: 'a\u200b', kept_as: 'a\u200b_2' },
    { column: 6, name: 'y', kept_as: 'y_2' },
  ];
  const metrics = testMetrics({
    replaced_fields: true,
    notices: [{ kind: 'ids_from_rows' }, { kind: 'renamed_columns', columns, count: 12 }],
  });
  expect(noticesOf(metrics)).toEqual([
    'What an earlier run wrote (status, error, …) was replaced.',
    'No column gives id: it is made from the number of the row (row-1, …).',
    'Renamed columns: the other “x” is “x_2”, the nameless column 4 is “column_4”, the other “a\\u{200b}” is “a\\u{200b}_2”, and 9 more.',
  ]);
});

test('of several inputs it says which', () => {
  const ids = { kind: 'ids_from_rows' } as const;
  const notices = [
    { ...ids, input: 'a.csv', further_inputs: 2 },
    { kind: 'no_records', input: 'b\u200b.csv' } as const,
  ];
  expect(noticesOf(testMetrics({ notices }))).toEqual([
    'a.csv and 2 other files: no column gives id: it is made from the number of the row (row-1, …).',
    'b\\u{200b}.csv: there are no records in it.',
  ]);
});
