import { expect, test } from 'vitest';
import { applyChange, isApplied } from './apply';
import { toConfig } from './config';
import { referenceRun } from './settings';

test.each([
  ['validator.workers', 5],
  ['transformer.workers', 4],
  ['workers', 7],
  ['generator.rate_limit', 12],
  ['batch', '64'],
  ['ordered', false],
  ['runtime.threads', 3],
  ['channels.capacity', 400],
  ['channels.error_handler', 8],
  ['generator.burst', 4],
  ['service.transformer.wait', '5ms'],
  ['service.loader.compute', '1ms'],
])('%s is changed on the page', (path, value) => {
  const settings = referenceRun();
  expect(isApplied(settings, path, value)).toBe(false);
  expect(applyChange(settings, path, value)).toBe(true);
  expect(isApplied(settings, path, value)).toBe(true);
  const { config, problems } = toConfig(settings, null);
  expect(problems).toEqual([]);
  const found = path
    .split('.')
    .reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], config);
  expect(found).toBe(value);
});

test('what the page has no control for is left alone', () => {
  const settings = referenceRun();
  expect(applyChange(settings, 'window_bytes', 5)).toBe(false);
  expect(isApplied(settings, 'window_bytes', 5)).toBe(false);
  expect(settings).toEqual(referenceRun());
});
