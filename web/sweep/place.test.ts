import { expect, test } from 'vitest';
import { placeBeside } from './place';

const screen = { width: 1000, height: 800 };
const size = { width: 300, height: 200 };

test.each([
  ['below its control', { left: 400, top: 300, width: 100, height: 30 }, { left: 300, top: 338 }],
  ['not beyond the edge', { left: 10, top: 300, width: 100, height: 30 }, { left: 8, top: 338 }],
  [
    'beside it, if not below',
    { left: 400, top: 600, width: 100, height: 30 },
    { left: 508, top: 515 },
  ],
  [
    'on the left, if not right',
    { left: 800, top: 600, width: 100, height: 30 },
    { left: 492, top: 515 },
  ],
  ['in the middle without one', null, { left: 350, top: 300 }],
])('%s', (_, control, place) => {
  expect(placeBeside(control, size, screen)).toEqual(place);
});

test('in a window that is too small, its beginning is seen', () => {
  expect(placeBeside(null, size, { width: 100, height: 100 })).toEqual({ left: 8, top: 8 });
});
