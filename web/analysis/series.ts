// What a run was like over time: lines for charts, and the same numbers for tables.
//
// Measurements of the engine are of all records, but few where a run is short; a virtual run of hours may have two.
// Where they are few, and in a recorded file where there are none, the numbers are worked out from the events.

import type { Metrics } from '../engine/generated/Metrics';
import type { Stage } from '../engine/generated/Stage';
import { CHANNELS, STAGES } from '../recording/events';
import type { Recording, Snapshot } from '../recording/recording';
import type { Outcome } from './completions';
import { distribution } from './latency';
import { isComplete, ledgerOf } from './ledger';
import type { Totals } from './ledger';
import { sharesBetween } from './time-shares';
import { WORKER_STATES } from './worker-state-machine';
import type { WorkerState } from '../engine/generated/WorkerState';

/** From a time to a time, in nanoseconds since the run began. */
export interface TimeWindow {
  from: number;
  to: number;
}

/** `measured` by the engine; `events`: every record was traced; `sample`: worked out from some records. */
export type Origin = 'measured' | 'events' | 'sample';

export interface Line {
  label: string;
  /** One for each time; null where nothing is known. */
  values: (number | null)[];
}

export interface Chart {
  /** Seconds since the run began: the ends of the times that the values are of. */
  times: number[];
  lines: Line[];
  origin: Origin;
}

/** So few measurements make no chart. */
const FEW = 20;

/** So many points are enough for a line. */
const POINTS = 120;

/** With fewer records for each point, a line shows chance rather than speed. */
const RECORDS_A_POINT = 8;

const OUTCOMES: readonly { label: string; outcome: Outcome }[] = [
  { label: 'processed', outcome: 'processed' },
  { label: 'invalid', outcome: 'invalid' },
  { label: 'transformation errors', outcome: 'transformation_error' },
];

export const WORKER_STATE_NAMES: Readonly<Record<WorkerState, string>> = {
  busy: 'busy',
  ready: 'ready (no thread)',
  blocked: 'blocked',
  waiting: 'waiting',
};

/** Records a second, by what became of them. */
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

/** How many records are in each channel: at each measurement or, from events, on average since the one before. */
export function depths(recording: Recording, window: TimeWindow, points = POINTS): Chart {
  const channels = CHANNELS.map((label, channel) => ({ label, channel }));
  const measured = measurements(recording, window, points);
  if (measured) {
    return chart(measured, 'measured', channels, (line, _, after) => {
      return after.metrics.channels[line.channel]?.depth ?? null;
    });
  }
  return chart(
    totalsAt(recording, window, points),
    originOf(recording, window),
    channels,
    (line, before, after) => {
      const passed = after.time - before.time;
      const held =
        after.channel(line.channel).depthIntegral - before.channel(line.channel).depthIntegral;
      return passed > 0 ? Math.max(0, held / passed) : null;
    },
  );
}

/** How the workers of a stage spent their time, as shares. */
export function utilisation(
  recording: Recording,
  stage: Stage,
  window: TimeWindow,
  points = POINTS,
): Chart {
  const states = WORKER_STATES.map((state) => ({ label: WORKER_STATE_NAMES[state], state }));
  const measured = measurements(recording, window, points);
  if (measured) {
    // The four lines are parts of one.
    const found = new Map(
      measured.map((after, at) => [
        after,
        sharesBetween(stage, after.metrics, measured[at - 1]?.metrics),
      ]),
    );
    return chart(measured, 'measured', states, (line, _, after) => {
      return found.get(after)?.[line.state] ?? null;
    });
  }
  const place = STAGES.indexOf(stage);
  // What a worker does with records that are not traced is not seen: it would seem to wait.
  if (originOf(recording, window) === 'sample') return chart([], 'sample', states, () => null);
  return chart(
    totalsAt(recording, window, points),
    originOf(recording, window),
    states,
    (line, before, after) => {
      const spent = (state: WorkerState) =>
        after.timeIn(place, state) - before.timeIn(place, state);
      const all = WORKER_STATES.reduce((sum, state) => sum + spent(state), 0);
      return all > 0 ? spent(line.state) / all : null;
    },
  );
}

/** How long traced records took from their birth until they were written and counted, in seconds. */
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

/** As many points as there are records for. */
function enough(recording: Recording, { from, to }: TimeWindow): number {
  const records = ledgerOf(recording).completions.between(from, to).length;
  return Math.min(POINTS, Math.max(10, Math.floor(records / RECORDS_A_POINT)));
}

/** Values for each line from each two moments that follow each other. */
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

/** A measurement, or the beginning, when there was nothing yet. */
interface Measured {
  time: number;
  metrics: Metrics | undefined;
}

/** Measurements within a time, about evenly; null if they are too few and events say more. */
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
  return kept;
}

/** The totals of a ledger, evenly. */
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
