import { expect, test } from 'vitest';
import { toPageWording, toPageProblem } from './page-wording';

const CASES = import.meta.glob<string>('../../tests/cases/error-*/error.txt', {
  query: '?raw',
  import: 'default',
  eager: true,
});

test.each([
  [
    `no column gives \`timestamp\`; did you mean --map timestamp=date? If not, name one with --map timestamp=COLUMN, or give all records the same with --map timestamp="'TEXT'"`,
    'no column gives `timestamp`; did you mean the column “date”? If not, choose another column for timestamp below, or a constant',
  ],
  [
    `no column gives \`unit\`; name one with --map unit=COLUMN, or give all records the same with --map unit="'TEXT'"`,
    'no column gives `unit`; choose one for unit in the mapping, or a constant',
  ],
  [
    'no column gives `value`; name one with --map value=COLUMN',
    'no column gives `value`; choose one for value in the mapping',
  ],
  [
    'no column is named `flow`, which is to give `location`; did you mean --map "location=Water flow [l/s]"?',
    'no column is named `flow`, which is to give `location`; did you mean the column “Water flow [l/s]”?',
  ],
  [
    "the header is one column only; if ';' separates its cells, say --delimiter ';'",
    "the header is one column only; if ';' separates its cells, choose “;” as the delimiter",
  ],
  [
    'the header is longer than the limit of 50 bytes (--max-line)',
    'the header is longer than the limit of 50 bytes',
  ],
  [
    'if these are right, all of them: --map id=ID --map "value=Water flow [l/s]"',
    'if these are right, choose them in the mapping',
  ],
])('%s', (text, words) => {
  expect(toPageWording(text)).toBe(words);
});

test.each([
  ['it has no header. Say --no-header, or --header a,b,c', 'it has no header.'],
  ['the line is long (--max-line 5, say), and cut off', 'the line is long, and cut off'],
  ['--format is needed', 'the input does not fit its settings'],
  ['column `--b` has "--map x" in it', 'column `--b` has "--map x" in it'],
  ['a value such as -5 or 2026-01-01 --- is none', 'a value such as -5 or 2026-01-01 --- is none'],
])('advice for the command that has no words here is left out: %s', (text, words) => {
  expect(toPageWording(text).replace(/;$/, '')).toBe(words.replace(/;$/, ''));
});

test.each(['sales -north.csv', '-x.csv', 'a; b (--all).csv', '$& --format csv.csv'])(
  'the name of a file is none: %s',
  (name) => {
    const text = `${name}: the gzip data ends too early; say --format csv`;
    const words = `${name}: the gzip data ends too early; choose CSV as its format`;
    expect(toPageWording(text, ['x.csv', name])).toBe(words);
    expect(toPageProblem({ path: '', text }, [name]).text).toBe(words);
  },
);

test('no flag of the command is left in any error of the cases', () => {
  const errors = Object.values(CASES);
  expect(errors.length).toBeGreaterThan(8);
  for (const text of errors) {
    const lines = text.split('\n');
    expect(lines.map((line) => toPageWording(line)).join('\n')).not.toMatch(/--[a-z]/);
  }
});

test('problems stand beside their settings', () => {
  expect(toPageProblem({ path: 'input.map.unit', text: 'is empty' })).toEqual({
    path: 'input.map',
    text: 'unit is empty',
  });
  const encoded =
    'the header is not UTF-8: its byte 3 is 0xE4; if the input is Windows-1252 or Latin-1, say --encoding windows-1252';
  expect(toPageProblem({ path: 'input.encoding', text: encoded })).toEqual({
    path: 'input.encoding',
    text: 'the header is not UTF-8: its byte 3 is 0xE4; if the input is Windows-1252 or Latin-1, choose Windows-1252 as its encoding',
  });
  expect(toPageProblem({ path: 'workers', text: 'is 0' })).toEqual({
    path: 'workers',
    text: 'is 0',
  });
});
