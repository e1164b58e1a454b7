// Diagnoses what limits a run at the time on screen: chooses the window and the metrics to look at.

import type { Config } from '../engine/generated/Config';
import type { Metrics } from '../engine/generated/Metrics';
import type { Recording } from '../recording/recording';
import { diagnose } from './bottleneck';
import type { Diagnosis, Saturation } from './bottleneck';
import { saturationOf } from './saturation';
import { isComplete, ledgerOf } from './ledger';
import { metricsFromEvents } from './metrics-from-events';
import type { TimeWindow } from './series';
import { fittingLookback, windowBefore } from './lookback';

/**
 * What the window is: the last moments of a run that goes on, those before the moment on screen, the whole run, or all of
 * it since the last change of its settings.
 */
export type Scope = 'live' | 'replay' | 'run' | 'since-change';

export interface LimitAt {
  diagnosis: Diagnosis;
  /** The window of the diagnosis, in nanoseconds of the run. */
  window: TimeWindow;
  /** The configuration at that time. */
  config: Config;
  /** The metrics at the end of the window, and at its beginning unless that is the run's. */
  now: Metrics;
  before: Metrics | undefined;
  scope: Scope;
  /** Whether the metrics were measured by the engine rather than derived from events. */
  isMeasured: boolean;
}

/** How many measurements a window needs. */
const FEW = 4;

/** How far to look back, in nanoseconds: no further than necessary for enough evidence. */
const MIN_LOOKBACK = 2e9;
const MAX_LOOKBACK = 120e9;
const FURTHER = 2.5;

/** Returns null if nothing is known of that time. */
export function limitAt(recording: Recording, time: number, cores: number): LimitAt | null {
  const end = Math.min(time, recording.duration);
  const isOver = recording.isOverAt(end);
  const whole = isOver ? ofRun(recording, end, cores) : null;
  if (whole) return whole;
  const scope = recording.origin === 'live' && !isOver ? 'live' : 'replay';
  const { duration } = recording;
  // What was measured with other settings is not about these.
  const begin = recording.unchangedSince(end);
  let length = duration >= MIN_LOOKBACK ? MIN_LOOKBACK : fittingLookback(duration);
  for (;;) {
    const { from, to } = windowBefore(end, length);
    const window = { from: Math.max(begin, from), to };
    const found = within(recording, window, cores);
    if (!isThin(found) || window.from === begin || length >= MAX_LOOKBACK) {
      const any = found ?? (begin === 0 ? measuredOnce(recording, end, cores) : null);
      return any && { ...any, scope };
    }
    length *= FURTHER;
  }
}

/** Of a run that is over: all of it since its settings changed for the last time, or from its beginning. */
function ofRun(recording: Recording, end: number, cores: number): LimitAt | null {
  const begin = recording.unchangedSince(end);
  const last = begin > 0 ? within(recording, { from: begin, to: end }, cores) : null;
  if (last && !isThin(last) && last.diagnosis.limit !== 'over') {
    return { ...last, scope: 'since-change' };
  }
  // The last measurement is from the end, and about all of it.
  const whole =
    measuredOnce(recording, end, cores) ?? counted(recording, { from: 0, to: end }, cores);
  return whole && { ...whole, scope: 'run' };
}

type Found = Omit<LimitAt, 'scope'>;

function isThin(found: Found | null): boolean {
  return found === null || found.diagnosis.limit === 'too-early';
}

function within(recording: Recording, window: TimeWindow, cores: number): Found | null {
  return measured(recording, window, cores) ?? counted(recording, window, cores);
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
function measured(recording: Recording, window: TimeWindow, cores: number): Found | null {
  const within = recording.snapshots.filter(({ time }) => time > window.from && time <= window.to);
  const last = within.at(-1);
  if (within.length < FEW || !last) return null;
  const first = window.from > 0 ? (recording.snapshotAt(window.from) ?? within[0]) : undefined;
  const from = first?.time ?? 0;
  const saturation = saturationOf(recording, { from, to: last.time });
  const found = {
    ...{ now: last.metrics, before: first?.metrics },
    ...{ window: { from, to: last.time }, config: recording.configAt(window.to) },
  };
  return { ...found, isMeasured: true, diagnosis: diagnosed(recording, found, cores, saturation) };
}

/** From the events, if every record is traced: for short windows they say more. */
function counted(recording: Recording, { from, to }: TimeWindow, cores: number): Found | null {
  if (!isComplete(recording, from, to) || ledgerOf(recording).end === 0) return null;
  const found = {
    now: metricsFromEvents(recording, to),
    before: from > 0 ? metricsFromEvents(recording, from) : undefined,
    ...{ window: { from, to }, config: recording.configAt(to) },
  };
  return { ...found, isMeasured: false, diagnosis: diagnosed(recording, found, cores) };
}

/** From the last measurement, over the run from its beginning. A log may have only that at its end. */
function measuredOnce(recording: Recording, time: number, cores: number): Found | null {
  const last = recording.measuredAt(time);
  // A run that has just begun has measured nothing.
  if (!last || last.metrics.elapsed_seconds <= 0) return null;
  const found = {
    ...{ now: last.metrics, before: undefined },
    ...{ window: { from: 0, to: last.time }, config: recording.configAt(time) },
  };
  return { ...found, isMeasured: true, diagnosis: diagnosed(recording, found, cores) };
}

/** While a run is paused its clock stands still, so what limited it before is what there is to say. */
function diagnosed(
  recording: Recording,
  { now, before, config }: Pick<LimitAt, 'now' | 'before' | 'config'>,
  cores: number,
  saturation: Saturation = new Map(),
): Diagnosis {
  const running = now.paused ? { ...now, paused: false } : now;
  return diagnose(running, before, config, cores, saturation, recording.topology);
}
