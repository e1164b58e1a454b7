// The labels of the settings.

import { ALL } from './registry';

/** The labels of settings that only the page has, each after another setting. */
const OWN: Readonly<Record<string, readonly [string, string]>> = {
  'input.map': ['input.fields', 'Fields of the table'],
  'runtime.cores': ['pace', 'Pace'],
};

/** By path in the configuration, in the order of the page. */
export const LABELS: Readonly<Record<string, string>> = Object.fromEntries(
  ALL.flatMap(([path, { label }]) => [[path, label] as const, ...(OWN[path] ? [OWN[path]] : [])]),
);

const ORDER = Object.keys(LABELS);

/** Returns the position of a setting on the page. */
export function positionOf(path: string): number {
  const position = ORDER.indexOf(path);
  return position < 0 ? ORDER.length : position;
}
