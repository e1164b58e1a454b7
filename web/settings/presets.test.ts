import { expect, test } from 'vitest';
import { PRESETS } from './presets';
import { toConfig } from './config';
import { openingRun, referenceRun } from './settings';

test.each(PRESETS)('$title', ({ title, watch, settings }) => {
  expect(toConfig(settings, null).problems).toEqual([]);
  expect(title.length).toBeLessThanOrEqual(40);
  expect(watch).toMatch(/[.!]$/);
});

test('they differ', () => {
  for (const key of ['id', 'title', 'settings'] as const) {
    expect(new Set(PRESETS.map((preset) => JSON.stringify(preset[key]))).size).toBe(PRESETS.length);
  }
});

test('the page opens with the first, and has the reference run as it is specified', () => {
  expect(PRESETS[0]?.settings).toEqual(openingRun());
  expect(PRESETS.find(({ id }) => id === 'reference')?.settings).toEqual(referenceRun());
});
