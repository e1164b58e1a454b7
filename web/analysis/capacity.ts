// How many records a channel holds at most, and which setting says so.

import type { ChannelId } from '../engine/generated/ChannelId';
import type { Config } from '../engine/generated/Config';
import { CHANNELS } from '../recording/events';
import type { Recording } from '../recording/recording';

export const CHANNEL_SETTINGS = {
  dataCh: 'data',
  validCh: 'valid',
  processedCh: 'processed',
  errorCh: 'error',
  loaderCh: 'loader',
  errorHandlerCh: 'error_handler',
  metricsCh: 'metrics',
} as const satisfies Record<ChannelId, keyof Config['channels']>;

const DEFAULT = 100;

/** As it was measured, or else as the configuration has it. Large batches, too, make larger channels: null. */
export function capacityAt(recording: Recording, channel: number, time: number): number | null {
  const { config } = recording;
  const snapshot = recording.snapshotAt(time) ?? recording.snapshots[0];
  const measured = snapshot?.metrics.channels[channel]?.capacity;
  if (measured !== undefined) return measured;
  const id = CHANNELS[channel];
  const given = (id && config.channels[CHANNEL_SETTINGS[id]]) ?? config.channels.capacity;
  return given ?? (Number(config.batch) <= DEFAULT ? DEFAULT : null);
}
