// The settings that a configuration corresponds to: the inverse of config.ts, for event logs, which contain theirs.

import type { Config } from '../engine/generated/Config';
import { DEFAULT_CONFIG } from '../engine/generated/defaults';
import { withDefaults } from '../recording/merge';
import { thresholdFor, toConfig } from './config';
import { leavesOf } from './config-leaves';
import { CHANNELS, SERVED_STAGES, each } from './parts';
import { POLICY_PATHS, textOfPolicy } from './policies';
import type { Policies } from './policies';
import { referenceRun } from './settings';
import type { Settings } from './settings';

export interface FromConfig {
  settings: Settings;
  /** The paths of what the page has no control for, and what therefore isn't in the settings. */
  leftOut: string[];
}

/** Settings are compared up to the point where a run differs: not where its files are, and not how it is traced. */
const IGNORED = /^(trace|input|output|out)\b/;

/** Returns the settings with which the page would run a configuration. */
export function fromConfig(config: Config): FromConfig {
  const { runtime, generator, channels } = config;
  const usual = referenceRun();
  const isFile = config.input.file !== null;
  const isFixed = config.clock.startsWith('fixed:');
  const settings: Settings = {
    ...usual,
    source: isFile ? 'file' : 'generator',
    records: config.records,
    seed: config.seed,
    rate: generator.rate_limit,
    burst: generator.burst,
    invalidValue: generator.invalid_value,
    invalidUnit: generator.invalid_unit,
    anomalies: anomaliesOf(config.transformer.threshold) ?? usual.anomalies,
    ...(isFile && {
      ...{ format: config.input.format, encoding: config.input.encoding },
      delimiter: config.input.delimiter ?? '',
      mapping: Object.entries(config.input.map)
        .map(([field, origin]) => `${field}=${origin}`)
        .join('\n'),
    }),
    workers: config.workers,
    validators: config.validator.workers ?? null,
    transformers: config.transformer.workers ?? null,
    buffer: channels.capacity ?? null,
    buffers: each(CHANNELS, (channel) => channels[channel] ?? null),
    batch: config.batch,
    window: config.window ?? null,
    runtime: runtime.kind,
    threads: runtime.threads ?? null,
    cores: runtime.cores,
    scheduleSeed: runtime.seed ?? null,
    ordered: config.ordered,
    clock: isFixed ? 'fixed' : 'system',
    fixedTime: isFixed ? config.clock.slice('fixed:'.length) : usual.fixedTime,
    service: each(SERVED_STAGES, (stage) => {
      const { wait, compute } = config.service[stage];
      return { wait, compute };
    }),
    policies: Object.fromEntries(
      POLICY_PATHS.map((path) => [path, textOfPolicy(valueAt(config, path))]),
    ) as Policies,
  };
  return { settings, leftOut: leftOutOf(config, settings) };
}

function valueAt(config: Config, path: string): unknown {
  const [table = '', name = ''] = path.split('.');
  return (config[table as keyof Config] as Record<string, unknown>)[name];
}

/** Returns the percentage of anomalies at a threshold; null if there is none with exactly this threshold. */
function anomaliesOf(threshold: number): number | null {
  const percent = Number((100 - 10 * threshold).toFixed(9));
  return percent >= 0 && percent <= 100 && thresholdFor(percent) === threshold ? percent : null;
}

/** Returns the paths at which a run with the settings would have another configuration. */
function leftOutOf(config: Config, settings: Settings): string[] {
  const { config: own } = toConfig({ ...settings, source: 'generator' }, null);
  const made = leavesOf(withDefaults(own, DEFAULT_CONFIG));
  const given = leavesOf(config);
  return [...given]
    .filter(([path, value]) => !IGNORED.test(path) && made.get(path) !== value)
    .map(([path]) => path);
}
