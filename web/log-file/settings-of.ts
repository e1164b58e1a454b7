// The settings of a run as its event log has them.

import type { Config } from '../engine/generated/Config';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import type { PartialConfig } from '../engine/partial';

/** Returns the settings that differ from the defaults. */
export function settingsOf(config: Config): PartialConfig {
  const traced = { ...config, trace: { ...config.trace, enabled: true } };
  return without(traced, DEFAULT_CONFIG) ?? {};
}

/**
 * Returns settings for a link, which may be passed on to anybody: only those of this version, and without names of files.
 * The log of the command also has where the results were written to.
 */
export function anonymous(config: PartialConfig): PartialConfig {
  const known = onlyKnown(config, DEFAULT_CONFIG) as PartialConfig;
  const { input } = known;
  return input?.file ? { ...known, input: { ...input, file: ['input'] } } : known;
}

/** Returns the settings that there are by default, too. */
function onlyKnown(settings: unknown, defaults: unknown): unknown {
  if (!isTable(settings) || !isTable(defaults) || Object.keys(defaults).length === 0) {
    return settings;
  }
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([name]) => Object.hasOwn(defaults, name))
      .map(([name, value]) => [name, onlyKnown(value, defaults[name])]),
  );
}

/** Returns what differs; undefined if nothing does. */
function without(settings: unknown, defaults: unknown): unknown {
  if (!isTable(settings) || !isTable(defaults)) {
    return JSON.stringify(settings) === JSON.stringify(defaults) ? undefined : settings;
  }
  const differing = Object.entries(settings)
    .map(([name, value]) => [name, without(value, defaults[name])] as const)
    .filter(([, value]) => value !== undefined);
  return differing.length > 0 ? Object.fromEntries(differing) : undefined;
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
