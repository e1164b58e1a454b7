import { describe, expect, test } from 'vitest';
import { problemsOf } from './problems';
import type { Problem } from './generated/Problem';

function thrown(problems?: Problem[]): Error {
  return Object.assign(new Error('two'), { name: 'ConfigError', ...(problems && { problems }) });
}

describe('problemsOf', () => {
  test('a wrong setting, and an input that does not fit', () => {
    const error = thrown([
      { kind: 'setting', path: 'workers', text: 'is 0' },
      {
        kind: 'input',
        path: 'input.map',
        text: 'no column gives `id`',
        hint: { kind: 'choose_column', field: 'id', suggestion: null },
        input: null,
      },
      {
        kind: 'input',
        path: '',
        text: 'it is a spreadsheet',
        hint: { kind: 'save_as_csv' },
        input: 'a.xlsx',
      },
      {
        kind: 'input',
        path: 'input.max_line',
        text: 'the header is too long',
        hint: { kind: 'raise_max_line' },
        input: null,
      },
    ]);
    expect(problemsOf(error)).toEqual([
      { path: 'workers', text: 'is 0', hint: null },
      {
        path: 'input.map',
        text: 'no column gives `id`',
        hint: { kind: 'choose_column', field: 'id', suggestion: null },
      },
      { path: '', text: 'a.xlsx: it is a spreadsheet', hint: { kind: 'save_as_csv' } },
      { path: '', text: 'the header is too long', hint: { kind: 'raise_max_line' } },
    ]);
  });

  test('an error without problems', () => {
    expect(problemsOf(thrown())).toEqual([{ path: '', text: 'two', hint: null }]);
  });

  test('any other', () => {
    expect(problemsOf(new Error('no'))).toBeUndefined();
    expect(problemsOf('no')).toBeUndefined();
  });
});
