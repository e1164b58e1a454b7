import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Config } from '../engine/generated/Config';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import { withDefaults } from '../recording/merge';
import { toConfig } from './config';
import { fromConfig } from './from-config';
import { PRESETS } from './presets';
import type { Settings } from './settings';
import { validSettings } from './testing';

/** The configuration with which settings run. */
function configOf(settings: Settings): Config {
  const { config } = toConfig(settings, settings.source === 'file' ? 'x.csv' : null);
  const full = withDefaults(config, DEFAULT_CONFIG);
  const file = settings.source === 'file' ? ['x.csv'] : null;
  return { ...full, input: { ...full.input, file } };
}

describe('the settings of a configuration run it again', () => {
  test('whatever they are', () => {
    fc.assert(
      fc.property(validSettings, (settings) => {
        const config = configOf(settings);
        const found = fromConfig(config);
        expect(found.leftOut).toEqual([]);
        const again = configOf(found.settings);
        expect({ ...again, input: null }).toEqual({ ...config, input: null });
        expect(again.input.file).toEqual(config.input.file);
        // They are the same when they are read again.
        expect(fromConfig(again)).toEqual(found);
      }),
      { numRuns: 200 },
    );
  });

  test.each(PRESETS)('$id', ({ settings }) => {
    const config = configOf(settings);
    expect(configOf(fromConfig(config).settings)).toEqual(config);
  });
});

test('what the page has no control for is told', () => {
  const config: Config = {
    ...DEFAULT_CONFIG,
    window: 50,
    window_bytes: 1000,
    fail_fast: true,
    transformer: { ...DEFAULT_CONFIG.transformer, threshold: 12, invalid_units: ['x'] },
    trace: { ...DEFAULT_CONFIG.trace, enabled: true },
  };
  const { settings, leftOut } = fromConfig(config);
  expect(leftOut).toEqual([
    ...['transformer.threshold', 'transformer.invalid_units', 'fail_fast', 'window_bytes'],
  ]);
  expect(settings.anomalies).toBe(20);
  expect(settings.window).toBe(50);
});
