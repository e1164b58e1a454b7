// Where the answers to a question and what was measured lie on one scale.

import type { Expected, Question } from './lesson';

/** If the largest value is more than this many times the smallest one, the scale is logarithmic. */
const WIDE = 20;

/** A value on a scale, from 0 at its left to 1 at its right. */
export interface Mark {
  at: number;
  /** Where it begins and ends, if it is a range. */
  from: number;
  to: number;
}

export interface Scale {
  choices: Mark[];
  /** What was measured. */
  found: Mark;
}

/** Returns the scale of a question; null if its answers aren't on one. */
export function scaleOf({ choices, unit }: Question, found: number): Scale | null {
  if (unit === 'yes_no' || !Number.isFinite(found)) return null;
  const middles = choices.map(middleOf);
  const ends = choices.flatMap(({ value, from, to }) => [value, from, to]).filter(isNumber);
  const least = Math.min(found, ...ends, ...middles);
  const most = Math.max(found, ...ends, ...middles);
  if (!(most > least)) return null;
  const isWide = least > 0 && most / least > WIDE;
  const place = (value: number) => (isWide ? Math.log(value) : value);
  const [low, high] = [place(least), place(most)];
  const at = (value: number) => (place(value) - low) / (high - low);
  const markOf = (choice: Expected, middle: number): Mark => ({
    at: at(middle),
    from: choice.value === null ? at(choice.from ?? least) : at(middle),
    to: choice.value === null ? at(choice.to ?? most) : at(middle),
  });
  return {
    choices: choices.map((choice, index) => markOf(choice, middles[index] ?? found)),
    found: { at: at(found), from: at(found), to: at(found) },
  };
}

/** The value that stands for a choice: of an open range, the end that it has. */
function middleOf({ value, from, to }: Expected): number {
  if (value !== null) return value;
  if (from !== null && to !== null) return (from + to) / 2;
  return from ?? to ?? 0;
}

const isNumber = (value: number | null): value is number => value !== null;
