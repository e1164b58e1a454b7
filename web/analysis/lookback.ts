// How far back panels look.

/** The choices of a panel, in nanoseconds. */
export const LOOKBACKS: readonly { length: number; label: string }[] = [
  { length: 1e6, label: '1 ms' },
  { length: 1e7, label: '10 ms' },
  { length: 1e8, label: '100 ms' },
  { length: 1e9, label: '1 s' },
  { length: 1e10, label: '10 s' },
  { length: 6e10, label: '1 minute' },
  { length: Infinity, label: 'the whole run' },
];

/** Returns a lookback that fits a run: enough to see something, and at most 10 s. */
export function fittingLookback(duration: number): number {
  const fitting = LOOKBACKS.findLast(({ length }) => length <= Math.min(duration, 1e10));
  return fitting?.length ?? 1e6;
}

/** Returns the window of a length that ends at a time. */
export function windowBefore(time: number, length: number): { from: number; to: number } {
  return { from: Math.max(0, time - length), to: time };
}
