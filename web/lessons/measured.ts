// What was measured in the runs of a lesson: the quantities of docs/lessons.md, each from the event log and the metrics of
// a run, as `crates/cli/src/lesson/measured.rs` does it for the command.

import { percentile } from '../analysis/latency';
import type { Metrics } from '../engine/generated/Metrics';
import { KIND, FIRST_CHANNEL } from '../recording/events';
import type { EventLog } from '../recording/event-log';
import type { Recording } from '../recording/recording';
import { STANDARD } from '../recording/topology';
import type { Measure, Quantity } from './lesson';

/** A run that has ended, with what it wrote. */
export interface FinishedRun {
  recording: Recording;
  metrics: Metrics;
  /** The lines of both files. */
  output: { processed: string; failed: string };
}

/** The runs of a lesson by name; the one of the challenge has the name null. */
export type Runs = ReadonlyMap<string | null, FinishedRun>;

/** What the events of a run say. Times are in seconds. */
interface Figures {
  /** From production to the file, in ascending order. */
  latencies: Float64Array;
  /** From when a record was due by the rate limit, in ascending order. */
  latenciesFromDue: Float64Array;
  lastProduced: number;
}

const known = new WeakMap<FinishedRun, Figures>();

function figuresOf(run: FinishedRun): Figures {
  const present = known.get(run);
  if (present) return present;
  const { log, config } = run.recording;
  const { rate_limit: rate, burst } = config.generator;
  const produced = new Map<number, number>();
  const [latencies, fromDue]: [number[], number[]] = [[], []];
  let lastProduced = 0;
  for (let index = log.begin; index < log.end; index += 1) {
    const record = log.record(index);
    const time = log.time(index) / 1e9;
    if (log.kind(index) === KIND.produced) {
      produced.set(record, time);
      lastProduced = time;
    } else if (log.kind(index) === KIND.written) {
      const made = produced.get(record);
      if (made === undefined) continue;
      latencies.push(time - made);
      const due = rate > 0 ? (Math.floor(record / burst) * burst) / rate : made;
      fromDue.push(time - Math.min(due, made));
    }
  }
  const figures = {
    latencies: Float64Array.from(latencies).sort(),
    latenciesFromDue: Float64Array.from(fromDue).sort(),
    lastProduced,
  };
  known.set(run, figures);
  return figures;
}

/** Returns what is measured; NaN if it didn't happen in the run. */
export function measured({ of, over }: Measure, runs: Runs): number {
  const value = quantity(of, runs);
  return over ? value / quantity(over, runs) : value;
}

function quantity(wanted: Quantity, runs: Runs): number {
  const run = runs.get(wanted.run);
  if (!run) return NaN;
  const { metrics } = run;
  const elapsed = metrics.elapsed_seconds;
  switch (wanted.quantity) {
    case 'rate':
      return (metrics.processed + metrics.failed) / elapsed;
    case 'end':
      return elapsed;
    case 'processed':
      return metrics.processed;
    case 'failed':
      return metrics.failed;
    case 'p50':
      return percentile(figuresOf(run).latencies, 0.5) ?? NaN;
    case 'p99':
      return percentile(figuresOf(run).latencies, 0.99) ?? NaN;
    case 'max':
      return figuresOf(run).latencies.at(-1) ?? NaN;
    case 'p99_due':
      return percentile(figuresOf(run).latenciesFromDue, 0.99) ?? NaN;
    case 'drain':
      return elapsed - figuresOf(run).lastProduced;
    case 'busy':
    case 'ready':
    case 'blocked':
    case 'waiting': {
      const workers = workersOf(metrics, wanted.stage);
      const of = `${wanted.quantity}_seconds` as const;
      const sum = workers.reduce((sum, worker) => sum + worker[of], 0);
      return sum / (elapsed * workers.length);
    }
    case 'in_work': {
      const workers = workersOf(metrics, wanted.stage);
      return workers.reduce((sum, worker) => sum + worker.busy_seconds, 0) / elapsed;
    }
    case 'depth':
      return depthAt(
        run.recording.log,
        nodeOf(wanted),
        Math.round((wanted.time_seconds ?? 0) * 1e9),
      );
    case 'first_full':
      return firstFull(run, wanted);
    case 'blocked_sends':
      return metrics.channels
        .filter(({ channel }) => wanted.channel === undefined || channel === wanted.channel)
        .reduce((sum, channel) => sum + channel.blocked_sends, 0);
    case 'same_output':
    case 'same_events': {
      const other = runs.get(wanted.other_run ?? null);
      if (!other) return NaN;
      const isSame =
        wanted.quantity === 'same_output'
          ? isSameOutput(run, other)
          : isSameLog(run.recording.log, other.recording.log);
      return isSame ? 1 : 0;
    }
  }
}

function workersOf({ stages }: Metrics, id: string | undefined) {
  return stages.find(({ stage }) => stage === id)?.workers ?? [];
}

function nodeOf({ channel }: Quantity): number {
  const at = STANDARD.channels.findIndex(({ id }) => id === channel);
  return FIRST_CHANNEL + at;
}

function depthAt(log: EventLog, node: number, time: number): number {
  let depth = 0;
  for (let index = log.begin; index < log.end && log.time(index) <= time; index += 1) {
    if (log.node(index) === node) depth += change(log.kind(index));
  }
  return depth;
}

function firstFull({ recording: { log }, metrics }: FinishedRun, wanted: Quantity): number {
  const { capacity } = metrics.channels.find(({ channel }) => channel === wanted.channel) ?? {};
  if (capacity === undefined) return NaN;
  const node = nodeOf(wanted);
  let depth = 0;
  for (let index = log.begin; index < log.end; index += 1) {
    if (log.node(index) !== node) continue;
    depth += change(log.kind(index));
    if (depth >= capacity) return log.time(index) / 1e9;
  }
  return Infinity;
}

function change(kind: number): number {
  return kind === KIND.arrive ? 1 : kind === KIND.depart ? -1 : 0;
}

function isSameOutput({ output: one }: FinishedRun, { output: other }: FinishedRun): boolean {
  return one.processed === other.processed && one.failed === other.failed;
}

/** Whether two logs tell the same events. On which threads they happened doesn't count. */
function isSameLog(one: EventLog, other: EventLog): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) {
    const [a, b] = [one.begin + at, other.begin + at];
    const isSame =
      one.time(a) === other.time(b) &&
      one.kind(a) === other.kind(b) &&
      one.node(a) === other.node(b) &&
      one.worker(a) === other.worker(b) &&
      one.record(a) === other.record(b);
    if (!isSame) return false;
  }
  return true;
}
