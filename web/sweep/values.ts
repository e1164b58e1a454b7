// Which values of a setting are tried. They are spread evenly on a logarithmic axis; whole numbers are all there where
// that would be denser than they are.

/** At most as many values are tried. */
const MOST = 40;

/** How many times and rates there are for each factor of ten. */
const PER_DECADE = 12;

/**
 * Returns whole numbers from `least` to `top`, in order: each up to `each`, then a few for each doubling. One's own is
 * among them.
 */
function countsUpTo(own: number, least: number, top: number, each: number): number[] {
  for (const perDoubling of [4, 2, 1]) {
    const found = new Set([own]);
    for (let value = least; value <= Math.min(top, each); value += 1) found.add(value);
    // 16, 20, 24, 28, 32, 40: round numbers, and the same on both sides of a power of two.
    for (let power = 1; power <= top; power *= 2) {
      for (let part = 0; part < perDoubling; part += 1) {
        const value = power * (1 + part / perDoubling);
        if (Number.isInteger(value) && value > each && value >= least && value <= top) {
          found.add(value);
        }
      }
    }
    if (found.size <= MOST || perDoubling === 1) return [...found].sort((a, b) => a - b);
  }
  return [own];
}

/** Which counts are tried. */
export interface Counts {
  /** The range that is allowed. */
  least: number;
  most: number;
  /** Up to this number if one's own is much smaller; else up to four times that. */
  usual: number;
  /** Up to this number, each is tried. */
  each: number;
}

/**
 * Returns numbers of workers or places, in order.
 *
 * @param records how many records there are: no more workers have one each, and no more places are taken
 */
export function countsAround(own: number, records: number, counts: Counts): number[] {
  const { least, most, usual, each } = counts;
  const top = Math.max(own, Math.min(most, records, Math.max(usual, 4 * own)));
  return countsUpTo(own, least, top, each);
}

/** Returns factors from a tenth to ten, in order; 1 is among them. */
export function factors(): number[] {
  return Array.from(
    { length: 2 * PER_DECADE + 1 },
    (_, at) => 10 ** ((at - PER_DECADE) / PER_DECADE),
  );
}

/** Returns numbers from one to the other that are evenly spread on a logarithmic axis, with two digits. */
export function spread(from: number, to: number): number[] {
  const decades = Math.log10(to / from);
  const steps = Math.min(MOST - 2, Math.max(20, Math.round(decades * PER_DECADE)));
  const found = Array.from({ length: steps + 1 }, (_, at) =>
    Number((from * 10 ** ((decades * at) / steps)).toPrecision(2)),
  );
  return [...new Set(found)];
}

/**
 * Returns the order in which points are worked out: a first one, both ends, then ever finer between them, so that the
 * shape shows early.
 */
export function coarseToFine(count: number, first: number): number[] {
  const found = new Set<number>();
  const add = (at: number) => {
    if (at >= 0 && at < count) found.add(at);
  };
  add(first);
  add(0);
  add(count - 1);
  let parts: [number, number][] = [[0, count - 1]];
  while (parts.length > 0) {
    parts = parts.flatMap(([from, to]): [number, number][] => {
      if (to - from < 2) return [];
      const middle = Math.floor((from + to) / 2);
      add(middle);
      return [
        [from, middle],
        [middle, to],
      ];
    });
  }
  return [...found];
}
