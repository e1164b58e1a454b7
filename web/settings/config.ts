// Converts the settings of the page to a configuration.

import { MAX_THREADS } from '../engine/engine-kind';
import type { Generator } from '../engine/generated/Generator';
import type { Problem } from '../engine/problems';
import type { DeepPartial, PartialConfig } from '../engine/partial';
import { formatOf } from './file';
import { ungrouped } from './grouped';
import { parseMapping } from './mapping';
import { CHANNELS, SERVED_STAGES, each } from './parts';
import { policiesConfig } from './policies';
import { numberConstraint, wholeNumberText } from './constraints';
import { SETTINGS } from './registry';
import type { Settings } from './settings';

/** Generated values are in [0, 100), and a score is a tenth of a value. */
const VALUES = { min: 0, max: 100 };
const MULTIPLIER = 0.1;
/** The percentage of anomalies at the default threshold. */
const DEFAULT_ANOMALIES = 20;

/** Returns the score that this percentage of all values exceeds. */
export function thresholdFor(percent: number): number {
  const value = VALUES.min + (1 - percent / 100) * (VALUES.max - VALUES.min);
  // Drop the last digits, which are rounding errors.
  return Number((MULTIPLIER * value).toFixed(9));
}

/**
 * Returns the configuration, and the problems that the engine can't report as well because they are about the controls.
 *
 * @param file the name of the user's file, if there is one; the first one if there are several
 * @param found the delimiter detected in that file, if it is a table
 * @param areSeveral whether there are several files; each then has the format that its own name implies
 */
export function toConfig(
  settings: Settings,
  file: string | null,
  found: string | null = null,
  areSeveral = false,
): { config: PartialConfig; problems: Problem[] } {
  const problems: Problem[] = [];
  /** Leaves empty values to their default. The engine's words for an invalid integer aren't meant for users. */
  const whole = (path: string, value: number | null): number | undefined => {
    if (value === null || (Number.isSafeInteger(value) && value >= 0)) return value ?? undefined;
    problems.push({ path, text: `is ${value}; it must be ${wholeNumberText(path)}` });
    return undefined;
  };
  const text = (value: string): string | undefined => ungrouped(value.trim()) || undefined;

  const config: PartialConfig = {
    workers: whole('workers', settings.workers),
    validator: { workers: whole('validator.workers', settings.validators) },
    transformer: { workers: whole('transformer.workers', settings.transformers) },
    batch: text(settings.batch),
    window: whole('window', settings.window),
    channels: {
      capacity: whole('channels.capacity', settings.buffer),
      ...each(CHANNELS, (channel) => whole(`channels.${channel}`, settings.buffers[channel])),
    },
    ordered: settings.ordered,
    clock: settings.clock === 'fixed' ? `fixed:${settings.fixedTime.trim()}` : 'system',
    service: each(SERVED_STAGES, (stage) => {
      const { wait, compute } = settings.service[stage];
      return { wait: text(wait), compute: text(compute) };
    }),
    runtime: { kind: settings.runtime },
    generator: arrivals(settings, problems),
  };

  if (settings.runtime === 'virtual') {
    config.runtime = {
      kind: 'virtual',
      cores: whole('runtime.cores', settings.cores),
      seed: whole('runtime.seed', settings.scheduleSeed),
    };
  } else if (settings.runtime === 'pool') {
    const threads = whole('runtime.threads', settings.threads);
    config.runtime = { kind: 'pool', threads };
    if (threads !== undefined && threads > MAX_THREADS) {
      const text = `is ${threads}; a page can have up to ${MAX_THREADS} threads`;
      problems.push({ path: 'runtime.threads', text });
    }
  }

  if (settings.source === 'generator') {
    config.records = whole('records', settings.records);
    config.seed = whole('seed', settings.seed);
    config.generator = {
      ...config.generator,
      invalid_value: text(settings.invalidValue),
      invalid_unit: text(settings.invalidUnit),
    };
    const { anomalies } = settings;
    if (anomalies !== null && !(anomalies >= 0 && anomalies <= 100)) {
      const text = `is ${anomalies}; it must be a share from 0 to 100 percent`;
      problems.push({ path: 'transformer.threshold', text });
    } else if (anomalies !== null && anomalies !== DEFAULT_ANOMALIES) {
      config.transformer = { ...config.transformer, threshold: thresholdFor(anomalies) };
    }
  } else if (file === null) {
    problems.push({ path: 'input.file', text: 'is missing: choose one, or drop one anywhere' });
  } else {
    config.input = inputOptions(settings, areSeveral ? '' : file, found, problems);
  }
  return { config: mergedConfig(config, policiesConfig(settings.policies)), problems };
}

/** Returns a configuration with the tables of another one, of which no entry is in both. */
function mergedConfig(one: PartialConfig, other: PartialConfig): PartialConfig {
  const tables = Object.entries(other).map(([table, entries]) => {
    const own = one[table as keyof PartialConfig];
    return [table, { ...(own as object | undefined), ...(entries as object) }] as const;
  });
  return { ...one, ...Object.fromEntries(tables) };
}

/** Returns how fast records arrive, whatever the source. */
function arrivals({ rate, burst }: Settings, problems: Problem[]): DeepPartial<Generator> {
  // Omit the default burst.
  const generator: DeepPartial<Generator> & { burst?: number } = {};
  for (const [path, value] of [
    ['generator.rate_limit', rate],
    ['generator.burst', burst],
  ] as const) {
    const { description, accepts } = numberConstraint(path);
    if (value !== null && !accepts(value)) {
      problems.push({ path, text: `is ${value}; it must be ${description}` });
    }
  }
  if (rate !== null && rate >= 0) generator.rate_limit = rate;
  if (burst !== null && burst !== SETTINGS['generator.burst'].default) generator.burst = burst;
  return generator;
}

function inputOptions(
  settings: Settings,
  file: string,
  found: string | null,
  problems: Problem[],
): NonNullable<PartialConfig['input']> {
  const format = settings.format === 'auto' ? formatOf(file) : settings.format;
  // A mapping left over from a table does no harm to JSON Lines.
  const encoding = settings.encoding === 'auto' ? {} : { encoding: settings.encoding };
  if (format === 'jsonl') return { format, ...encoding };
  const { map, problems: wrong } = parseMapping(settings.mapping);
  problems.push(...wrong.map((text) => ({ path: 'input.map', text })));
  // TSV always has tabs, and the comma is the default.
  const delimiter = format === 'tsv' ? undefined : settings.delimiter || found || undefined;
  return {
    format,
    ...encoding,
    map,
    ...(delimiter !== undefined && delimiter !== ',' && { delimiter }),
  };
}
