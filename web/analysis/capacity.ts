// How many records a channel holds at most, and which setting says so.

import type { ChannelId } from '../engine/generated/ChannelId';
import type { Config } from '../engine/generated/Config';
import { CHANNELS } from '../recording/events';
import type { Recording } from '../recording/recording';
import { hasService } from './service';

export const CHANNEL_SETTINGS = {
  dataCh: 'data',
  validCh: 'valid',
  processedCh: 'processed',
  errorCh: 'error',
  loaderCh: 'loader',
  errorHandlerCh: 'error_handler',
  metricsCh: 'metrics',
} as const satisfies Record<ChannelId, keyof Config['channels']>;

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
  const given = (id && config.channels[CHANNEL_SETTINGS[id]]) ?? config.channels.capacity ?? null;
  if (given !== null) return given;
  const isFile = recording.snapshots.length === 0 && config.input.file !== null;
  const isSmall = hasService(config) || (!isFile && config.records <= LARGEST_AUTO);
  const batch = config.batch === 'auto' ? (isSmall ? 1 : LARGEST_AUTO) : Number(config.batch);
  return capacityFor(batch);
}
