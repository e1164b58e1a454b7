// The parts of the pipeline with settings of their own, in the order of the specification.

import type { ChannelId } from '../engine/generated/ChannelId';
import type { Channels } from '../engine/generated/Channels';
import type { Service } from '../engine/generated/Service';

/** The stages that can have a service time. The fan-out only passes records on. */
export const SERVED_STAGES = [
  'producer',
  'validator',
  'transformer',
  'loader',
  'error_handler',
  'metrics_collector',
] as const satisfies readonly (keyof Service)[];

export type ServedStage = (typeof SERVED_STAGES)[number];

export { STAGE_NAMES } from '../recording/events';

/** The names of channels in the configuration. */
export const CHANNELS = [
  'data',
  'valid',
  'processed',
  'error',
  'loader',
  'error_handler',
  'metrics',
] as const satisfies readonly (keyof Channels)[];

export type Channel = (typeof CHANNELS)[number];

/** The names of channels in the specification. */
export const CHANNEL_NAMES: Readonly<Record<Channel, ChannelId>> = {
  data: 'dataCh',
  valid: 'validCh',
  processed: 'processedCh',
  error: 'errorCh',
  loader: 'loaderCh',
  error_handler: 'errorHandlerCh',
  metrics: 'metricsCh',
};

/** Returns the name of a channel in the configuration. */
export function settingOf(channel: ChannelId): Channel {
  return CHANNELS.find((name) => CHANNEL_NAMES[name] === channel) ?? 'data';
}

/** Builds a record with a value for each key. */
export function each<K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>;
}
