// Which settings can change during a run. All others apply to the next run.

import type { Config } from '../engine/generated/Config';
import type { PartialConfig } from '../engine/partial';
import { toConfig } from './config';
import { SERVED_STAGES, each } from './parts';
import { ALL, SETTINGS } from './registry';
import type { Settings } from './settings';

const BURST = SETTINGS['generator.burst'].default;

/** Paths in the configuration. */
export const LIVE_PATHS: readonly string[] = ALL.filter(([, { live }]) => live).map(
  ([path]) => path,
);

export function isLive(path: string): boolean {
  return LIVE_PATHS.includes(path);
}

/**
 * Returns what to send to a running pipeline. It is complete, so that a setting that was cleared gets its default back.
 */
export function liveConfig(settings: Settings): PartialConfig {
  const { config } = toConfig({ ...settings, source: 'generator' }, null);
  const { workers, validator, transformer, generator, service, locks } = config;
  const burst = settings.burst ?? BURST;
  return {
    workers,
    validator: { workers: validator?.workers },
    transformer: { workers: transformer?.workers },
    generator: { rate_limit: generator?.rate_limit ?? 0, ...(burst !== BURST && { burst }) },
    service: each(SERVED_STAGES, (stage) => ({
      wait: service?.[stage]?.wait ?? 'off',
      compute: service?.[stage]?.compute ?? 'off',
    })),
    locks: { validator: locks?.validator ?? 'off', transformer: locks?.transformer ?? 'off' },
  };
}

/** Returns settings with the live ones of others. */
export function withLiveOf(settings: Settings, others: Settings): Settings {
  const { workers, validators, transformers, rate, burst, service } = others;
  const locks = {
    'locks.validator': others.policies['locks.validator'],
    'locks.transformer': others.policies['locks.transformer'],
  };
  const policies = { ...settings.policies, ...locks };
  return { ...settings, workers, validators, transformers, rate, burst, service, policies };
}

/** Whether two objects are equal, given the same order of properties. */
export function same(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Returns a configuration without live settings, so that cleared ones get their defaults back. */
export function withoutLive(config: Config): Config {
  const off = () => ({ wait: 'off', compute: 'off' });
  return {
    ...config,
    workers: SETTINGS.workers.default,
    validator: { ...config.validator, workers: null },
    transformer: { ...config.transformer, workers: null },
    generator: {
      ...config.generator,
      rate_limit: SETTINGS['generator.rate_limit'].default,
      burst: BURST,
    },
    service: each(SERVED_STAGES, off),
    locks: { validator: 'off', transformer: 'off' },
  };
}

/** Returns when a change takes effect; undefined if there is no run. */
export function whenOf(isRunning: boolean, path: string): string | undefined {
  if (!isRunning) return undefined;
  return isLive(path) ? 'at once' : 'at the next run';
}
