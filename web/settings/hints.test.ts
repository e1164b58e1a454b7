import { expect, test } from 'vitest';
import type { Hint } from '../engine/generated/Hint';
import { phraseOf, toPageProblem } from './hints';

const CASES = import.meta.glob<(Hint | null)[]>('../../tests/cases/error-*/hints.json', {
  import: 'default',
  eager: true,
});

const TABLE = { delimiter: ',', encoding: null, has_returns: false };

test.each<[Hint, string | null]>([
  [{ kind: 'map_field', field: 'location', column: 'Site' }, 'did you mean the column “Site”?'],
  [
    { kind: 'map_field', field: 'id', column: 'ID' },
    'did you mean the column “ID”? Only a table without such a column has its rows numbered',
  ],
  [
    { kind: 'choose_column', field: 'timestamp', suggestion: 'date' },
    'did you mean the column “date”? If not, choose another one for timestamp in the mapping, or a constant',
  ],
  [
    { kind: 'choose_column', field: 'unit', suggestion: null },
    'choose one for unit in the mapping, or a constant',
  ],
  [
    { kind: 'choose_column', field: 'value', suggestion: null },
    'choose one for value in the mapping',
  ],
  [{ kind: 'read_as_json' }, 'if it is, choose JSON Lines as its format'],
  [{ kind: 'read_as_table', delimiter: ',' }, 'if it is one, choose CSV as its format'],
  [{ kind: 'read_as_table', delimiter: '\t' }, 'if it is one, choose TSV as its format'],
  [
    { kind: 'read_as_table', delimiter: ';' },
    'if it is one, choose CSV as its format, and “;” as the delimiter',
  ],
  [
    { kind: 'set_delimiter', delimiter: ';' },
    'if “;” separates its cells, choose it as the delimiter',
  ],
  [
    { kind: 'set_delimiter', delimiter: '\t' },
    'if tabs separate its cells, choose a tab as the delimiter',
  ],
  [
    { kind: 'set_encoding', encoding: 'windows-1252' },
    'if the input is Windows-1252 or Latin-1, choose Windows-1252 as its encoding',
  ],
  [
    { kind: 'set_encoding', encoding: 'utf-16le' },
    'if the input is UTF-16, choose UTF-16LE as its encoding',
  ],
  [{ kind: 'skip_lines', lines: 1, table: TABLE }, 'leave it out of the file'],
  [{ kind: 'skip_lines', lines: 3, table: TABLE }, 'leave them out of the file'],
  [{ kind: 'name_columns', count: 3 }, 'put a line with the names of its 3 columns before it'],
  [{ kind: 'unpack' }, 'unpack it first'],
  [{ kind: 'raise_max_line' }, null],
])('%j', (hint, words) => {
  expect(phraseOf(hint)).toBe(words);
});

test('no hint of the cases has a flag of the command', () => {
  const hints = Object.values(CASES)
    .flat()
    .filter((hint) => hint !== null);
  expect(hints.length).toBeGreaterThan(20);
  for (const hint of hints) expect(phraseOf(hint) ?? '').not.toMatch(/--[a-z]/);
});

test('a hint is read behind what is wrong', () => {
  const path = 'input.map';
  const text = 'no column gives `value`';
  const hint: Hint = { kind: 'choose_column', field: 'value', suggestion: null };
  expect(toPageProblem({ path, text, hint })).toEqual({
    path,
    text: 'no column gives `value`; choose one for value in the mapping',
  });
  expect(toPageProblem({ path, text, hint: null })).toEqual({ path, text });
  expect(toPageProblem({ path, text, hint: { kind: 'raise_max_line' } })).toEqual({ path, text });
});

test('problems stand beside their settings', () => {
  expect(toPageProblem({ path: 'input.map.unit', text: 'is empty', hint: null })).toEqual({
    path: 'input.map',
    text: 'unit is empty',
  });
  expect(toPageProblem({ path: 'workers', text: 'is 0', hint: null })).toEqual({
    path: 'workers',
    text: 'is 0',
  });
});
