import { expect, test } from 'vitest';
import { computeShare, hasService, meanOf } from './service';
import { testConfig } from './testing';

test.each([
  ['off', 0],
  ['5ms', 5e6],
  ['0-20ms', 10e6],
  ['0ns-30ms', 15e6],
  ['1.5s', 1.5e9],
  ['200us', 200e3],
])('%s', (time, expected) => {
  expect(meanOf(time)).toBe(expected);
});

test('what keeps a thread busy', () => {
  const config = testConfig();
  expect(computeShare(config, 'validator')).toBe(1);
  expect(hasService(config)).toBe(false);
  config.service.validator = { wait: '3ms', compute: '1ms' };
  expect(computeShare(config, 'validator')).toBe(0.25);
  expect(hasService(config)).toBe(true);
  expect(hasService(config, 'loader')).toBe(false);
});
