// The capacity of channels. The engine reports it: its metrics have it, and so does what it reads of an event log. What
// is derived here is for the picture before that; `tests/vectors/capacities.json` tests both.

import type { Config } from '../engine/generated/Config';
import {
  BATCHES_PER_CHANNEL,
  CHANNEL_SETTINGS,
  DEFAULT_CAPACITY,
  MAX_AUTO_BATCH,
  UNBOUNDED,
} from '../engine/generated/topology';
import type { Recording } from '../recording/recording';
import { gaugeOf } from '../recording/worker-aggregate';
import type { Channel } from '../settings/parts';
import { hasService } from './service';

/** Returns the default capacity of channels for a batch size. */
function capacityFor(batch: number): number {
  return batch > DEFAULT_CAPACITY ? BATCHES_PER_CHANNEL * batch : DEFAULT_CAPACITY;
}

/** Returns the setting of the capacity of a channel, by its id; undefined if it has none of its own. */
export function settingOfId(channel: string): Channel | undefined {
  const own = Object.entries(CHANNEL_SETTINGS).find(([id]) => id === channel);
  return own?.[1];
}

/** Returns the capacity of a channel, by its id, as it follows from the configuration. */
export function configuredCapacity(config: Config, channel: string): number {
  if (config.faults.unbounded_channel && channel === 'dataCh') return UNBOUNDED;
  const own = settingOfId(channel);
  const given = (own && config.channels[own]) ?? config.channels.capacity ?? null;
  if (given !== null) return given;
  const isFew = config.input.file === null && config.records <= MAX_AUTO_BATCH;
  const auto = isFew || hasService(config) ? 1 : MAX_AUTO_BATCH;
  return capacityFor(config.batch === 'auto' ? auto : Number(config.batch));
}

/** Returns the capacity of a channel, by its id, as reported, or else as configured. */
export function capacityAt(recording: Recording, channel: string, time: number): number {
  const snapshot = recording.snapshotAt(time) ?? recording.snapshots[0];
  const reported = gaugeOf(snapshot?.metrics, channel)?.capacity ?? recording.capacities[channel];
  return reported ?? configuredCapacity(recording.config, channel);
}
