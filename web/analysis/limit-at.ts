// Diagnoses what limits a run at the time on screen: chooses the window and the metrics to look at.

import type { Config } from '../engine/generated/Config';
import type { Recording } from '../recording/recording';
import { diagnose } from './bottleneck';
import type { Diagnosis } from './bottleneck';
import { saturationOf } from './saturation';
import { isComplete, ledgerOf } from './ledger';
import { metricsFromEvents } from './metrics-from-events';
import type { TimeWindow } from './series';
import { fittingLookback, windowBefore } from './lookback';

export interface LimitAt {
  diagnosis: Diagnosis;
  /** The window of the diagnosis, in nanoseconds of the run. */
  window: TimeWindow;
  /** The configuration at that time. */
  config: Config;
  /** Whether the metrics were measured by the engine rather than derived from events. */
  isMeasured: boolean;
}

/** How many measurements a window needs. */
const FEW = 4;

/** How far to look back, in nanoseconds: no further than necessary for enough evidence. */
const MIN_LOOKBACK = 2e9;
const MAX_LOOKBACK = 10e9;
const FURTHER = 2.5;

/** Returns null if nothing is known of that time. */
export function limitAt(recording: Recording, time: number, cores: number): LimitAt | null {
  const end = Math.min(time, recording.duration);
  const { duration } = recording;
  // What was measured with other settings is not about these.
  const begin = recording.unchangedSince(end);
  let length = duration >= MIN_LOOKBACK ? MIN_LOOKBACK : fittingLookback(duration);
  for (;;) {
    const { from, to } = windowBefore(end, length);
    const window = { from: Math.max(begin, from), to };
    const found = measured(recording, window, cores) ?? counted(recording, window, cores);
    const isThin = found === null || found.diagnosis.limit === 'too-early';
    if (!isThin || window.from === begin || length >= MAX_LOOKBACK) {
      return found ?? (begin === 0 ? measuredOnce(recording, end, cores) : null);
    }
    length *= FURTHER;
  }
}

/**
 * Returns whether nothing is known of a time only because the run has just begun or its settings have just changed, and
 * not for lack of events.
 */
export function isTooEarly(recording: Recording, time: number): boolean {
  // A run on this page is measured all along, unless its time is simulated.
  return (
    (recording.origin !== 'file' && !recording.isVirtual) ||
    recording.unchangedSince(time) > 0 ||
    (recording.sampleAt(time) <= 1 && ledgerOf(recording).missed === 0)
  );
}

/** From the engine's measurements, if there are enough of them. */
function measured(recording: Recording, window: TimeWindow, cores: number): LimitAt | null {
  const within = recording.snapshots.filter(({ time }) => time > window.from && time <= window.to);
  const last = within.at(-1);
  if (within.length < FEW || !last) return null;
  const first = window.from > 0 ? (recording.snapshotAt(window.from) ?? within[0]) : undefined;
  const from = first?.time ?? 0;
  const saturation = saturationOf(recording, { from, to: last.time });
  const config = recording.configAt(window.to);
  const diagnosis = diagnose(
    ...([last.metrics, first?.metrics, config, cores, saturation, recording.topology] as const),
  );
  return { diagnosis, window: { from, to: last.time }, config, isMeasured: true };
}

/** From the events, if every record is traced: for short windows they say more. */
function counted(recording: Recording, { from, to }: TimeWindow, cores: number): LimitAt | null {
  if (!isComplete(recording, from, to) || ledgerOf(recording).end === 0) return null;
  const before = from > 0 ? metricsFromEvents(recording, from) : undefined;
  const now = metricsFromEvents(recording, to);
  const config = recording.configAt(to);
  const diagnosis = diagnose(now, before, config, cores, new Map(), recording.topology);
  return { diagnosis, window: { from, to }, config, isMeasured: false };
}

/** From the last measurement, over the run from its beginning. */
function measuredOnce(recording: Recording, time: number, cores: number): LimitAt | null {
  const last = recording.snapshotAt(time);
  // A run that has just begun has measured nothing.
  if (!last || last.metrics.elapsed_seconds <= 0) return null;
  const config = recording.configAt(time);
  const diagnosis = diagnose(
    ...([last.metrics, undefined, config, cores, new Map(), recording.topology] as const),
  );
  return { diagnosis, window: { from: 0, to: last.time }, config, isMeasured: true };
}
