import { expect, test } from 'vitest';
import { isolated } from './isolated';

test.each([
  [[], []],
  [[1], [0]],
  [[1, 2], []],
  [
    [1, null, 2, 3, null, 4],
    [0, 5],
  ],
  [[null, 0, null], [1]],
])('of %j', (values, expected) => {
  expect(isolated(values)).toEqual(expected);
});
