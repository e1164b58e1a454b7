// The figures of a run that was recorded elsewhere, as far as its event log has them.

import type { Metrics } from '../engine/generated/Metrics';
import type { Recording } from '../recording/recording';
import { isComplete, ledgerOf } from './ledger';
import { metricsFromEvents } from './metrics-from-events';

export interface LoggedFigures {
  /** Without the sum of the values and sizes, which aren't in a log. */
  metrics: Metrics;
  /** Whether every record was traced. Otherwise each traced record counts for those that weren't. */
  isExact: boolean;
}

/** Returns null if the beginning of the log is missing, or if it hasn't been read to its end yet. */
export function loggedFigures(recording: Recording): LoggedFigures | null {
  const { log, duration } = recording;
  if (log.length === 0 || log.begin > 0 || ledgerOf(recording).end < log.end) return null;
  return {
    metrics: metricsFromEvents(recording, duration),
    isExact: isComplete(recording, 0, duration),
  };
}
