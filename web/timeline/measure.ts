// What happened between two times: how many records ended, how fast, and by Little's law how many were in flight.

import type { TimeWindow } from '../analysis/series';
import { digits } from '../analysis/format-time';
import { seconds } from '../format';
import { DEPTH_INTEGRAL } from './step-track';
import type { TimelineData } from './timeline-data';

export interface Measurement {
  window: TimeWindow;
  /** How many records were born, and how many ended. */
  births: number;
  records: number;
  /** λ: how many ended per second. */
  rate: number;
  /** W: how long those had been in flight on average, in seconds; null if there are none. */
  wait: number | null;
  /** L: how many were in flight on average. */
  inFlight: number;
}

/**
 * Measures a part of a run; null if not every record is known there.
 *
 * @param until how far the run is known, in nanoseconds
 */
export function measure(
  data: TimelineData,
  window: TimeWindow,
  until = data.readUntil,
): Measurement | null {
  const from = Math.min(window.from, window.to);
  const to = Math.min(until, Math.max(window.from, window.to));
  if (to <= from || !data.isExactAt(from) || !data.isExactAt(to)) return null;
  const { ends, inFlight } = data;
  const [first, behind] = [ends.after(from), ends.after(to)];
  const records = behind - first;
  return {
    window: { from, to },
    births: data.births.between(from, to),
    records,
    rate: (records / (to - from)) * 1e9,
    wait: records > 0 ? ends.lengths(first, behind) / records / 1e9 : null,
    inFlight: (inFlight.sumsBetween(from, to)[DEPTH_INTEGRAL] ?? 0) / (to - from),
  };
}

/** λ·W may differ from L by this share of it without a word. */
const CLOSE = 0.05;

/** Describes a measurement: `2.50 s: 15 records, 6.0/s × 3.0 s = 17.9 in flight`. */
export function measureText(measurement: Measurement): string {
  const { window, births, records, rate, wait, inFlight } = measurement;
  const length = seconds((window.to - window.from) / 1e9);
  const what = records === 1 ? '1 record' : `${records.toLocaleString('en')} records`;
  if (wait === null) return `${length}: no record ended, ${short(inFlight)} in flight`;
  const product = rate * wait;
  const law = `${length}: ${what}, ${short(rate)}/s × ${seconds1(wait)} = ${short(product)} in flight`;
  if (Math.abs(product - inFlight) <= CLOSE * Math.max(inFlight, 1)) return law;
  // The law holds for a time in which as many come as go.
  const why = births > records ? 'it fills' : births < records ? 'it drains' : 'the time is short';
  return `${law}; ${short(inFlight)} counted: ${why}`;
}

const short = (value: number): string => (value < 100 ? value.toFixed(1) : digits(value));

const seconds1 = (value: number): string => (value < 1 ? seconds(value) : `${value.toFixed(1)} s`);
