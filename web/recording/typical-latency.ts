import { KIND } from './events';
import type { Recording } from './recording';

/** How many events to look at, and how many records are enough. */
const [MAX_EVENTS, ENOUGH] = [20_000, 100];

/**
 * Returns how many nanoseconds a record takes from being produced to being counted: the mean of some records in the
 * middle of the log.
 */
export function typicalLatency(recording: Recording): number {
  const { log } = recording;
  const producedAt = new Map<number, number>();
  let [sum, count] = [0, 0];
  const middle = Math.floor((log.begin + log.end) / 2);
  const first = Math.max(log.begin, middle - MAX_EVENTS / 2);
  const behind = Math.min(log.end, middle + MAX_EVENTS);
  for (let index = first; index < behind && count < ENOUGH; index += 1) {
    const kind = log.kind(index);
    if (kind === KIND.produced) producedAt.set(log.record(index), log.time(index));
    const produced = kind === KIND.counted ? producedAt.get(log.record(index)) : undefined;
    if (produced === undefined) continue;
    sum += log.time(index) - produced;
    count += 1;
  }
  return count > 0 ? sum / count : recording.duration;
}
