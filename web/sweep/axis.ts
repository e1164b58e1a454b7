// The axes of a curve: where a value is, and which values are named.

/** A logarithmic axis. */
export interface LogAxis {
  least: number;
  most: number;
  /** The positions of both, in pixels. */
  from: number;
  to: number;
}

/** Returns the position of a value in pixels. */
export function positionOn({ least, most, from, to }: LogAxis, value: number): number {
  if (most <= least) return (from + to) / 2;
  return from + (Math.log(value / least) / Math.log(most / least)) * (to - from);
}

export interface Tick {
  value: number;
  position: number;
  text: string;
}

/** Ever fewer values to name, by their first digits and the power of ten that the next ones are away. */
const STEPS: readonly (readonly [digits: readonly number[], powers: number])[] = [
  [[1, 2, 5], 1],
  [[1, 3], 1],
  ...[1, 2, 3, 4, 6].map((powers) => [[1], powers] as const),
];

/**
 * Returns the values of a logarithmic axis that are named, in order: as many as there is room for, at even distances.
 *
 * @param isCounted whether they double: 1, 2, 4, 8; else 1, 2, 5, 10
 * @param room the least distance between two of them in pixels
 */
export function ticksOf(
  axis: LogAxis,
  isCounted: boolean,
  room: number,
  textOf: (value: number) => string,
): Tick[] {
  const choices = isCounted
    ? [1, 2, 3, 4, 6, 8].map((doublings) => doubled(axis, 2 ** doublings))
    : STEPS.map(([digits, powers]) => stepped(axis, digits, powers));
  const placed = choices.map((values) =>
    values.map((value) => ({ value, position: positionOn(axis, value), text: textOf(value) })),
  );
  const fits = (ticks: readonly Tick[]) =>
    ticks.every(
      ({ position }, at) => at === 0 || position - (ticks[at - 1]?.position ?? 0) >= room,
    );
  return placed.find(fits) ?? placed.at(-1)?.slice(0, 1) ?? [];
}

function doubled({ least, most }: LogAxis, factor: number): number[] {
  const found: number[] = [];
  for (let value = 1; value <= most; value *= factor) if (value >= least) found.push(value);
  return found;
}

function stepped({ least, most }: LogAxis, digits: readonly number[], powers: number): number[] {
  const found: number[] = [];
  const last = Math.ceil(Math.log10(most));
  for (let power = Math.floor(Math.log10(least)); power <= last; power += 1) {
    for (const digit of power % powers === 0 ? digits : []) {
      const value = Number((digit * 10 ** power).toPrecision(3));
      // Values on the axis are rounded.
      if (value >= least * 0.999 && value <= most * 1.001) found.push(value);
    }
  }
  return found;
}

/** Returns the end of an axis from 0 that has room for a value: a round number. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((one) => one * power >= value * 0.9999) ?? 10;
  return Number((digit * power).toPrecision(3));
}
