// In how many of the engine's measurements a channel had no room.

import type { Recording } from '../recording/recording';
import type { Fullness } from './bottleneck';
import type { Window } from './series';

/** No room: what travels together at most would not fit in any more. */
export function fullnessOf(recording: Recording, { from, to }: Window): Fullness {
  const within = recording.snapshots.filter(({ time }) => time > from && time <= to);
  const fullness: Fullness = {};
  for (const { metrics } of within) {
    for (const { channel, depth, capacity } of metrics.channels) {
      const isFull = depth + Math.min(metrics.batch, capacity) > capacity;
      const found = (fullness[channel] ??= { share: 0, measurements: within.length });
      if (isFull) found.share += 1 / within.length;
    }
  }
  return fullness;
}
