// In how many of the engine's measurements a channel had no room.

import type { Recording } from '../recording/recording';
import type { Saturation } from './bottleneck';
import type { TimeWindow } from './series';

/** No room: what travels together at most would not fit in any more. */
export function saturationOf(recording: Recording, { from, to }: TimeWindow): Saturation {
  const within = recording.snapshots.filter(({ time }) => time > from && time <= to);
  const saturation: Saturation = {};
  for (const { metrics } of within) {
    for (const { channel, depth, capacity } of metrics.channels) {
      const isFull = depth + Math.min(metrics.batch, capacity) > capacity;
      const found = (saturation[channel] ??= { share: 0, measurements: within.length });
      if (isFull) found.share += 1 / within.length;
    }
  }
  return saturation;
}
