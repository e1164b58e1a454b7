// How workers have spent their time up to a moment: lately, and since the run began.

import type { Metrics } from '../engine/generated/Metrics';
import type { Recording } from '../recording/recording';
import { isComplete, ledgerOf } from './ledger';
import { metricsFromEvents } from './metrics-from-events';
import { sharesBetween } from './time-shares';
import type { TimeShares } from './time-shares';

export interface SharesAt {
  lately: TimeShares | null;
  overall: TimeShares | null;
}

/** What counts as lately, in nanoseconds. */
export const LATELY = 2e9;

/**
 * @param stage the number of its node
 * @param worker one of them; all if missing
 */
export function sharesAt(
  recording: Recording,
  time: number,
  stage: number,
  worker?: number,
): SharesAt {
  const id = recording.topology.idOf(stage);
  const now = metricsAt(recording, time);
  const before = time > LATELY ? metricsAt(recording, time - LATELY) : undefined;
  if (!now) return { lately: null, overall: null };
  return {
    lately: sharesBetween(id, now, before ?? undefined, worker),
    overall: sharesBetween(id, now, undefined, worker),
  };
}

/** From the last measurement, or else from the events if every record is traced. */
function metricsAt(recording: Recording, time: number): Metrics | null {
  const measured = recording.snapshotAt(time)?.metrics;
  if (measured) return measured;
  if (ledgerOf(recording).end === 0 || !isComplete(recording, 0, time)) return null;
  return metricsFromEvents(recording, time);
}
