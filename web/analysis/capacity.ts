// The capacity of channels.

import { CHANNELS } from '../recording/events';
import type { Recording } from '../recording/recording';
import { settingOf } from '../settings/parts';
import { hasService } from './service';

/** The default capacity, unless batches are larger. */
export const DEFAULT_CAPACITY = 100;

/** The largest batch that `auto` grows to. It stays at one for up to this many records, and with service times. */
export const LARGEST_AUTO = 1024;

/** Returns the default capacity of channels for a batch size. */
export function capacityFor(batch: number): number {
  return batch > DEFAULT_CAPACITY ? 4 * batch : DEFAULT_CAPACITY;
}

/** Returns the capacity as measured, or else as configured; large batches also make channels larger. */
export function capacityAt(recording: Recording, channel: number, time: number): number | null {
  const { config } = recording;
  const snapshot = recording.snapshotAt(time) ?? recording.snapshots[0];
  const measured = snapshot?.metrics.channels[channel]?.capacity;
  if (measured !== undefined) return measured;
  const id = CHANNELS[channel];
  const given = (id && config.channels[settingOf(id)]) ?? config.channels.capacity ?? null;
  if (given !== null) return given;
  const isFile = recording.snapshots.length === 0 && config.input.file !== null;
  const isSmall = hasService(config) || (!isFile && config.records <= LARGEST_AUTO);
  const batch = config.batch === 'auto' ? (isSmall ? 1 : LARGEST_AUTO) : Number(config.batch);
  return capacityFor(batch);
}
