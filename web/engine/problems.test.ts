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
      { kind: 'input', path: 'input.map', text: 'no column gives `id`', input: null },
      { kind: 'input', path: '', text: 'it is a spreadsheet', input: 'a.xlsx' },
      { kind: 'input', path: 'input.max_line', text: 'the header is too long', input: null },
    ]);
    expect(problemsOf(error)).toEqual([
      { path: 'workers', text: 'is 0' },
      { path: 'input.map', text: 'no column gives `id`' },
      { path: '', text: 'a.xlsx: it is a spreadsheet' },
      { path: '', text: 'the header is too long' },
    ]);
  });

  test('an error without problems', () => {
    expect(problemsOf(thrown())).toEqual([{ path: '', text: 'two' }]);
  });

  test('any other', () => {
    expect(problemsOf(new Error('no'))).toBeUndefined();
    expect(problemsOf('no')).toBeUndefined();
  });
});
