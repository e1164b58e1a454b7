// Links that users may have, and the settings that each must always result in:
// `tests/compatibility/links.json`.

import { describe, expect, test } from 'vitest';
import golden from '../../tests/compatibility/links.json';
import { fromHash } from './link';
import { NO_VIEW } from './link-view';
import { openingRun } from './settings';
import type { Settings } from './settings';

/** The values of settings, by path. */
type Values = Readonly<Record<string, unknown>>;

const OPENING: Values = golden.opening;
const LINKS: readonly { about: string; link: string; changes: Values }[] = golden.links;

/** Returns the values of all settings that a link could have when the file was written. */
function valuesOf(settings: Settings): Values {
  const valueAt = (path: string) =>
    path
      .split('.')
      .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], settings);
  return Object.fromEntries(Object.keys(OPENING).map((path) => [path, valueAt(path)]));
}

test('what a link leaves out is as in the opening run, which stays as it is', () => {
  expect(valuesOf(openingRun())).toEqual(OPENING);
});

describe('gives the settings that it always gave', () => {
  test.each(LINKS)('$about', ({ link, changes }) => {
    const { settings, problems } = fromHash(link) ?? { settings: null, problems: [] };
    expect(problems).toEqual([]);
    expect(settings && valuesOf(settings)).toEqual({ ...OPENING, ...changes });
  });
});

describe('gives the view that it always gave', () => {
  test.each(golden.views)('$about', ({ link, view }) => {
    const found = fromHash(link);
    expect(found?.problems).toEqual([]);
    expect(found?.view).toEqual({ ...NO_VIEW, ...view });
  });
});

test('the links have every setting that a link can have', () => {
  const changed = new Set(LINKS.flatMap(({ changes }) => Object.keys(changes)));
  expect(Object.keys(OPENING).filter((path) => !changed.has(path))).toEqual([]);
});
