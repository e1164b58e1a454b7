import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DIVISIONS,
  divisionOf,
  divisionText,
  fitted,
  graticule,
  nextDivision,
  niceDivision,
  paged,
  playheadText,
  ticksOf,
  zoomed,
} from './viewport';

const S = 1e9;

test('a division is 1, 2 or 5 times a power of ten', () => {
  for (const [length, division] of [
    [1, 10],
    [1.1e9, 1e9],
    [1.6e9, 2e9],
    [4e9, 5e9],
    [8e9, 1e10],
    [3.3e3, 5e3],
  ] as const) {
    expect(niceDivision(length)).toBe(division);
  }
});

test('divisions go 1, 2, 5, both ways', () => {
  let division = 1e6;
  const shorter = Array.from({ length: 4 }, () => (division = nextDivision(division, 1)));
  expect(shorter.map(divisionText)).toEqual(['500 µs', '200 µs', '100 µs', '50 µs']);
  const longer = Array.from({ length: 5 }, () => (division = nextDivision(division, -1)));
  expect(longer.map(divisionText)).toEqual(['100 µs', '200 µs', '500 µs', '1 ms', '2 ms']);
});

test('the whole run is within its window, and fills more than a third of it', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e13, noNaN: true }),
      fc.double({ min: 1e3, max: 1e13, noNaN: true }),
      (begin, length) => {
        const { from, to } = fitted(begin, begin + length);
        expect(from).toBeLessThanOrEqual(begin);
        expect(to).toBeGreaterThanOrEqual(begin + length - 1);
        expect(length).toBeGreaterThan((to - from) * 0.33);
      },
    ),
  );
});

test('a run that comes to the end of the window moves on by 8 of 12 divisions', () => {
  const window = { from: 0, to: 12 * S };
  expect(paged(window, 11.9 * S)).toBe(window);
  expect(paged(window, 12 * S + 1)).toEqual({ from: 8 * S, to: 20 * S });
  expect(paged(window, 30 * S)).toEqual({ from: 24 * S, to: 36 * S });
  expect(paged({ from: 8 * S, to: 20 * S }, 7 * S)).toEqual({ from: 0, to: 12 * S });
  expect(paged({ from: 8 * S, to: 20 * S }, 0)).toEqual({ from: 0, to: 12 * S });
});

test('wherever the playhead goes, whole pages lead to it', () => {
  fc.assert(
    fc.property(
      fc.nat(1e6),
      fc.integer({ min: 12, max: 1e5 }),
      fc.nat(1e7),
      (from, length, time) => {
        const next = paged({ from, to: from + length }, time);
        expect(next.from).toBeLessThanOrEqual(time);
        expect(next.to).toBeGreaterThanOrEqual(time);
        expect(next.to - next.from).toBeCloseTo(length, 3);
        const pages = (next.from - from) / ((length * 8) / 12);
        if (next.from > 0) expect(Math.abs(pages - Math.round(pages))).toBeLessThan(1e-6);
      },
    ),
    // The pages add up to a little more than they are.
    { examples: [[219_336, 20, 16]] },
  );
});

test('zooming leaves the time in place', () => {
  const window = zoomed({ from: 4 * S, to: 16 * S }, 7 * S, 0.5);
  expect(window).toEqual({ from: 5.5 * S, to: 11.5 * S });
  expect(divisionOf(window)).toBe(0.5 * S);
  expect(zoomed({ from: 0, to: 12 * S }, S, 2)).toEqual({ from: 0, to: 24 * S });
});

test('the axis has a mark for each division, and the unit at the last one', () => {
  const texts = (from: number, to: number, most?: number) => {
    const window = { from, to };
    return ticksOf(window, divisionOf(window), most).map(({ text }) => text);
  };
  expect(texts(0, 12 * S)).toEqual([...Array.from({ length: 12 }, (_, at) => `${at}`), '12 s']);
  expect(texts(0, 12 * S, 5)).toEqual(['0', '5', '10 s']);
  expect(texts(1.2e6, 1.8e6)).toEqual(
    [
      '1.20',
      '1.25',
      '1.30',
      '1.35',
      '1.40',
      '1.45',
      '1.50',
      '1.55',
      '1.60',
      '1.65',
      '1.70',
      '1.75',
    ].concat('1.80 ms'),
  );
  expect(graticule({ from: 0, to: 12 * S }, S)).toHaveLength(DIVISIONS + 1);
});

test('the playhead tells hundredths of a division', () => {
  expect(playheadText(9.4 * S, { from: 0, to: 12 * S }, S)).toBe('9.40 s');
  expect(playheadText(1234567, { from: 1.2e6, to: 1.8e6 }, 5e4)).toBe('1.2346 ms');
});
