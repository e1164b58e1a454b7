// The labels of the settings.

import { ALL } from './registry';

/** By path in the configuration, in the order of the page. */
export const LABELS: Readonly<Record<string, string>> = Object.fromEntries(
  ALL.flatMap(([path, { label }]): [string, string][] => [
    [path, label],
    // The page alone can miss these.
    ...(path === 'input.map' ? [['input.fields', 'Fields of the table']] : []),
  ]),
);

const ORDER = Object.keys(LABELS);

/** Returns the position of a setting on the page. */
export function positionOf(path: string): number {
  const position = ORDER.indexOf(path);
  return position < 0 ? ORDER.length : position;
}
