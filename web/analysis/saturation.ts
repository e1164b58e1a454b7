// How often a channel was full, according to the engine's measurements.

import type { Recording } from '../recording/recording';
import type { Saturation } from './bottleneck';
import type { TimeWindow } from './series';

/** A channel counts as full if another batch of the current size wouldn't fit. */
export function saturationOf(recording: Recording, { from, to }: TimeWindow): Saturation {
  const within = recording.snapshots.filter(({ time }) => time > from && time <= to);
  const saturation = new Map<string, { share: number; measurements: number }>();
  for (const { metrics } of within) {
    for (const { channel, depth, capacity } of metrics.channels) {
      const isFull = depth + Math.min(metrics.batch, capacity) > capacity;
      const found = saturation.get(channel) ?? { share: 0, measurements: within.length };
      saturation.set(channel, found);
      if (isFull) found.share += 1 / within.length;
    }
  }
  return saturation;
}
