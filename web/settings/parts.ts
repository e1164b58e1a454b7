// The parts of the pipeline with settings of their own, in the order of the specification.

import type { ChannelId } from '../engine/generated/ChannelId';
import type { Channels } from '../engine/generated/Channels';
import type { Service } from '../engine/generated/Service';
import { CHANNEL_SETTINGS } from '../engine/generated/topology';

export { SERVED_STAGES } from '../engine/generated/topology';

/** A stage that can have a service time. The fan-out only passes records on. */
export type ServedStage = keyof Service;

export { STAGE_NAMES } from '../recording/events';

export type Channel = Exclude<keyof Channels, 'capacity'>;

/** The names of channels in the configuration. */
export const CHANNELS: readonly Channel[] = Object.values(CHANNEL_SETTINGS);

/** The names of channels in the specification. */
export const CHANNEL_NAMES = Object.fromEntries(
  Object.entries(CHANNEL_SETTINGS).map(([channel, setting]) => [setting, channel]),
) as Readonly<Record<Channel, ChannelId>>;

/** Builds a record with a value for each key. */
export function each<K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>;
}
