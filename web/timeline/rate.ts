// Records per second over time: how many have ended in the time before, all told.

import type { TimelineData } from './timeline-data';
import { finishedBy } from './measured';

/**
 * Returns the records that ended per second in the `length` nanoseconds before a time; null if that isn't known. At the
 * beginning of a run, or of what is known of it, it is over the time since then.
 */
export function rateAt(data: TimelineData, time: number, length: number): number | null {
  const { log } = data.recording;
  const from = Math.max(log.begin > 0 ? log.firstTime : 0, time - length);
  if (time <= from) return null;
  if (data.isExactAt(from) && data.isExactAt(time) && time <= data.readUntil) {
    return (data.ends.between(from, time) / (time - from)) * 1e9;
  }
  const { recording } = data;
  const now = recording.snapshotAt(time);
  if (now) {
    const before = recording.snapshotAt(Math.max(0, now.time - length));
    const seconds = (now.time - (before?.time ?? 0)) / 1e9;
    const records = finishedBy(now.metrics) - (before ? finishedBy(before.metrics) : 0);
    return seconds > 0 ? Math.max(0, records) / seconds : null;
  }
  if (recording.snapshots.length > 0 || time < data.exactFrom) return null;
  // Each traced record stands for those between it and the next one.
  return ((data.ends.between(from, time) * recording.sampleAt(time)) / (time - from)) * 1e9;
}

/** Records per second that somebody has bet on. */
export interface RateBet {
  rate: number;
  label: string;
  /** Whether it is the bet, and not another answer. */
  isChosen: boolean;
}

/** The length of time over which records per second are counted, in divisions. */
export const RATE_DIVISIONS = 2;

/** Returns the largest rate on a scale of 1, 2 or 5 times a power of ten that holds a value. */
export function scaleFor(most: number): number {
  if (!(most > 0)) return 1;
  const decade = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 5, 10].find((digit) => digit * decade >= most) ?? 10) * decade;
}
