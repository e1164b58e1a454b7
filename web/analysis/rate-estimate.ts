// A rate of records, and how well it is known: two rates that differ by less than chance makes them differ are the same.

/** Records per second. */
export interface RateEstimate {
  rate: number;
  /** Its standard error. */
  error: number;
  /** What it was measured from, in nanoseconds of the run. */
  from: number;
  to: number;
  records: number;
}

/** How many records a bin needs, and how many bins there are. */
const RECORDS_A_BIN = 6;
const [MIN_BINS, MAX_BINS] = [4, 12];

/** With few bins, their spread is itself little known; this makes up for it. */
const FEW_BINS = 1.15;

/**
 * Estimates a rate from how many records were finished up to each of several moments, evenly spaced. Arrivals that are
 * not independent of each other vary less, or more, than chance would have it: how much is taken from the spread between
 * parts of the time.
 */
export function estimateRate(
  moments: readonly { time: number; finished: number }[],
): RateEstimate | null {
  const [first, last] = [moments[0], moments.at(-1)];
  if (!first || !last || last.time <= first.time) return null;
  const seconds = (last.time - first.time) / 1e9;
  const records = last.finished - first.finished;
  const bins = Math.min(MAX_BINS, Math.max(MIN_BINS, Math.floor(records / RECORDS_A_BIN)));
  const step = (moments.length - 1) / bins;
  if (step < 1) return null;
  const edges = Array.from({ length: bins + 1 }, (_, at) => moments[Math.round(at * step)] ?? last);
  const mean = records / bins;
  const squares = edges.slice(1).reduce((sum, edge, at) => {
    const before = edges[at] ?? first;
    // Bins aren't of the same length where moments are few.
    const share = (edge.time - before.time) / (last.time - first.time);
    return sum + (edge.finished - before.finished - records * share) ** 2;
  }, 0);
  const variance = (squares / (bins - 1)) * bins * FEW_BINS;
  // A count at two moments is never better known than to the record.
  const error = Math.max(Math.sqrt(mean > 0 ? variance : 0), 0.5) / seconds;
  return { rate: records / seconds, error, from: first.time, to: last.time, records };
}

/** How many standard errors two rates must be apart to differ. */
const APART = 2;

/** A difference below this share is none, however well it is known. */
const NEGLIGIBLE = 0.01;

/** Returns how much larger the second rate is, as a share; 0 if they are the same as far as can be told. */
export function changeOf(before: RateEstimate, after: RateEstimate): number {
  if (before.rate <= 0) return 0;
  const difference = after.rate - before.rate;
  if (Math.abs(difference) < APART * Math.hypot(before.error, after.error)) return 0;
  const share = difference / before.rate;
  return Math.abs(share) < NEGLIGIBLE ? 0 : share;
}
