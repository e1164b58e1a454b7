// Time series of a run, for charts and tables.
//
// The engine's measurements cover all records, but short runs have few, and a virtual run of hours may have two. If
// there are too few, or none as in a recorded file, the values are derived from the events.

import type { Metrics } from '../engine/generated/Metrics';
import type { Recording, Snapshot } from '../recording/recording';
import { gaugeOf } from '../recording/worker-aggregate';
import type { Outcome } from './completions';
import { distribution } from './latency';
import { isComplete, ledgerOf } from './ledger';
import type { Totals } from './ledger';
import { sharesBetween } from './time-shares';
import { WORKER_STATES } from './worker-state-machine';
import type { WorkerState } from '../engine/generated/WorkerState';

/** In nanoseconds since the run began. */
export interface TimeWindow {
  from: number;
  to: number;
}

/** `measured`: by the engine. `events`: every record was traced. `sample`: estimated from some records. */
export type Origin = 'measured' | 'events' | 'sample';

export interface Line {
  label: string;
  /** One for each time; null if unknown. */
  values: (number | null)[];
}

export interface Chart {
  /** Seconds since the run began: the end of the interval that each value covers. */
  times: number[];
  lines: Line[];
  origin: Origin;
}

/** Fewer measurements than this make no chart. */
const FEW = 20;

/** How many points suffice for a line. */
const POINTS = 120;

/** With fewer records per point, a line would show chance rather than throughput. */
const RECORDS_A_POINT = 8;

const OUTCOME_LABELS: Readonly<Record<Outcome, string>> = {
  processed: 'processed',
  invalid: 'invalid',
  transformation_error: 'transformation errors',
};
const OUTCOMES = (Object.keys(OUTCOME_LABELS) as Outcome[]).map((outcome) => ({
  outcome,
  label: OUTCOME_LABELS[outcome],
}));

export const WORKER_STATE_NAMES: Readonly<Record<WorkerState, string>> = {
  busy: 'busy',
  ready: 'ready (no thread)',
  blocked: 'blocked',
  waiting: 'waiting',
};

/** Records per second, by outcome. */
export function throughput(
  recording: Recording,
  window: TimeWindow,
  points = enough(recording, window),
): Chart {
  const measured = measurements(recording, window, points);
  if (measured) {
    return chart(measured, 'measured', OUTCOMES, ({ outcome }, before, after) =>
      rate(
        finishedOf(after.metrics, outcome) - finishedOf(before.metrics, outcome),
        after.time - before.time,
      ),
    );
  }
  return chart(
    totalsAt(recording, window, points),
    originOf(recording, window),
    OUTCOMES,
    (line, before, after) =>
      rate(after.finished(line.outcome) - before.finished(line.outcome), after.time - before.time),
  );
}

/** The depth of each channel: at each measurement or, from events, the mean since the previous point. */
export function depths(recording: Recording, window: TimeWindow, points = POINTS): Chart {
  const { topology } = recording;
  const channels = topology.channels.map(({ node, id }) => ({
    label: topology.nameOf(node),
    ...{ node, id },
  }));
  const measured = measurements(recording, window, points);
  if (measured) {
    return chart(measured, 'measured', channels, (line, _, after) => {
      return gaugeOf(after.metrics, line.id)?.depth ?? null;
    });
  }
  return chart(
    totalsAt(recording, window, points),
    originOf(recording, window),
    channels,
    (line, before, after) => {
      const passed = after.time - before.time;
      const held = after.channel(line.node).depthIntegral - before.channel(line.node).depthIntegral;
      return passed > 0 ? Math.max(0, held / passed) : null;
    },
  );
}

/**
 * How the workers of a stage spent their time, as shares.
 *
 * @param stage the number of its node
 */
