// Which settings act at once while a run goes on; all others act at the next run.

import type { Config } from '../engine/generated/Config';
import type { PartialConfig } from '../engine/partial';
import { toConfig } from './config';
import { SERVED_STAGES, each } from './parts';
import type { Settings } from './settings';

/** Paths in the configuration. */
export const LIVE_PATHS: readonly string[] = [
  'workers',
  'validator.workers',
  'transformer.workers',
  'generator.rate_limit',
  'generator.burst',
  ...SERVED_STAGES.flatMap((stage) => [`service.${stage}.wait`, `service.${stage}.compute`]),
];

export function isLive(path: string): boolean {
  return LIVE_PATHS.includes(path);
}

/** What a run that goes on has to be told: complete, so that what was taken back has its default again. */
export function liveConfig(settings: Settings): PartialConfig {
  const { config } = toConfig({ ...settings, source: 'generator' }, null);
  const { workers, validator, transformer, generator, service } = config;
  const burst = settings.burst ?? 1;
  return {
    workers,
    validator: { workers: validator?.workers },
    transformer: { workers: transformer?.workers },
    generator: { rate_limit: generator?.rate_limit ?? 0, ...(burst !== 1 && { burst }) },
    service: each(SERVED_STAGES, (stage) => ({
      wait: service?.[stage]?.wait ?? 'off',
      compute: service?.[stage]?.compute ?? 'off',
    })),
  };
}

/** Whether they are the same setting by setting; both have their properties in the same order. */
export function same(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A configuration without what acts at once: what is set back then has its default again. */
export function withoutLive(config: Config): Config {
  const off = () => ({ wait: 'off', compute: 'off' });
  return {
    ...config,
    workers: 3,
    validator: { ...config.validator, workers: null },
    transformer: { ...config.transformer, workers: null },
    generator: { ...config.generator, rate_limit: 0, burst: 1 },
    service: each(SERVED_STAGES, off),
  };
}

/** When a change acts; told only where it matters, while a run goes on. */
export function whenOf(isRunning: boolean, path: string): string | undefined {
  if (!isRunning) return undefined;
  return isLive(path) ? 'at once' : 'at the next run';
}
