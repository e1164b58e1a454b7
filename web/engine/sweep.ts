// Runs on the virtual clock with each of several values of a setting.

import type { PartialConfig } from './partial';
import type { SimulationResult } from './protocol';

export type SettingValue = number | string | boolean | null;

/** What came of one of the values. */
export type SweepResult = SimulationResult & { value: SettingValue };

/** Returns a configuration in which the setting with this path, such as `channels.capacity`, has this value. */
export function withSetting(
  config: PartialConfig,
  path: string,
  value: SettingValue,
): PartialConfig {
  const set = (part: object, [name = '', ...rest]: readonly string[]): object => {
    const present: unknown = Object.entries(part).find(([key]) => key === name)?.[1];
    const inner = typeof present === 'object' && present !== null ? present : {};
    return { ...part, [name]: rest.length > 0 ? set(inner, rest) : value };
  };
  return set(config, path.split('.'));
}

/**
 * Simulates a configuration with each value, one after the other, and yields the results as they come.
 *
 * @param simulate simulates one configuration
 */
export async function* sweep(
  simulate: (config: PartialConfig) => Promise<SimulationResult>,
  config: PartialConfig,
  path: string,
  values: readonly SettingValue[],
): AsyncGenerator<SweepResult, void, undefined> {
  for (const value of values) {
    yield { value, ...(await simulate(withSetting(config, path, value))) };
  }
}
