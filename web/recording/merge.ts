// Fills in the defaults of a partial configuration.

import type { Config } from '../engine/generated/Config';
import type { PartialConfig } from '../engine/partial';

export function withDefaults(config: PartialConfig, defaults: Config): Config {
  return merged(defaults, config) as Config;
}

function merged(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isPlain(base) || !isPlain(over)) return over;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) result[key] = merged(base[key], value);
  return result;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
