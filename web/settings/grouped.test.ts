import { expect, test } from 'vitest';
import { toConfig } from './config';
import { ungrouped } from './grouped';
import { pipelineSize } from './pipeline-size';
import { referenceRun } from './settings';

test.each([
  ['1,000', '1000'],
  ['1_000_000', '1000000'],
  ['12,345.5%', '12345.5%'],
  ['0-1,000us', '0-1000us'],
  ['every 1,000', 'every 1000'],
  // Not thousands separators.
  ['1,5', '1,5'],
  ['0,500', '0,500'],
  ['1,00', '1,00'],
  ['1,0000', '1,0000'],
  ['1234,567', '1234,567'],
  ['1,000_000', '1,000_000'],
  ['1.5,000', '1.5,000'],
  ['auto', 'auto'],
])('%s', (text, expected) => {
  expect(ungrouped(text)).toBe(expected);
});

test('the configuration and the plan have plain numbers', () => {
  const settings = { ...referenceRun(), batch: '1,024', buffer: null };
  settings.service.loader.wait = '1,000us';
  const { config } = toConfig(settings, null);
  expect(config.batch).toBe('1024');
  expect(config.service?.loader?.wait).toBe('1000us');
  expect(pipelineSize(settings).capacities).toContain(4096);
});
