// What an event log says of its run besides its events. `crates/core/src/trace/tables.rs` describes the tables, and has
// checked the times and the settings of those that are read.

import type { Metrics } from '../engine/generated/Metrics';
import type { PartialConfig } from '../engine/partial';
import { MAX_MARKS, markText } from '../marks';
import type { Mark } from '../marks';
import type { Recording, Snapshot } from '../recording/recording';
import { settingsOf } from './settings-of';

export interface LogTables {
  /** The settings from each time on at which they were changed. */
  changes?: { at_ns: number; config: PartialConfig }[];
  /** Measurements while the run went on. */
  metrics?: Measured[];
  /** The measurement at its end. */
  final?: Measured;
  /** Numbers and ids of traced records, and their lines in the results. */
  records?: LoggedRecord[];
  marks?: { at_ns: number; text: string }[];
}

type LoggedRecord = [number: number, id: string, line?: string];

interface Measured {
  at_ns: number;
  metrics: Metrics;
}

/** How many measurements a log has at most, besides the one at the end. */
const MAX_MEASURED = 256;

/**
 * Returns the tables of a recording.
 *
 * @param withIds whether to tell the ids of records, which are values of the user's data
 * @param lines the lines of records in the results, by number; they are told only with the ids
 */
export function tablesOf(
  recording: Recording,
  marks: readonly Mark[],
  { withIds, lines = recording.lines }: { withIds: boolean; lines?: ReadonlyMap<number, string> },
): LogTables {
  const changes = recording.adjustments.map(({ time, after }) => ({
    at_ns: Math.round(time),
    config: settingsOf(after),
  }));
  const final = recording.finalMetrics;
  // If every record is in the log, the events say more.
  const measured = recording.isExhaustive ? [] : thinned(recording.snapshots, MAX_MEASURED);
  const withLine = ([number, id]: [number, string]): LoggedRecord => {
    const line = lines.get(number);
    return line === undefined ? [number, id] : [number, id, line];
  };
  const records = withIds ? Array.from(recording.ids, withLine) : [];
  return {
    ...(changes.length > 0 ? { changes } : {}),
    ...(measured.length > 0 ? { metrics: measured.map(rowOf) } : {}),
    ...(final ? { final: rowOf({ time: final.elapsed_seconds * 1e9, metrics: final }) } : {}),
    ...(records.length > 0 ? { records } : {}),
    ...(marks.length > 0
      ? { marks: marks.map(({ time, text }) => ({ at_ns: Math.round(time), text })) }
      : {}),
  };
}

/** Reasons and notices quote values of the user's data. */
function rowOf({ time, metrics }: Snapshot): Measured {
  return { at_ns: Math.round(time), metrics: { ...metrics, reasons: [], notices: [] } };
}

/** Returns at most so many of the snapshots, evenly chosen. */
function thinned(snapshots: readonly Snapshot[], most: number): Snapshot[] {
  const every = Math.max(1, Math.ceil(snapshots.length / most));
  return snapshots.filter((_, at) => (snapshots.length - 1 - at) % every === 0);
}

export interface ReadTables extends Required<Pick<LogTables, 'changes' | 'metrics' | 'records'>> {
  final: Metrics | null;
  marks: Mark[];
}

/**
 * Reads tables. They come from anybody's file, so what isn't as it must be is left out.
 *
 * @param json as the engine returns it: an object; null if a log has none
 */
export function readTables(json: string | null): ReadTables {
  const tables = (json === null ? {} : JSON.parse(json)) as Record<keyof LogTables, unknown>;
  const { changes, metrics, final, records, marks } = tables;
  return {
    changes: (changes ?? []) as ReadTables['changes'],
    metrics: listOf(metrics).filter(isMeasured),
    final: isMeasured(final) ? final.metrics : null,
    records: listOf(records).filter(isRecord),
    marks: listOf(marks)
      .filter(isMark)
      .slice(0, MAX_MARKS)
      .map(({ at_ns: time, text }) => ({ time, text: markText(text) })),
  };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

function isRecord(value: unknown): value is LoggedRecord {
  const [number, id, line = ''] = listOf(value);
  return Number.isSafeInteger(number) && typeof id === 'string' && typeof line === 'string';
}

function isMark(value: unknown): value is { at_ns: number; text: string } {
  return has(value, { at_ns: 'number', text: 'string' });
}

function isMeasured(value: unknown): value is Measured {
  return has(value, { at_ns: 'number', metrics: 'object' }) && isMetrics(value.metrics);
}

const TOTALS = names(
  'produced processed failed anomalies elapsed_seconds records_per_second processed_bytes failed_bytes input_bytes threads batch trace_sample trace_dropped_records trace_dropped_task_events',
);
const STATUSES = names('invalid transformation_error');
const DISTRIBUTION = names('count mean_seconds p50_seconds p90_seconds p99_seconds max_seconds');
const WORKER = names('records busy_seconds ready_seconds waiting_seconds blocked_seconds');
const CHANNEL = {
  ...names('capacity depth highest_depth passed blocked_sends blocked_seconds'),
  channel: 'string',
} as const;
const STATES: readonly unknown[] = ['busy', 'ready', 'blocked', 'waiting', null];

function isMetrics(value: object): value is Metrics {
  if (!has(value, { ...TOTALS, failed_by_status: 'object', latency: 'object' })) return false;
  const { latency, failed_by_status: statuses } = value;
  const { stages, channels, total_value: sum } = value as Partial<Record<keyof Metrics, unknown>>;
  return (
    has(statuses, STATUSES) &&
    has(latency, { processed: 'object', failed: 'object' }) &&
    [latency.processed, latency.failed].every(
      (of) =>
        has(of, { from_production: 'object', from_due: 'object' }) &&
        has(of.from_production, DISTRIBUTION) &&
        has(of.from_due, DISTRIBUTION),
    ) &&
    (sum === null || typeof sum === 'number') &&
    Array.isArray(stages) &&
    stages.every(isStage) &&
    Array.isArray(channels) &&
    channels.every((channel: unknown) => has(channel, CHANNEL))
  );
}

function isStage(value: unknown): boolean {
  if (!has(value, { stage: 'string', workers: 'object' })) return false;
  const { workers } = value;
  return (
    Array.isArray(workers) &&
    workers.every(
      (worker: unknown) =>
        has(worker, WORKER) &&
        STATES.includes((worker as { state?: unknown }).state) &&
        // The sum of several workers says how many.
        ['undefined', 'number'].includes(typeof (worker as { count?: unknown }).count),
    )
  );
}

/** The types of the members of a table, as `typeof` names them. */
type Types = Readonly<Record<string, 'number' | 'string' | 'object'>>;
interface Named {
  number: number;
  string: string;
  object: object;
}

function names(list: string): Readonly<Record<string, 'number'>> {
  return Object.fromEntries(list.split(' ').map((name) => [name, 'number']));
}

/** Whether a value is a table with these members. Numbers from JSON are finite. */
function has<T extends Types>(value: unknown, types: T): value is { [K in keyof T]: Named[T[K]] } {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(types).every(([name, type]) => {
    const member: unknown = Reflect.get(value, name);
    return typeof member === type && member !== null;
  });
}
