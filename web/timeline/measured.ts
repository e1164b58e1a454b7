// What the engine's measurements say where events don't say everything: not every record is traced, or the log has
// dropped its oldest events. A value holds from the measurement before until its own.

import type { Metrics } from '../engine/generated/Metrics';
import type { Recording } from '../recording/recording';
import { gaugeOf } from '../recording/worker-aggregate';

/** Returns the range of indexes of snapshots that say something about a time span, end exclusive. */
export function snapshotsWithin(
  { snapshots }: Recording,
  from: number,
  to: number,
): [number, number] {
  const after = (time: number) => {
    let low = 0;
    let high = snapshots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((snapshots[middle]?.time ?? 0) > time) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return [after(from), Math.min(snapshots.length, after(to) + 1)];
}

/** The shares of time that workers were busy, ready and blocked. The rest they waited. */
export type MeasuredShares = [busy: number, ready: number, blocked: number];

/**
 * Returns how a worker, or all workers of a stage, spent the time between two measurements; null if nothing is known.
 *
 * @param stage the id of the stage
 * @param before undefined for the beginning of the run
 */
export function measuredShares(
  now: Metrics,
  before: Metrics | undefined,
  stage: string,
  worker: number | null,
): MeasuredShares | null {
  const at = now.stages.findIndex((other) => other.stage === stage);
  const workers = now.stages[at]?.workers;
  if (!workers) return null;
  const earlier = before?.stages[at]?.workers;
  const seconds = now.elapsed_seconds - (before?.elapsed_seconds ?? 0);
  if (seconds <= 0) return null;
  const shares: MeasuredShares = [0, 0, 0];
  const [first, behind] = worker === null ? [0, workers.length] : [worker, worker + 1];
  let count = 0;
  for (let index = first; index < behind; index += 1) {
    const one = workers[index];
    if (!one || (one.state === null && now.stages.some(({ workers }) => workers[0]?.state)))
      continue;
    const other = earlier?.[index];
    count += 'count' in one && typeof one.count === 'number' ? one.count : 1;
    shares[0] += Math.max(0, one.busy_seconds - (other?.busy_seconds ?? 0));
    shares[1] += Math.max(0, one.ready_seconds - (other?.ready_seconds ?? 0));
    shares[2] += Math.max(0, one.blocked_seconds - (other?.blocked_seconds ?? 0));
  }
  if (count === 0) return null;
  const sum = shares[0] + shares[1] + shares[2];
  // The clocks of workers aren't read at the same instant, so the sum may be slightly over.
  const whole = Math.max(seconds * count, sum);
  return [shares[0] / whole, shares[1] / whole, shares[2] / whole];
}

/** Returns the depth of a channel at a time as it was measured last; null if it wasn't. */
export function measuredDepth(
  recording: Recording,
  channel: string,
  time: number,
): { depth: number; capacity: number } | null {
  const gauge = gaugeOf(recording.snapshotAt(time)?.metrics, channel);
  return gauge ? { depth: gauge.depth, capacity: gauge.capacity } : null;
}

/** How many records had been processed or failed. */
export const finishedBy = ({ processed, failed }: Metrics): number => processed + failed;
