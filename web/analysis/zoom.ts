// A part of a run that is looked at more closely.

import type { TimeWindow } from './series';

/** Nanoseconds that are shown at least. */
const SHORTEST = 1e4;

/** A part that was chosen, within the run; null for so little or so much that it is none. */
export function partOf(duration: number, one: number, other: number): TimeWindow | null {
  const from = Math.max(0, Math.min(one, other));
  const to = Math.min(duration, Math.max(one, other));
  return to - from < SHORTEST || to - from >= duration ? null : { from, to };
}

/** Half of what is shown, around a time as far as that is within it. */
export function closer({ from, to }: TimeWindow, time: number): TimeWindow {
  const length = Math.max(SHORTEST, (to - from) / 2);
  const start = Math.min(Math.max(from, time - length / 2), Math.max(from, to - length));
  return { from: start, to: Math.min(to, start + length) };
}
