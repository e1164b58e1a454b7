// Which part of a run the timeline shows: a window of about twelve divisions, each 1, 2 or 5 times a power of ten long.

import type { TimeWindow } from '../analysis/series';

/** How many divisions a window has that the user hasn't drawn. */
export const DIVISIONS = 12;

/** When the playhead reaches the end of the window, the window moves on by this share of its length. */
const PAGE = 8 / 12;

/** The shortest and the longest division, in nanoseconds. */
const [SHORTEST, LONGEST] = [10, 1e15];

/** Returns the division nearest to a length: 1, 2 or 5 times a power of ten, in nanoseconds. */
export function niceDivision(length: number): number {
  const wanted = Math.min(LONGEST, Math.max(SHORTEST, length));
  const decade = 10 ** Math.floor(Math.log10(wanted));
  const candidates = [1, 2, 5, 10].map((digit) => digit * decade);
  const distance = (one: number) => Math.abs(Math.log(one / wanted));
  return candidates.reduce((best, one) => (distance(one) < distance(best) ? one : best));
}

/** Returns the division of a window. */
export function divisionOf({ from, to }: TimeWindow, divisions = DIVISIONS): number {
  return niceDivision((to - from) / divisions);
}

/** Returns the next shorter (1) or longer (−1) division. */
export function nextDivision(division: number, direction: 1 | -1): number {
  const decade = 10 ** Math.floor(Math.log10(division) + 1e-9);
  const digit = Math.round(division / decade);
  const next =
    direction === 1
      ? digit === 1
        ? decade / 2
        : digit === 2
          ? decade
          : decade * 2
      : digit === 1
        ? decade * 2
        : digit === 2
          ? decade * 5
          : decade * 10;
  return Math.min(LONGEST, Math.max(SHORTEST, next));
}

/** Returns the window of a whole run. */
export function fitted(begin: number, end: number, divisions = DIVISIONS): TimeWindow {
  const length = Math.max(end - begin, SHORTEST);
  let division = niceDivision(length / divisions);
  while (division * divisions < length) division = nextDivision(division, -1);
  while (division > SHORTEST && nextDivision(division, 1) * divisions >= length) {
    division = nextDivision(division, 1);
  }
  const from = Math.floor(begin / division) * division;
  const isShort = from + division * divisions < end;
  return { from: isShort ? begin : from, to: (isShort ? begin : from) + division * divisions };
}

/**
 * Returns a window zoomed about a time, which stays where it is.
 *
 * @param factor below 1 for a shorter window
 */
export function zoomed(
  { from, to }: TimeWindow,
  about: number,
  factor: number,
  divisions = DIVISIONS,
): TimeWindow {
  const length = to - from;
  const next = Math.min(LONGEST * divisions, Math.max(SHORTEST * divisions, length * factor));
  return movedTo({ from: 0, to: next }, about - ((about - from) / length) * next);
}

/** Returns a window as long as another one, from a time on; no run has anything before 0. */
export function movedTo({ from, to }: TimeWindow, start: number): TimeWindow {
  const first = Math.max(0, start);
  return { from: first, to: first + (to - from) };
}

/**
 * Returns the window that shows a time: the same one if the time is within, and otherwise the one that as many whole
 * pages lead to.
 */
export function paged(window: TimeWindow, time: number): TimeWindow {
  const { from, to } = window;
  if (time >= from && time <= to) return window;
  const page = (to - from) * PAGE;
  const pages = time > to ? Math.ceil((time - to) / page) : -Math.ceil((from - time) / page);
  // Rounded, its beginning may be a little after the time.
  const next = movedTo(window, Math.min(time, from + pages * page));
  // Exactly at the end there is nothing to come.
  return time >= next.to ? movedTo(window, next.from + page) : next;
}

/** A mark on the time axis. */
export interface Tick {
  time: number;
  text: string;
}

const UNITS = [
  { unit: 's', length: 1e9 },
  { unit: 'ms', length: 1e6 },
  { unit: 'µs', length: 1e3 },
  { unit: 'ns', length: 1 },
] as const;

/** Returns the unit in which the times of a window are written, and with how many decimals. */
function notation(to: number, division: number) {
  const { unit, length } = UNITS.find(({ length }) => to >= length) ?? UNITS[3];
  return { unit, length, decimals: Math.max(0, Math.ceil(Math.log10(length / division) - 1e-9)) };
}

/**
 * Returns the marks of the axis, at the multiples of the division. The last one has the unit.
 *
 * @param most how many have space; if there are more divisions, every second, fifth or tenth is labelled
 */
export function ticksOf(window: TimeWindow, division: number, most = DIVISIONS + 1): Tick[] {
  const { from, to } = window;
  const { unit, length, decimals } = notation(to, division);
  const count = Math.floor((to - from) / division) + 1;
  const every = [1, 2, 5, 10, 20, 50].find((every) => count / every <= most) ?? 100;
  const ticks: Tick[] = [];
  const step = division * every;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  for (let at = first; at <= last; at += 1) {
    const value = (at * step) / length;
    ticks.push({
      time: at * step,
      text: value.toFixed(decimals) + (at === last ? ` ${unit}` : ''),
    });
  }
  return ticks;
}

/** Returns the times of the vertical lines: those of all divisions. */
export function graticule({ from, to }: TimeWindow, division: number): number[] {
  const lines: number[] = [];
  for (let at = Math.ceil(from / division - 1e-9); at * division <= to * (1 + 1e-12); at += 1) {
    lines.push(at * division);
  }
  return lines;
}

/** Formats the time at the playhead, two digits finer than the division: `9.40 s`. */
export function playheadText(time: number, { to }: TimeWindow, division: number): string {
  const { unit, length, decimals } = notation(to, division);
  return `${(time / length).toFixed(Math.min(6, decimals + 2))} ${unit}`;
}

/** Formats the length of a division: `500 ms`. */
export function divisionText(division: number): string {
  const { unit, length } = UNITS.find(({ length }) => division >= length) ?? UNITS[3];
  return `${Math.round(division / length)} ${unit}`;
}
