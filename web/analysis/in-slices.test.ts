import { expect, test } from 'vitest';
import { inSlices } from './in-slices';

test('a step is repeated until it is done, with pauses', async () => {
  let steps = 0;
  let pauses = 0;
  const busy = () => {
    const end = performance.now() + 3;
    while (performance.now() < end);
    steps += 1;
    return steps === 12;
  };
  const isDone = await inSlices(busy, () => {
    pauses += 1;
    return true;
  });
  expect([isDone, steps]).toEqual([true, 12]);
  // Three steps fit into a slice.
  expect(pauses).toBeGreaterThanOrEqual(3);
});

test('what isn’t wanted any more is given up', async () => {
  expect(
    await inSlices(
      () => false,
      () => false,
    ),
  ).toBe(false);
});
