// Measured values and those of settings as text, and how they are judged.

import { count, percent } from '../format';
import type { Choice, Condition, Expected, Goal, Question, Unit, Value } from './lesson';

/** Formats a measured value with its unit. */
export function valueText(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return 'never';
  switch (unit) {
    case 'per_second':
      return `${digits(value)}\u00a0records/s`;
    case 'seconds':
      return value < 1 ? `${digits(value * 1000)}\u00a0ms` : `${digits(value)}\u00a0s`;
    case 'share':
      return percent(value);
    case 'records':
      return count(value);
    case 'workers':
      return digits(value);
    case 'sends':
      return `${count(value)}\u00a0sends`;
    case 'ratio':
      return `×${value < 10 ? value.toFixed(2) : digits(value)}`;
    case 'yes_no':
      return value === 1 ? 'yes' : 'no';
  }
}

/** Three digits, or all in front of the decimal point. */
function digits(value: number): string {
  if (value >= 100) return count(value);
  const places = value >= 10 ? 1 : 2;
  return String(Number(value.toFixed(places)));
}

/** Returns the choice that a measured value fits; undefined if there isn't exactly one. */
export function fittingChoice({ choices }: Question, value: number): Choice | undefined {
  const fitting = choices.filter((choice) => isWithin(choice, value));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** What differs in the last digits is equal. */
function isWithin({ from, to }: Expected, value: number): boolean {
  const slack = Math.abs(value) * 1e-9;
  return value >= (from ?? -Infinity) - slack && value <= (to ?? Infinity) + slack;
}

/** Whether a condition of a goal holds. What differs in the last digits is equal. */
export function holds({ comparison, value }: Condition, found: number): boolean {
  const slack = Math.abs(value) * 1e-9;
  switch (comparison) {
    case '>=':
      return found >= value - slack;
    case '<=':
      return found <= value + slack;
    case '>':
      return found > value + slack;
    case '<':
      return found < value - slack;
    case '=':
      return Math.abs(found - value) <= slack;
  }
}

/** Returns the cost of settings, which is to be as small as possible; null if any that reach the goal are as good. */
export function costOf({ least, most }: Goal, valueOf: (path: string) => Value): number | null {
  const paths = least ?? most;
  if (!paths) return null;
  const sum = paths.reduce((sum, path) => sum + amount(valueOf(path)), 0);
  return least ? sum : -sum;
}

/** A value as a number: durations in seconds. */
function amount(value: Value): number {
  if (typeof value === 'number') return value;
  const [, number = '', unit = ''] = /^([\d.]+)\s*(ns|us|µs|ms|s)?$/.exec(String(value)) ?? [];
  const factors: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3 };
  return Number(number) * (factors[unit] ?? 1);
}
