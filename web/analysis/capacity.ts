// How many records a channel holds at most.

import { CHANNELS } from '../recording/events';
import type { Recording } from '../recording/recording';
import { settingOf } from '../settings/parts';
import { hasService } from './service';

/** Of a channel, where nothing else is set and batches are no larger. */
export const DEFAULT_CAPACITY = 100;

/** The most records that `auto` lets travel together; it stays at one for no more than so many, and for service times. */
export const LARGEST_AUTO = 1024;

/** The capacity that channels have by default, where so many records travel together. */
export function capacityFor(batch: number): number {
  return batch > DEFAULT_CAPACITY ? 4 * batch : DEFAULT_CAPACITY;
}

/** As it was measured, or else as the configuration has it: large batches, too, make larger channels. */
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
