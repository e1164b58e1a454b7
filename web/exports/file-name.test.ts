import { expect, test } from 'vitest';
import { fileName } from './file-name';

test('a name says what it is of, and which time', () => {
  for (const [time, words, name] of [
    [1.24e9, [], 'clearpipe-1.24s.svg'],
    [1.2399e9, ['timeline'], 'clearpipe-timeline-1.24s.svg'],
    [0, [], 'clearpipe-0s.svg'],
    [-5, [], 'clearpipe-0s.svg'],
    [12.345e6, ['2x'], 'clearpipe-2x-12.35ms.svg'],
    [4e3, [], 'clearpipe-4us.svg'],
    [4321e9, [], 'clearpipe-4321s.svg'],
  ] as const) {
    expect(fileName(time, words, 'svg')).toBe(name);
  }
});
