// The figures of a run at the time on screen, whether it goes on, is replayed or was recorded elsewhere.

import type { Recording } from '../recording/recording';
import { flowAt } from './flow';
import { isComplete, ledgerOf } from './ledger';

export interface Figures {
  produced: number;
  processed: number;
  failed: number;
  failedByStatus: { invalid: number; transformation_error: number };
  anomalies: number;
  /** Records finished per second: lately, or over the whole run at its end. */
  rate: number;
  /** What the rate is about, in nanoseconds. */
  window: number;
  /** Whether each record was counted. Otherwise each traced one stands for those that weren't. */
  isExact: boolean;
}

/** A rate is that of so many records, within these limits in nanoseconds. */
const RECORDS = 40;
const [SHORTEST, LONGEST] = [1e9, 4e9];

/** Returns null if nothing is known of that time. */
export function figuresAt(recording: Recording, time: number): Figures | null {
  const isEnd = recording.isOverAt(time);
  const counts =
    (isEnd ? measured(recording, time) : null) ??
    counted(recording, time) ??
    measured(recording, time);
  if (!counts) return null;
  return { ...counts, ...rateAt(recording, time, isEnd, counts) };
}

type Counts = Omit<Figures, 'rate' | 'window'>;

/** From the events: exactly, if every record is traced, and otherwise only if there are no measurements. */
function counted(recording: Recording, time: number): Counts | null {
  const ledger = ledgerOf(recording);
  const isExact = isComplete(recording, 0, time);
  const isUnread = ledger.end < recording.log.end && time > ledger.time;
  if (ledger.end === 0 || ledger.missed > 0 || isUnread) return null;
  if (!isExact && recording.snapshots.length > 0) return null;
  const totals = ledger.at(time);
  const invalid = Math.floor(totals.finished('invalid'));
  const error = Math.floor(totals.finished('transformation_error'));
  return {
    produced: Math.floor(totals.produced),
    processed: Math.floor(totals.finished('processed')),
    failed: invalid + error,
    failedByStatus: { invalid, transformation_error: error },
    anomalies: Math.floor(totals.anomalies),
    isExact,
  };
}

function measured(recording: Recording, time: number): Counts | null {
  const metrics = recording.measuredAt(time)?.metrics;
  if (!metrics) return null;
  return {
    produced: metrics.produced,
    processed: metrics.processed,
    failed: metrics.failed,
    failedByStatus: metrics.failed_by_status,
    anomalies: metrics.anomalies,
    isExact: true,
  };
}

function rateAt(
  recording: Recording,
  time: number,
  isEnd: boolean,
  { processed, failed }: Counts,
): Pick<Figures, 'rate' | 'window'> {
  const finished = processed + failed;
  const end = Math.min(time, recording.duration);
  const whole = { rate: end > 0 ? (finished / end) * 1e9 : 0, window: end };
  if (isEnd) return whole;
  for (let length = SHORTEST; length < end; length *= 2) {
    const before = flowAt(recording, end - length) ?? measuredFinished(recording, end - length);
    if (!before) return whole;
    const records = finished - Math.floor(before.finished);
    if (records >= RECORDS || length >= LONGEST) {
      return { rate: Math.max(0, records / length) * 1e9, window: length };
    }
  }
  return whole;
}

function measuredFinished(recording: Recording, time: number): { finished: number } | null {
  const metrics = recording.snapshotAt(time)?.metrics;
  return metrics ? { finished: metrics.processed + metrics.failed } : null;
}
