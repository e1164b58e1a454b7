// The capacity of channels.

import { CHANNEL_SETTINGS } from '../engine/generated/topology';
import type { Recording } from '../recording/recording';
import { gaugeOf } from '../recording/worker-aggregate';
import type { Channel } from '../settings/parts';
import { hasService } from './service';

/** The default capacity, unless batches are larger. */
export const DEFAULT_CAPACITY = 100;

/** The largest batch that `auto` grows to. It stays at one for up to this many records, and with service times. */
export const MAX_AUTO = 1024;

/** Returns the default capacity of channels for a batch size. */
export function capacityFor(batch: number): number {
  return batch > DEFAULT_CAPACITY ? 4 * batch : DEFAULT_CAPACITY;
}

/** Returns the setting of the capacity of a channel, by its id; undefined if it has none of its own. */
export function settingOfId(channel: string): Channel | undefined {
  const own = Object.entries(CHANNEL_SETTINGS).find(([id]) => id === channel);
  return own?.[1];
}

/** Returns the capacity of a channel, by its id, as measured, or else as configured; large batches also make channels larger. */
export function capacityAt(recording: Recording, channel: string, time: number): number {
  const { config } = recording;
  const snapshot = recording.snapshotAt(time) ?? recording.snapshots[0];
  const measured = gaugeOf(snapshot?.metrics, channel)?.capacity;
  if (measured !== undefined) return measured;
  const own = settingOfId(channel);
  const given = (own && config.channels[own]) ?? config.channels.capacity ?? null;
  if (given !== null) return given;
  const isFile = recording.snapshots.length === 0 && config.input.file !== null;
  const isSmall = hasService(config) || (!isFile && config.records <= MAX_AUTO);
  const batch = config.batch === 'auto' ? (isSmall ? 1 : MAX_AUTO) : Number(config.batch);
  return capacityFor(batch);
}
