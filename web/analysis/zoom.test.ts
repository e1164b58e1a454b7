import { expect, test } from 'vitest';
import { closer, partOf } from './zoom';

test('a part is within the run, whichever end was chosen first', () => {
  expect(partOf(1e9, 3e8, 2e8)).toEqual({ from: 2e8, to: 3e8 });
  expect(partOf(1e9, -5, 2e8)).toEqual({ from: 0, to: 2e8 });
  expect(partOf(1e9, 9e8, 2e9)).toEqual({ from: 9e8, to: 1e9 });
  expect(partOf(1e9, 5e8, 5e8 + 10)).toBeNull();
  expect(partOf(1e9, 0, 1e9)).toBeNull();
});

test('closer, around a time or at the end that is nearest to it', () => {
  expect(closer({ from: 0, to: 1e9 }, 5e8)).toEqual({ from: 2.5e8, to: 7.5e8 });
  expect(closer({ from: 0, to: 1e9 }, 0)).toEqual({ from: 0, to: 5e8 });
  expect(closer({ from: 2e8, to: 1e9 }, 2e9)).toEqual({ from: 6e8, to: 1e9 });
  expect(closer({ from: 0, to: 1e4 }, 0)).toEqual({ from: 0, to: 1e4 });
});
