// Zooms into a part of a run.

import type { TimeWindow } from './series';

/** The shortest part that can be shown, in nanoseconds. */
const SHORTEST = 1e4;

/** Returns the selected part, clipped to the run; null if it is too short, or the whole run. */
export function partOf(duration: number, one: number, other: number): TimeWindow | null {
  const from = Math.max(0, Math.min(one, other));
  const to = Math.min(duration, Math.max(one, other));
  return to - from < SHORTEST || to - from >= duration ? null : { from, to };
}

/** Returns half of a window, around a time as far as that is within it. */
export function closer({ from, to }: TimeWindow, time: number): TimeWindow {
  const length = Math.max(SHORTEST, (to - from) / 2);
  const start = Math.min(Math.max(from, time - length / 2), Math.max(from, to - length));
  return { from: start, to: Math.min(to, start + length) };
}