export function utilisation(
  recording: Recording,
  stage: number,
  window: TimeWindow,
  points = POINTS,
): Chart {
  const states = WORKER_STATES.map((state) => ({ label: WORKER_STATE_NAMES[state], state }));
  const measured = measurements(recording, window, points);
  if (measured) {
    // The four lines share one computation.
    const id = recording.topology.idOf(stage);
    const found = new Map(
      measured.map((after, at) => [
        after,
        sharesBetween(id, after.metrics, measured[at - 1]?.metrics),
      ]),
    );
    return chart(measured, 'measured', states, (line, _, after) => {
      return found.get(after)?.[line.state] ?? null;
    });
  }
  // What a worker does with untraced records is unknown: it would seem to wait.
  if (originOf(recording, window) === 'sample') return chart([], 'sample', states, () => null);
  return chart(
    totalsAt(recording, window, points),
    originOf(recording, window),
    states,
    (line, before, after) => {
      const spent = (state: WorkerState) =>
        after.timeIn(stage, state) - before.timeIn(stage, state);
      const all = WORKER_STATES.reduce((sum, state) => sum + spent(state), 0);
      return all > 0 ? spent(line.state) / all : null;
    },
  );
}

/** The latency of traced records, from produced to written and counted, in seconds. */
export function latency(
  recording: Recording,
  window: TimeWindow,
  points = enough(recording, window),
): Chart {
  const { completions } = ledgerOf(recording);
  const percentiles = [{ label: 'p50' }, { label: 'p90' }, { label: 'p99' }] as const;
  const edges = evenly(window, points);
  const found = edges
    .slice(1)
    .map((to, at) => distribution(completions.between(edges[at] as number, to)));
  return {
    times: edges.slice(1).map((time) => time / 1e9),
    lines: percentiles.map(({ label }) => ({
      label,
      values: found.map((values) => (values[label] === null ? null : values[label] / 1e9)),
    })),
    origin: originOf(recording, window),
  };
}

/** Returns how many points there are enough records for. */
function enough(recording: Recording, { from, to }: TimeWindow): number {
  const records = ledgerOf(recording).completions.between(from, to).length;
  return Math.min(POINTS, Math.max(10, Math.floor(records / RECORDS_A_POINT)));
}

/** Computes a value for each line from each pair of consecutive moments. */
function chart<Moment extends { time: number }, Described extends { label: string }>(
  moments: Moment[],
  origin: Origin,
  described: readonly Described[],
  value: (line: Described, before: Moment, after: Moment) => number | null,
): Chart {
  const pairs = moments.slice(1).map((after, at) => [moments[at] as Moment, after] as const);
  return {
    times: pairs.map(([, after]) => after.time / 1e9),
    lines: described.map((line) => ({
      label: line.label,
      values: pairs.map(([before, after]) => value(line, before, after)),
    })),
    origin,
  };
}

/** A measurement; without metrics, the beginning. */
interface Measured {
  time: number;
  metrics: Metrics | undefined;
}

/** Returns measurements in a window, about evenly spaced, or null if they are few and events say more. */
function measurements(
  recording: Recording,
  window: TimeWindow,
  points: number,
): (Snapshot & Measured)[] | null {
  const before = recording.snapshotAt(window.from);
  const within = recording.snapshots.filter(({ time }) => time > window.from && time <= window.to);
  if (within.length < FEW && recording.log.length > 0) return null;
  const all = before ? [before, ...within] : within;
  const step = (window.to - window.from) / points;
  const kept: Snapshot[] = [];
  for (const snapshot of all) {
    const last = kept.at(-1);
    if (!last || snapshot.time - last.time >= step) kept.push(snapshot);
  }
  // What happened last belongs to the point before, if it is too short for one of its own.
  const [end, last] = [all.at(-1), kept.at(-1)];
  if (end && last && end !== last) {
    if (kept.length > 1 && end.time - last.time < step / 2) kept.pop();
    kept.push(end);
  }
  return kept;
}

/** Returns evenly spaced totals of the ledger. */
function totalsAt(recording: Recording, window: TimeWindow, points: number): Totals[] {
  const ledger = ledgerOf(recording);
  return evenly(window, points).map((time) => ledger.at(time));
}

function evenly({ from, to }: TimeWindow, points: number): number[] {
  if (to <= from) return [];
  return Array.from({ length: points + 1 }, (_, at) => from + ((to - from) * at) / points);
}

function originOf(recording: Recording, { from, to }: TimeWindow): Origin {
  return isComplete(recording, from, to) ? 'events' : 'sample';
}

function finishedOf(metrics: Metrics, outcome: Outcome): number {
  return outcome === 'processed' ? metrics.processed : metrics.failed_by_status[outcome];
}

function rate(records: number, nanoseconds: number): number | null {
  return nanoseconds > 0 ? (Math.max(0, records) / nanoseconds) * 1e9 : null;
}
