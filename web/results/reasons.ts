// Phrases why records failed.

import type { ReasonMetrics } from '../engine/generated/ReasonMetrics';
import { count } from '../format';
import { visible } from '../visible';

/**
 * Returns what the records of a reason have in common, with an example; for a single record, its
 * problem.
 */
export function phraseOf({ count, text, example, first }: ReasonMetrics): string {
  if (count === 1) return visible(first.error);
  return visible(example === null ? text : `${text}, e.g. ${example}`);
}

/**
 * Returns where the first of them is, such as `first: b.csv, line 5, column 3`; null if it was
 * generated.
 */
export function placeOf({ count: records, first }: ReasonMetrics): string | null {
  const { input, line, column } = first;
  if (line === null) return null;
  const place = [
    ...(input === null ? [] : [visible(input)]),
    `line ${count(line)}`,
    ...(column === null ? [] : [`column ${count(column)}`]),
  ].join(', ');
  return records === 1 ? place : `first: ${place}`;
}
