// How many records were produced, were finished, and are in each channel, at any time of a run: from the events if every
// record is traced, and otherwise from the engine's measurements.

import type { Recording } from '../recording/recording';
import { gaugeOf } from '../recording/worker-aggregate';
import { isComplete, ledgerOf } from './ledger';

export interface Flow {
  /** Nanoseconds of the run. */
  time: number;
  produced: number;
  finished: number;
  /** The depth of each channel, by node. */
  depths: ReadonlyMap<number, number>;
}

/** Between measurements further apart than this, in nanoseconds, nothing is interpolated. */
const MAX_GAP = 1.5e9;

/** Returns null if nothing is known of that time. */
export function flowAt(recording: Recording, time: number): Flow | null {
  return counted(recording, time) ?? measured(recording, time);
}

function counted(recording: Recording, time: number): Flow | null {
  const ledger = ledgerOf(recording);
  const isUnread = ledger.end < recording.log.end && time > ledger.time;
  if (ledger.end === 0 || isUnread || !isComplete(recording, 0, time)) return null;
  const totals = ledger.at(time);
  return {
    time,
    produced: totals.produced,
    finished:
      totals.finished('processed') +
      totals.finished('invalid') +
      totals.finished('transformation_error'),
    depths: new Map(
      recording.topology.channels.map(({ node }) => {
        const { arrived, departed } = totals.channel(node);
        return [node, Math.max(0, arrived - departed)];
      }),
    ),
  };
}

function measured(recording: Recording, time: number): Flow | null {
  const before = recording.snapshotAt(time);
  if (!before) return null;
  const after = before.time === time ? before : recording.snapshotAfter(time);
  if (!after || after.time - before.time > MAX_GAP) return null;
  const share = after === before ? 0 : (time - before.time) / (after.time - before.time);
  const between = (from: number, to: number) => from + share * (to - from);
  const finished = ({ metrics }: typeof before) => metrics.processed + metrics.failed;
  return {
    time,
    produced: between(before.metrics.produced, after.metrics.produced),
    finished: between(finished(before), finished(after)),
    depths: new Map(
      recording.topology.channels.map(({ node, id }) => {
        const depth = ({ metrics }: typeof before) => gaugeOf(metrics, id)?.depth ?? 0;
        return [node, between(depth(before), depth(after))];
      }),
    ),
  };
}

/** Returns evenly spaced moments, without those of which nothing is known. */
export function flowsBetween(
  recording: Recording,
  from: number,
  to: number,
  count: number,
): Flow[] {
  if (to <= from) return [];
  return Array.from({ length: count + 1 }, (_, at) =>
    flowAt(recording, from + ((to - from) * at) / count),
  ).filter((flow) => flow !== null);
}
